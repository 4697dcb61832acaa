"""``/logs`` and ``/logs-ui/``: the calls, as JSON and as pages."""

from flask import Blueprint, jsonify, render_template, request
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from jinja2_fragments.flask import render_block
from werkzeug.exceptions import NotFound

from bot.calllog.row import LoggedCall
from webadmin.extensions import htmx
from webadmin.logs.dialogue import shown_lines
from webadmin.logs.display import FILTERS
from webadmin.logs.forms import LogsForm
from webadmin.logs.paging import Pages
from webadmin.services import services

_JSON_LIMIT = 100
_PAGE_LIMIT = 20

blueprint = Blueprint("logs", __name__, template_folder="templates")


@blueprint.record
def _add_filters(state: BlueprintSetupState) -> None:
    state.app.jinja_env.filters.update(FILTERS)


@blueprint.get("/logs")
def calls_as_json() -> ResponseReturnValue:
    """The calls that match, with their number in ``X-Total-Count``."""
    form = LogsForm.parse(request.args, _JSON_LIMIT)
    calls, total = services().call_log.calls(form.wanted(services().settings.zone))
    answer = jsonify([call.as_json() for call in calls])
    answer.headers["X-Total-Count"] = str(total)
    return answer


@blueprint.get("/logs/<int:call_id>")
def call_as_json(call_id: int) -> ResponseReturnValue:
    """One call."""
    return jsonify(_call_or_404(call_id).as_json())


@blueprint.get("/logs-ui/")
def page() -> ResponseReturnValue:
    """The table of calls: the whole page, or only the table when htmx asks."""
    form = LogsForm.parse(request.args, _PAGE_LIMIT)
    calls, total = services().call_log.calls(form.wanted(services().settings.zone))
    context = {"calls": calls, "form": form, "pages": Pages(form.offset, form.limit, total)}
    if htmx:
        return render_block("logs/calls.html", "calls_table", **context)
    return render_template("logs/calls.html", **context)


@blueprint.get("/logs-ui/<int:call_id>")
def dialogue(call_id: int) -> ResponseReturnValue:
    """One call as a dialogue."""
    call = _call_or_404(call_id)
    return render_template("logs/call.html", call=call, lines=shown_lines(call.transcript_json))


def _call_or_404(call_id: int) -> LoggedCall:
    call = services().call_log.call(call_id)
    if call is None:
        raise NotFound
    return call
