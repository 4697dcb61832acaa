"""Deleting calls, and taking that back for ten seconds."""

from flask import Response, jsonify, make_response, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import Conflict, NotFound

from bot.calllog.deletions import Deletion
from webadmin.apikey import key_required
from webadmin.extensions import htmx
from webadmin.logs.blueprint import blueprint
from webadmin.services import services
from webadmin.toasts import add_event, add_toast

_TOO_LATE = "Вернуть уже нельзя: прошло больше десяти секунд."


@blueprint.delete("/logs")
@key_required
def delete_calls() -> ResponseReturnValue:
    """Delete all calls that there are."""
    return _deleted(services().call_log.delete_calls(), "Все звонки удалены.")


@blueprint.delete("/logs/<int:call_id>")
@key_required
def delete_call(call_id: int) -> ResponseReturnValue:
    """Delete one call."""
    deletion = services().call_log.delete_call(call_id)
    if deletion is None:
        raise NotFound
    return _deleted(deletion, f"Звонок № {call_id} удалён.")


@blueprint.post("/logs/deletions/<int:number>/undo")
@key_required
def undo(number: int) -> ResponseReturnValue:
    """Take a deletion back."""
    if not services().call_log.undo(number):
        raise Conflict(_TOO_LATE)
    if not htmx:
        return jsonify(undone=number)
    return _changed("Удаление отменено.")


def _deleted(deletion: Deletion, words: str) -> ResponseReturnValue:
    if htmx:
        return _changed(words)
    address = url_for("logs.undo", number=deletion.number)
    until = deletion.until.isoformat(timespec="milliseconds")
    return jsonify(deletion=deletion.number, undo=address, undoUntil=until)


def _changed(words: str) -> Response:
    """Tell it and let the list look again; the page of a call that is gone gives way to the list.

    The list itself offers the way back, whoever opens it.
    """
    answer = make_response("", 204)
    if request.headers.get("X-Leave-Page"):
        answer.headers["HX-Redirect"] = url_for("logs.page")
        return answer
    return add_event(add_toast(answer, "success", words), "calls-changed", {})
