"""``/logs``: the calls for programs, as JSON and as CSV."""

from collections.abc import Sequence
from typing import Any

from flask import Response, jsonify
from flask.typing import ResponseReturnValue

from bot.calllog.row import LoggedCall
from webadmin.logs.blueprint import blueprint
from webadmin.logs.csvfile import csv_lines, file_name
from webadmin.logs.lookup import call_or_404, requested_form
from webadmin.logs.recording import recorded_calls, recording_as_json
from webadmin.personal import downloadable, readable
from webadmin.services import services

_LIMIT = 100


@blueprint.get("/logs")
def calls_as_json() -> ResponseReturnValue:
    """The calls that match, with their number in ``X-Total-Count``."""
    form = requested_form(_LIMIT)
    calls, total = services().call_log.calls(form.wanted(services().settings.zone))
    answer = jsonify(_told(readable(calls)))
    answer.headers["X-Total-Count"] = str(total)
    return answer


@blueprint.get("/logs/<int:call_id>")
def call_as_json(call_id: int) -> ResponseReturnValue:
    """One call."""
    (call,) = _told([call_or_404(call_id)])
    return jsonify(call)


def _told(calls: Sequence[LoggedCall]) -> list[dict[str, Any]]:
    recorded = recorded_calls(calls)
    return [call.as_json() | {"recording": recording_as_json(call.id, recorded)} for call in calls]


@blueprint.get("/logs/csv")
def calls_as_csv() -> ResponseReturnValue:
    """All calls that match, as a file for spreadsheets, sent while it is made."""
    zone = services().settings.zone
    wanted = requested_form(_LIMIT).wanted(zone)
    lines = csv_lines(downloadable(services().call_log.all_calls(wanted)), zone)
    answer = Response(lines, mimetype="text/csv", headers={"X-Accel-Buffering": "no"})
    answer.headers.set("Content-Disposition", "attachment", filename=file_name(zone))
    return answer
