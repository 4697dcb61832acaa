"""``WS /ws?callerId=…``: who may open a socket, how many at once, and what they get."""

import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import NoReturn
from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, request
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest, Forbidden, ServiceUnavailable
from wsproto.frame_protocol import CloseReason
from wsproto.typing import Headers

from bot.calllog import CallLogError
from webadmin.answering import answering, warm_up
from webadmin.questionlimit import count_question
from webadmin.services import Services, services
from webadmin.stopping import stopping
from webadmin.ws.conversation import Conversation
from webadmin.ws.textsocket import Limits, NoHandshakeError, SocketOverError, TextSocket

log = logging.getLogger(__name__)

MOST_SOCKETS = 8
"""Each holds one of gunicorn's 32 threads; pages and live pages need the others."""
CHANNEL = "ws"
"""Stands in the call log where a telephone call has the number of its channel."""
LONGEST_CALLER_ID = 100

_PLACES = "ws_places"
_RETRY_S = 30
_CRASHED = "Внутренняя ошибка. Подключитесь снова."
_HANDSHAKE = ("Connection", "Upgrade", "Sec-WebSocket-Key", "Sec-WebSocket-Version")

blueprint = Blueprint("ws", __name__)


@blueprint.record
def _prepare(state: BlueprintSetupState) -> None:
    state.app.extensions[_PLACES] = BoundedSemaphore(MOST_SOCKETS)
    parts: Services = state.app.extensions["services"]
    try:
        parts.call_log.close_orphans(_worker_name())
    except CallLogError as error:  # the call log says itself that it is away
        log.warning("event=ws_orphans_not_closed error=%s", error)


class _Handled(Response):
    """Everything was said over the socket already: gunicorn must send nothing more on it."""

    def __call__(self, *_: object) -> NoReturn:
        raise StopIteration  # gunicorn's workers end the connection on it (gthread.py, handle)


@blueprint.route("/ws", websocket=True)
def ws() -> ResponseReturnValue:
    """A typed dialogue. What is wrong with the request itself is told by its HTTP status."""
    _check_origin()
    caller_id = _caller_id()
    connection = request.environ.get("gunicorn.socket")
    if connection is None:
        raise ServiceUnavailable("WebSocket работает только под gunicorn.")
    with _place():
        client = TextSocket(connection, stopping(), Limits())
        try:
            client.accept(_handshake_headers())
            _converse(client, caller_id)
        except NoHandshakeError:
            raise BadRequest("Запрос на WebSocket составлен неверно (RFC 6455).") from None
        except SocketOverError:
            log.debug("event=ws_over")
    return _Handled()


def _converse(client: TextSocket, caller_id: str) -> None:
    warm_up()
    address, log_of_calls = request.remote_addr or "", services().call_log
    call_id = log_of_calls.start_call(caller_id, CHANNEL, _worker_name())
    log.info("event=ws_opened call_id=%d", call_id)
    dialogue = Conversation(
        client, log_of_calls, call_id, answering, lambda: count_question(address)
    )
    try:
        dialogue.hold()
    except Exception:  # WSGI's edge: an HTTP error page must not get into the socket
        log.exception("event=ws_crashed call_id=%d", call_id)
        client.refuse(CloseReason.INTERNAL_ERROR, _CRASHED)


def _check_origin() -> None:
    """A page of another site may not speak to us in an operator's browser (RFC 6455, 10.2).

    Browsers send ``Origin`` with every WebSocket; programs need not.
    """
    origin = request.headers.get("Origin")
    if origin is not None and _host_of(origin) != request.host.lower():
        raise Forbidden("Подключаться можно только со страниц этой панели.")


def _host_of(origin: str) -> str:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""


def _caller_id() -> str:
    caller_id = request.args.get("callerId", "").strip()
    if len(caller_id) > LONGEST_CALLER_ID:
        raise BadRequest(f"callerId: не длиннее {LONGEST_CALLER_ID} знаков")
    return caller_id


def _handshake_headers() -> Headers:
    return [
        (name.encode(), request.headers[name].encode("latin-1"))
        for name in _HANDSHAKE
        if name in request.headers
    ]


@contextmanager
def _place() -> Iterator[None]:
    places: BoundedSemaphore = current_app.extensions[_PLACES]
    if not places.acquire(blocking=False):
        raise ServiceUnavailable(
            f"Уже открыто {MOST_SOCKETS} разговоров. Подключитесь позже.", retry_after=_RETRY_S
        )
    try:
        yield
    finally:
        places.release()


def _worker_name() -> str:
    return f"admin@{socket.gethostname()}"
