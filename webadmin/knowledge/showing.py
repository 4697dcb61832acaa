"""``/logs-ui/knowledge``: both bases, what is under way, and each base as operators read it."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from bot.documents.limits import MARKDOWN_BYTES
from bot.releases.record import ReleaseRecord
from bot.retrieval import BASES, Base
from webadmin.api.inservice import in_service
from webadmin.jobrecords import Job
from webadmin.knowledge.blueprint import KB, blueprint, drafts
from webadmin.knowledge.publishing import PUBLISHING, READING
from webadmin.knowledge.rendering import EditAddress, render
from webadmin.knowledge.sections import Section, sections_of
from webadmin.services import services
from webadmin.takenup import take_up_state

_LOOKED_BACK = 200
"""Releases read to find the last change of a base; of older ones the page says nothing."""


@dataclass(frozen=True)
class BaseCard:
    """A base in short."""

    kb: Base
    sections: int
    characters: int
    changed: ReleaseRecord | None
    """The release that brought the text as it is."""


@blueprint.get("/logs-ui/knowledge")
def page() -> ResponseReturnValue:
    """Both bases, the release in service, and what is being done."""
    record, content = in_service()
    cards = [
        BaseCard(kb, len(sections_of(text)), len(text), _last_change(kb, record))
        for kb, text in ((kb, content.bases[kb]) for kb in BASES)
    ]
    return render_template(
        "knowledge/knowledge.html",
        record=record,
        cards=cards,
        take_up=take_up_state(),
        jobs=list(running_jobs()),
        drafts=drafts().unpublished(),
    )


@blueprint.get(f"/logs-ui/knowledge/{KB}")
def base(kb: Base) -> ResponseReturnValue:
    """One base with its table of contents; that of an older release with ``?release=``."""
    record, content = in_service()
    wanted = request.args.get("release", type=int) or record.number
    current = record.number
    if wanted != current:
        record = services().releases.record(wanted)
        content = services().releases.content(record)
    text = content.bases[kb]
    too_long = len(text.encode()) > MARKDOWN_BYTES
    return render_template(
        "knowledge/base.html",
        kb=kb,
        record=record,
        is_current=wanted == current,
        current=current,
        take_up=take_up_state(),
        rendered=None if too_long else render(text, _edit_address(kb, wanted == current)),
    )


def running_jobs() -> Iterator[Job]:
    """What is being done with the bases now."""
    for kind in (PUBLISHING, READING):
        job = services().jobs.latest(kind)
        if job and not job.has_ended:
            yield job


def _edit_address(kb: Base, is_current: bool) -> EditAddress | None:
    if not is_current:
        return None

    def address(section: Section) -> str:
        return url_for("knowledge.edit", kb=kb, heading=section.slug)

    return address


def _last_change(kb: Base, record: ReleaseRecord) -> ReleaseRecord | None:
    """The oldest release from which on the text was as it is in ``record``."""
    name, oldest = f"{kb}.md", record
    older = (one for one in services().releases.records() if one.number < record.number)
    for one in islice(older, _LOOKED_BACK):
        if one.files[name] != record.files[name]:
            return oldest
        oldest = one
    return oldest if oldest.number == 1 else None
