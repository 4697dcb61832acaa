"""The server's end of one WebSocket: whole text messages in, text frames out (RFC 6455).

wsproto knows the protocol; the thread that serves the request does all reading and writing, so
a socket costs one thread, and what a client sends too fast waits in the client.
"""

import socket
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event
from typing import NoReturn

from wsproto import ConnectionType, WSConnection, events
from wsproto.frame_protocol import CloseReason
from wsproto.typing import Headers
from wsproto.utilities import LocalProtocolError, RemoteProtocolError

_READ_BYTES = 16 * 1024
_TICK_S = 0.5
"""How soon a stop, a ping that is due or a silent client is noticed."""
_LOOK_S = 0.001
_MOST_WAITING = 20
"""Messages that may wait while an answer is given; the rest waits in the client."""

_TOO_LONG = "Сообщение слишком длинное."
_NOT_TEXT = "Принимается только текст."
_IDLE = "Вы долго ничего не спрашивали, разговор закончен."
_STOPPING = "Программа перезапускается. Подключитесь снова через минуту."


class NoHandshakeError(Exception):
    """The request does not ask for a WebSocket in the way of RFC 6455, section 4.2.1."""


class SocketOverError(Exception):
    """Nothing more can be sent or will come: the client is gone, or it was we who closed."""


@dataclass(frozen=True)
class Limits:
    """What one client may take; seconds and bytes of UTF-8."""

    message_bytes: int = 64 * 1024
    send_s: float = 5.0
    """A client that takes nothing for so long is gone."""
    ping_every_s: float = 20.0
    idle_s: float = 900.0


class TextSocket:
    """For one thread. Every method raises :class:`SocketOverError` when it is over.

    ``connection`` is the stream on which a client has asked for a WebSocket with ``headers``.
    """

    def __init__(
        self,
        connection: socket.socket,
        stopping: Event,
        limits: Limits,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._connection = connection
        self._stopping = stopping
        self._limits = limits
        self._clock = clock
        self._protocol = WSConnection(ConnectionType.SERVER)
        self._parts: list[str] = []
        self._parts_bytes = 0
        self._inbox: deque[str] = deque()
        self._ping_at = clock() + limits.ping_every_s
        self._pong_awaited = False

    def accept(self, headers: Headers) -> None:
        """Answer the client's request for a WebSocket.

        ``headers`` are its Connection, Upgrade and Sec-WebSocket ones. Raises
        :class:`NoHandshakeError`, with nothing sent yet, when they do not ask for one.
        """
        try:
            self._protocol.initiate_upgrade_connection([(b"Host", b"_"), *headers], "/")
        except RemoteProtocolError as error:
            raise NoHandshakeError(str(error)) from error
        for _request in self._protocol.events():
            self._write(events.AcceptConnection())

    def receive(self) -> str:
        """The next message, as soon as there is one."""
        idle_at = self._clock() + self._limits.idle_s
        while not self._inbox:
            if self._stopping.is_set():
                self.refuse(CloseReason.GOING_AWAY, _STOPPING)
            if self._clock() >= idle_at:
                self.refuse(CloseReason.NORMAL_CLOSURE, _IDLE)
            if not self._read(_TICK_S):
                self._keep_alive()
        return self._inbox.popleft()

    def send(self, text: str) -> None:
        """Send one text frame."""
        self._write(events.TextMessage(data=text))

    def look(self) -> None:
        """Take notice of what the client has sent while it was answered; does not wait."""
        if len(self._inbox) < _MOST_WAITING:
            self._read(_LOOK_S)

    def refuse(self, code: CloseReason, sentence: str) -> NoReturn:
        """Say why in one last frame and close; always raises :class:`SocketOverError`."""
        self._write(events.TextMessage(data=sentence))
        self._write(events.CloseConnection(code))
        raise SocketOverError

    def _keep_alive(self) -> None:
        """Ask a silent client whether it is still there, and give up one that did not answer."""
        if self._clock() < self._ping_at:
            return
        if self._pong_awaited:
            raise SocketOverError
        self._pong_awaited = True
        self._ping_at = self._clock() + self._limits.ping_every_s
        self._write(events.Ping())

    def _read(self, wait_s: float) -> bool:
        """Take in what has come; false when nothing came in time."""
        try:
            self._connection.settimeout(wait_s)
            data = self._connection.recv(_READ_BYTES)
        except TimeoutError:
            return False
        except OSError as error:
            raise SocketOverError from error
        if not data:
            raise SocketOverError
        try:
            self._protocol.receive_data(data)
            for event in self._protocol.events():
                self._take(event)
        except RemoteProtocolError as error:
            self._write(error.event_hint or events.CloseConnection(CloseReason.PROTOCOL_ERROR))
            raise SocketOverError from error
        return True

    def _take(self, event: events.Event) -> None:
        match event:
            case events.TextMessage():
                self._collect(event)
            case events.BytesMessage():
                self.refuse(CloseReason.UNSUPPORTED_DATA, _NOT_TEXT)
            case events.Ping():
                self._write(event.response())
            case events.Pong():
                self._pong_awaited = False
            case events.CloseConnection():
                self._write(event.response())
                raise SocketOverError

    def _collect(self, part: events.TextMessage) -> None:
        """Put a message together from its parts; too long a one ends the dialogue."""
        self._parts.append(part.data)
        self._parts_bytes += len(part.data.encode())
        if self._parts_bytes > self._limits.message_bytes:
            self.refuse(CloseReason.MESSAGE_TOO_BIG, _TOO_LONG)
        if part.message_finished:
            self._inbox.append("".join(self._parts))
            self._parts, self._parts_bytes = [], 0

    def _write(self, event: events.Event) -> None:
        try:
            self._connection.settimeout(self._limits.send_s)
            self._connection.sendall(self._protocol.send(event))
        except (OSError, LocalProtocolError) as error:
            raise SocketOverError from error
