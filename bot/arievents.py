"""The ARI event stream: read in one thread, handed over by a queue, connected again when lost.

The reader only enqueues: Asterisk drops a client that does not read for 100 ms
(protocols.md, 3.2).
"""

import base64
import json
import logging
import queue
import random
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import websocket

from bot.ari import AriAddress

log = logging.getLogger(__name__)

FIRST_WAIT_S = 0.2
LONGEST_WAIT_S = 5.0
SAY_EVERY_S = 60.0
LASTING_S = 5.0
"""A connection that lived as long was a good one: the next try may come soon."""
PING_EVERY_S = 10.0


@dataclass(frozen=True)
class AriEvent:
    """One event as Asterisk sent it; ``type`` is ``""`` for a message that is not an event."""

    type: str
    body: dict[str, Any] = field(default_factory=dict)

    @property
    def channel_id(self) -> str:
        """The channel the event is about, or ``""``."""
        channel = self.body.get("channel")
        return str(channel.get("id", "")) if isinstance(channel, dict) else ""

    @property
    def digit(self) -> str:
        """The key that a ``ChannelDtmfReceived`` tells of, or ``""``."""
        return str(self.body.get("digit", ""))

    @property
    def command(self) -> str:
        """The name of a ``ChannelUserevent``, or ``""``."""
        return str(self.body.get("eventname", "")) if self.type == "ChannelUserevent" else ""


HANG_UP = "metrotech-hang-up"
TRANSFER = "metrotech-transfer"
"""User events by which an operator commands the worker that has a call."""

CONNECTED = "Connected"
"""Type of the event of ours that stands in the queue where a connection was made."""


def parse_event(text: str | bytes) -> AriEvent:
    """An event from a message of the socket; anything else becomes an event of no type."""
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        return AriEvent("")
    if not isinstance(body, dict):
        return AriEvent("")
    return AriEvent(str(body.get("type", "")), body)


def backoff_s(attempt: int, draw: float) -> float:
    """Seconds to wait before the ``attempt``-th try (from 0); ``draw`` is uniform in 0…1."""
    longest = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** min(attempt, 10))
    return longest * (0.5 + 0.5 * draw)


class EventStream:
    """The events of one application, put into ``events`` in the order they came.

    A :data:`CONNECTED` event precedes those of each connection: events in between are lost
    for good, so whoever reads it must look at what exists now.
    """

    def __init__(
        self, address: AriAddress, app: str, events: "queue.SimpleQueue[AriEvent]"
    ) -> None:
        self._address = address
        self._app = app
        self._events = events
        self._stopping = threading.Event()
        self._socket: websocket.WebSocket | None = None
        self._thread = threading.Thread(target=self._run, name="ari-events", daemon=True)

    def start(self) -> None:
        """Connect, and stay connected until :meth:`stop`."""
        self._thread.start()

    def is_alive(self) -> bool:
        """Whether the reader is at work; it ends only at :meth:`stop`, or by a defect."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """Close the socket and end the reader."""
        self._stopping.set()
        if self._socket is not None:
            self._socket.abort()  # wakes the reader, which closing alone would not
        self._thread.join(timeout=5)

    def _run(self) -> None:
        attempt, silent_s = 0, SAY_EVERY_S
        while not self._stopping.is_set():
            try:
                self._socket = self._connect()
            except (OSError, ValueError, websocket.WebSocketException) as error:
                wait_s = backoff_s(attempt, random.random())  # noqa: S311 - jitter
                silent_s += wait_s
                if silent_s >= SAY_EVERY_S:
                    log.warning("asterisk unreachable error=%s", _why(error))
                    silent_s = 0.0
                attempt += 1
                self._stopping.wait(wait_s)
                continue
            log.info("asterisk connected app=%s", self._app)
            self._events.put(AriEvent(CONNECTED))
            connected_at = time.monotonic()
            self._read(self._socket)
            if time.monotonic() - connected_at >= LASTING_S:
                attempt, silent_s = 0, SAY_EVERY_S
            self._stopping.wait(backoff_s(attempt, random.random()))  # noqa: S311 - jitter
            attempt += 1

    def _connect(self) -> websocket.WebSocket:
        user = f"{self._address.user}:{self._address.password}".encode()
        return websocket.create_connection(
            f"{self._address.websocket_url}/ari/events?app={self._app}",
            header=["Authorization: Basic " + base64.b64encode(user).decode()],
            timeout=PING_EVERY_S,
        )

    def _read(self, socket: websocket.WebSocket) -> None:
        """Enqueue until the connection ends; a silent one is asked for a sign of life."""
        waiting_for_pong = False
        while not self._stopping.is_set():
            try:
                opcode, data = socket.recv_data(control_frame=True)
            except websocket.WebSocketTimeoutException:
                if waiting_for_pong or not _ping(socket):
                    log.warning("asterisk silent app=%s", self._app)
                    break
                waiting_for_pong = True
                continue
            except (OSError, websocket.WebSocketException):
                break
            waiting_for_pong = False
            if opcode == websocket.ABNF.OPCODE_TEXT:
                self._events.put(parse_event(data))
        socket.shutdown()
        if not self._stopping.is_set():
            log.warning("asterisk events lost app=%s", self._app)


def _ping(socket: websocket.WebSocket) -> bool:
    try:
        socket.ping()
    except (OSError, websocket.WebSocketException):
        return False
    return True


def _why(error: Exception) -> str:
    """The reason in one line, without the response's headers."""
    status = getattr(error, "status_code", None)
    if status == 401:
        return "wrong ARI_USER or ARI_PASSWORD (401)"
    return f"HTTP {status}" if status else (str(error).splitlines() or [type(error).__name__])[0]
