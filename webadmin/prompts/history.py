"""The releases that changed the prompts: listed, compared, their prompts published again."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest

from bot.errors import ChangeError
from bot.releases.content import PROMPTS_FILE
from bot.releases.record import ReleaseRecord
from webadmin.api.inservice import publisher
from webadmin.apikey import key_required
from webadmin.author import author
from webadmin.prompts.blueprint import blueprint, prompts_of_release, prompts_text
from webadmin.prompts.changes import shown_changes, told_changes
from webadmin.prompts.editing import told
from webadmin.redirecting import go_to
from webadmin.services import services
from webadmin.takenup import take_up_state
from webadmin.toasts import toast_on_next_page

PAGE = 30


@dataclass(frozen=True)
class Entry:
    """A release that changed the prompts, and the one before it (0: there is none)."""

    record: ReleaseRecord
    before: int
    changes: list[str]
    is_in_service: bool
    """Whether its prompts are those in service."""


@blueprint.get("/logs-ui/prompts/history")
def history() -> ResponseReturnValue:
    """The list, newest first; ``?before=`` begins below a release."""
    before = request.args.get("before", default=0, type=int)
    entries = (one for one in _entries() if not before or one.record.number < before)
    found = list(islice(entries, PAGE + 1))
    older = found[PAGE - 1].record.number if len(found) > PAGE else 0
    return render_template(
        "prompts/history.html",
        entries=found[:PAGE],
        before=before,
        older=older,
        in_service=services().releases.require_in_service(),
        take_up=take_up_state(),
    )


@blueprint.get("/logs-ui/prompts/compare")
def compare() -> ResponseReturnValue:
    """What the prompts of release ``?new=`` say otherwise than those of ``?old=``."""
    old, new = request.args.get("old", type=int), request.args.get("new", type=int)
    if old is None or new is None:
        raise BadRequest("Не сказано, какие выпуски сравнить. Откройте их из истории.")
    store = services().releases
    return render_template(
        "prompts/compare.html",
        old=store.record(old),
        new=store.record(new),
        changes=shown_changes(prompts_of_release(old), prompts_of_release(new)),
        in_service=store.require_in_service(),
    )


@blueprint.post("/logs-ui/prompts/releases/<int:number>/publish")
@key_required
def publish_again(number: int) -> ResponseReturnValue:
    """Publish the prompts of an older release, in place of those of release ``over``."""
    over = request.form.get("over", type=int)
    if over is None:
        raise ChangeError("Не сказано, вместо какого выпуска. Обновите страницу.")
    published = publisher().change_prompts(
        prompts_of_release(number), author(), f"подсказки из выпуска {number}",
        instead_of=prompts_text(over),
    )  # fmt: skip
    toast_on_next_page("success", told(published))
    return go_to(url_for("prompts.page"))


def _entries() -> Iterator[Entry]:
    """The releases whose prompts are others than those of the release before."""
    store = services().releases
    in_service = store.require_in_service()
    current = store.record(in_service).files[PROMPTS_FILE]
    after: ReleaseRecord | None = None
    for record in store.records():
        if record.number > in_service:
            continue  # written, but never put in service
        if after and after.files[PROMPTS_FILE] != record.files[PROMPTS_FILE]:
            yield _entry(after, record.number, current)
        after = record
    if after:
        yield _entry(after, 0, current)


def _entry(record: ReleaseRecord, before: int, current: str) -> Entry:
    is_in_service = record.files[PROMPTS_FILE] == current
    return Entry(record, before, told_changes(record) if before else [], is_in_service)
