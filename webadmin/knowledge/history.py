"""The releases: listed, compared, and published again."""

from dataclasses import dataclass
from itertools import islice

from flask import render_template, request
from flask.typing import ResponseReturnValue
from jinja2_fragments.flask import render_block
from werkzeug.exceptions import BadRequest

from bot.releases.record import ReleaseRecord
from webadmin.api.inservice import publisher
from webadmin.apikey import key_required
from webadmin.author import author
from webadmin.difference import shown_differences
from webadmin.extensions import htmx
from webadmin.jobs import accepted
from webadmin.knowledge.blueprint import blueprint
from webadmin.knowledge.publishing import PUBLISHING, Republication
from webadmin.knowledge.showing import running_jobs
from webadmin.services import services
from webadmin.takenup import take_up_state

PAGE = 30


@dataclass(frozen=True)
class HistoryPage:
    """Some releases, newest first, and the number below which the next page begins."""

    records: list[ReleaseRecord]
    before: int
    older: int
    """0 when there are none."""


@blueprint.get("/logs-ui/knowledge/history")
def history() -> ResponseReturnValue:
    """The list; ``?before=`` begins below a release."""
    before = request.args.get("before", default=0, type=int)
    store = services().releases
    records = (one for one in store.records() if not before or one.number < before)
    shown = list(islice(records, PAGE + 1))
    page = HistoryPage(shown[:PAGE], before, shown[PAGE - 1].number if len(shown) > PAGE else 0)
    context = {
        "page": page,
        "in_service": store.require_in_service(),
        "take_up": take_up_state(),
        "jobs": list(running_jobs()),
    }
    if htmx:
        return render_block("knowledge/history.html", "releases", **context)
    return render_template("knowledge/history.html", **context)


@blueprint.get("/logs-ui/knowledge/compare")
def compare() -> ResponseReturnValue:
    """What release ``?new=`` does otherwise than ``?old=``."""
    old, new = request.args.get("old", type=int), request.args.get("new", type=int)
    if old is None or new is None:
        raise BadRequest("Отметьте в истории два выпуска, которые нужно сравнить.")
    store = services().releases
    before, after = store.record(old), store.record(new)
    found = shown_differences(store.content(before), store.content(after))
    return render_template(
        "knowledge/compare.html", old=before, new=after, changes=found,
        in_service=store.in_service(),
    )  # fmt: skip


@blueprint.post("/logs-ui/knowledge/releases/<int:number>/publish")
@key_required
def publish_again(number: int) -> ResponseReturnValue:
    """Have an older release published again, whole."""
    services().releases.record(number)  # 404 at once if there is none
    work = Republication(publisher(), number, author())
    title = f"Возврат к выпуску {number}"
    return accepted(services().jobs.start(PUBLISHING, work.author, work, title=title))
