"""``/logs-ui/live``: the page, its stream of events, and the two commands."""

import logging
import secrets
import select
import socket
from dataclasses import dataclass
from threading import BoundedSemaphore

from flask import (
    Blueprint,
    Response,
    current_app,
    jsonify,
    make_response,
    render_template,
    request,
    stream_with_context,
)
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from jinja2_fragments.flask import render_block
from werkzeug.exceptions import Conflict, NotFound

from bot.ari import AriAddress, AriClient
from bot.arievents import HANG_UP, TRANSFER
from bot.records import now
from bot.transfer import TransferTarget
from webadmin.apikey import key_required
from webadmin.author import author
from webadmin.extensions import htmx
from webadmin.live.calls import read_with_dialogue
from webadmin.live.commands import command
from webadmin.live.condition import Conditions
from webadmin.live.feed import Change, Feed, Whole
from webadmin.live.stream import MOST_STREAMS, Stream
from webadmin.services import Services, services
from webadmin.stopping import stopping
from webadmin.toasts import add_toast

log = logging.getLogger(__name__)

_EXTENSION = "live"
_ARI_TIMEOUT_S = 2.0
_SEND_S = 10.0
"""A browser that takes nothing for so long is gone."""
_NOBODY = "Передать некому: задайте TRANSFER_CONTEXT и TRANSFER_EXTENSION в файле .env."

blueprint = Blueprint("live", __name__, template_folder="templates")


@dataclass(frozen=True)
class _Live:
    """What the pages of one application share."""

    ari: AriClient
    conditions: Conditions
    feed: Feed
    epoch: str
    places: BoundedSemaphore


@blueprint.record
def _prepare(state: BlueprintSetupState) -> None:
    parts: Services = state.app.extensions["services"]
    settings = parts.settings
    address = AriAddress(
        settings.ari_url, settings.ari_user, settings.ari_password.get_secret_value()
    )
    ari = AriClient(address, connections=4, timeout_s=_ARI_TIMEOUT_S)
    conditions = Conditions(settings.persist_directory, ari)
    state.app.extensions[_EXTENSION] = _Live(
        ari,
        conditions,
        Feed(parts.call_log, conditions, _told),
        secrets.token_hex(4),
        BoundedSemaphore(MOST_STREAMS),
    )


def _live() -> _Live:
    found: _Live = current_app.extensions[_EXTENSION]
    return found


@blueprint.get("/logs-ui/live")
def page() -> ResponseReturnValue:
    """The calls in progress as they are now; the stream goes on from there."""
    feed = _live().feed
    feed.look()
    return render_template("live/live.html", **_shown(feed.whole()))


@blueprint.get("/logs-ui/live/stream")
def stream() -> ResponseReturnValue:
    """The events of the page."""
    connection: socket.socket | None = request.environ.get("gunicorn.socket")
    if connection is not None:
        connection.settimeout(_SEND_S)
    places = _live().places
    stays = places.acquire(blocking=False)
    messages = Stream(_live().feed, _live().epoch, _whole).messages(
        request.headers.get("Last-Event-ID", ""),
        stays=stays,
        stopping=stopping(),
        is_gone=lambda: connection is not None and _is_closed(connection),
    )
    answer = Response(stream_with_context(messages), mimetype="text/event-stream")
    answer.headers["X-Accel-Buffering"] = "no"  # nginx would keep what is to be seen at once
    if stays:
        answer.call_on_close(places.release)
    return answer


def _is_closed(connection: socket.socket) -> bool:
    """Whether the far side has closed: operators who go from page to page hold no places."""
    poll = select.poll()
    poll.register(connection, select.POLLRDHUP)
    return bool(poll.poll(0))


@blueprint.post("/logs-ui/live/<int:call_id>/hang-up")
@key_required
def hang_up(call_id: int) -> ResponseReturnValue:
    """End the call; the caller hears that the line is free."""
    _command(HANG_UP, call_id)
    return _accepted(call_id, f"Звонок № {call_id}: кладём трубку.")


@blueprint.post("/logs-ui/live/<int:call_id>/transfer")
@key_required
def transfer(call_id: int) -> ResponseReturnValue:
    """Hand the caller over to a person; they are told so first."""
    target = services().settings.transfer
    if target is None:
        raise Conflict(_NOBODY)
    _command(TRANSFER, call_id, target)
    return _accepted(call_id, f"Звонок № {call_id}: передаём сотруднику.")


def _command(name: str, call_id: int, target: TransferTarget | None = None) -> None:
    with services().call_log.connection() as connection:
        call = read_with_dialogue(connection, [call_id]).get(call_id)
    if call is None:
        raise NotFound
    live = _live()
    is_running = live.conditions.is_running(call.worker)
    command(live.ari, name, call, is_worker_running=is_running, target=target)
    log.info("event=live_command name=%s call_id=%d author=%r", name, call_id, author())


def _accepted(call_id: int, words: str) -> ResponseReturnValue:
    if htmx:
        return add_toast(make_response("", 204), "success", words)
    return jsonify(call=call_id), 202


def _shown(whole: Whole) -> dict[str, object]:
    return {
        "situation": whole.situation,
        "calls": whole.calls,
        "now": now(),
        "has_people": services().settings.transfer is not None,
    }


def _whole(whole: Whole) -> str:
    return str(render_block("live/live.html", "whole", **_shown(whole)))


def _told(change: Change) -> str:
    has_people = services().settings.transfer is not None
    return render_template(
        "live/change.html",
        change=change,
        kind=type(change).__name__,
        now=now(),
        has_people=has_people,
    )
