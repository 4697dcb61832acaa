"""Drafts become releases: the jobs that publish them are started here."""

from bot.retrieval import Base
from webadmin.api.inservice import publisher
from webadmin.knowledge.blueprint import BASE_TITLES, drafts
from webadmin.knowledge.draftstore import Draft
from webadmin.knowledge.publishing import PUBLISHING, DraftPublication
from webadmin.services import services


def start_publication(draft: Draft) -> None:
    """Have a draft published in place of the text it was made from.

    Raises :class:`bot.errors.BusyError` while something else is being published.
    """
    store = services().releases
    original = store.content(store.record(draft.based_on)).bases[draft.kb]
    work = DraftPublication(publisher(), drafts(), draft, drafts().text(draft), original)
    drafts().change(draft.id, problem="")
    job = services().jobs.start(PUBLISHING, draft.author, work, title=publication_title(draft.kb))
    drafts().change(draft.id, job=job.id)


def publication_title(kb: Base) -> str:
    """What the publication of a base is called."""
    return f"Публикация: {BASE_TITLES[kb].lower()}"
