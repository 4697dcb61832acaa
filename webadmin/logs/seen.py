"""A page of the list as its reader may see it."""

from dataclasses import replace

from bot.calllog.asked import asked_words
from bot.calllog.excerpt import Excerpt, best_excerpt
from bot.calllog.reading import Page
from bot.masking_calls import mask_transcript
from webadmin.personal import readable, sees_personal_data
from webadmin.services import services


def seen_page(page: Page, q: str) -> Page:
    """The page, with its calls and the excerpts from them masked where they have to be."""
    if sees_personal_data():
        return page
    excerpts = {number: _excerpt(number, q) for number in page.excerpts}
    known = {number: excerpt for number, excerpt in excerpts.items() if excerpt}
    return replace(page, calls=readable(page.calls), excerpts=known)


def _excerpt(number: int, q: str) -> Excerpt | None:
    """Cut from the masked dialogue: a cut through a number would hide what it is."""
    call = services().call_log.call(number)
    return best_excerpt(mask_transcript(call.transcript_json), asked_words(q)) if call else None
