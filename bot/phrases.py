"""The phrases that are said in every call are ready before they are needed."""

from collections.abc import Iterator
from contextlib import contextmanager

from bot.prompts import Prompts
from bot.recording.notice import greeting_of
from bot.release import ReleaseSource
from bot.releases.watch import LOOK_EVERY_S, ReleaseWatch
from bot.sentences import cut_sentences
from bot.speech import Speech


@contextmanager
def phrases_ready(
    speech: Speech,
    releases: ReleaseSource,
    look_every_s: float = LOOK_EVERY_S,
    *,
    recorded: bool = False,
) -> Iterator[None]:
    """Prepare what any call needs now, and aside from the calls the rest and later releases.

    ``recorded`` is whether calls are, which callers have to be told.
    """
    speech.prepare(_of_any_call(releases.current().prompts, recorded))
    watch = ReleaseWatch(
        releases,
        lambda release: speech.prepare(fixed_phrases(release.prompts, recorded=recorded)),
        look_every_s,
    )
    watch.start()
    try:
        yield
    finally:
        watch.stop()


def fixed_phrases(prompts: Prompts, *, recorded: bool = False) -> list[str]:
    """What is said in the same words in many calls, as it is given to the voice."""
    small_talk = [talk.answer for talk in prompts.small_talk.values()]
    return [
        *_of_any_call(prompts, recorded),
        *(sentence for answer in small_talk for sentence in cut_sentences(answer)),
    ]


def _of_any_call(prompts: Prompts, recorded: bool) -> list[str]:
    return [
        greeting_of(prompts, recorded=recorded),
        *((prompts.recording_notice,) if recorded else ()),
        prompts.apology,
        prompts.not_heard,
        prompts.no_answer,
        prompts.idle_prompt,
        prompts.idle_prompt_again,
        prompts.goodbye,
        prompts.all_busy,
        prompts.too_long,
        prompts.closing_soon,
        prompts.transfer_notice,
        *prompts.fillers,
    ]
