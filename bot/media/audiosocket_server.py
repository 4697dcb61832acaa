"""The port to which Asterisk makes its AudioSocket connections, each with an id that we gave it."""

import contextlib
import logging
import os
import queue
import selectors
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Self

from bot.media import MediaLostError
from bot.media.address import Address

log = logging.getLogger(__name__)

CONNECT_TIMEOUT_S = 3.0
"""For Asterisk to connect once it was asked to, and for a connection to say who it is."""
MOST_STRANGERS = 256
"""Connections that have not said who they are; when there are more, the oldest has to leave."""
SEND_BUFFER_BYTES = 16_384
"""Half a second of frames, so that a far end that has stopped reading is noticed soon."""
RETRY_S = 0.1
_PREFIX = b"\x01\x00\x10"
_HELLO_BYTES = len(_PREFIX) + 16


@dataclass(frozen=True)
class Expected:
    """A connection that Asterisk was asked for. ``id`` is all that it is known by: a secret."""

    address: str
    id: uuid.UUID = field(default_factory=uuid.uuid4)
    arrived: "queue.SimpleQueue[socket.socket]" = field(default_factory=queue.SimpleQueue)

    def connection(self) -> socket.socket:
        """Wait for it; :class:`bot.media.MediaLostError` when it does not come."""
        try:
            return self.arrived.get(timeout=CONNECT_TIMEOUT_S)
        except queue.Empty:
            raise MediaLostError(
                f"Asterisk did not connect to {self.address}: set MEDIA_BIND to where it reaches us"
            ) from None


@dataclass
class _Stranger:
    """A connection that has not said yet who it is."""

    said: bytes
    leave_at: float


class AudioSocketServer:
    """Listens at ``address`` in a thread of its own, which no connection can hold up.

    Raises ``OSError`` when the address cannot be used. Who does not say a known id within
    :data:`CONNECT_TIMEOUT_S` is disconnected.
    """

    def __init__(self, address: Address) -> None:
        self._listener = socket.create_server(
            (address.bind, address.port), family=address.family, backlog=MOST_STRANGERS
        )
        self._listener.setblocking(False)
        self.address = address.reached_at(self._listener.getsockname()[1])
        """``host:port`` for Asterisk."""
        self._expected: dict[bytes, Expected] = {}
        self._strangers: dict[socket.socket, _Stranger] = {}
        self._selector = selectors.DefaultSelector()
        self._wake = os.eventfd(0, os.EFD_NONBLOCK)
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(self._wake, selectors.EVENT_READ)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="audiosocket", daemon=True)
        self._thread.start()

    @contextmanager
    def expected(self) -> Iterator[Expected]:
        """A new id, under which a connection is let in until the block is left."""
        expected = Expected(self.address)
        self._expected[expected.id.bytes] = expected
        try:
            yield expected
        finally:
            if self._expected.pop(expected.id.bytes, None) is None:
                _close_all(expected.arrived)  # it came, and nobody has taken it

    def close(self) -> None:
        """Stop listening. Connections that were taken are their takers'."""
        self._stopping.set()
        os.eventfd_write(self._wake, 1)
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                self._serve(self._selector.select(self._patience_s()))
        finally:
            for stranger in list(self._strangers):
                self._leave(stranger)
            self._selector.close()
            self._listener.close()
            os.close(self._wake)

    def _serve(self, ready: list[tuple[selectors.SelectorKey, int]]) -> None:
        for key, _ in ready:
            if key.fileobj is self._listener:
                self._accept()
            elif isinstance(key.fileobj, socket.socket) and key.fileobj in self._strangers:
                self._hear(key.fileobj)
        now = time.monotonic()
        for stranger in [one for one, known in self._strangers.items() if known.leave_at <= now]:
            self._leave(stranger)

    def _patience_s(self) -> float | None:
        """Until the first stranger has to leave; for ever when there is none."""
        if not self._strangers:
            return None
        first = min(stranger.leave_at for stranger in self._strangers.values())
        return max(0.0, first - time.monotonic())

    def _accept(self) -> None:
        try:
            connection, _ = self._listener.accept()
            connection.setblocking(False)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        except OSError as error:
            log.warning("audiosocket connection not accepted error=%s", error)
            self._stopping.wait(RETRY_S)  # it may be that there are no more descriptors
            return
        if len(self._strangers) >= MOST_STRANGERS:
            self._leave(next(iter(self._strangers)))
        self._strangers[connection] = _Stranger(b"", time.monotonic() + CONNECT_TIMEOUT_S)
        self._selector.register(connection, selectors.EVENT_READ)

    def _hear(self, connection: socket.socket) -> None:
        """Read who it is, and not a byte more: what follows is for whoever takes it."""
        stranger = self._strangers[connection]
        try:
            said = connection.recv(_HELLO_BYTES - len(stranger.said))
        except BlockingIOError:
            return
        except OSError:
            said = b""
        stranger.said += said
        if not said or not stranger.said.startswith(_PREFIX[: len(stranger.said)]):
            self._leave(connection)
        elif len(stranger.said) == _HELLO_BYTES:
            self._recognise(connection, stranger.said[len(_PREFIX) :])

    def _recognise(self, connection: socket.socket, connection_id: bytes) -> None:
        expected = self._expected.pop(connection_id, None)
        if expected is None:
            log.warning("audiosocket connection refused reason=unknown-id")
            self._leave(connection)
            return
        self._forget(connection)
        connection.setblocking(True)
        expected.arrived.put(connection)

    def _leave(self, connection: socket.socket) -> None:
        self._forget(connection)
        connection.close()

    def _forget(self, connection: socket.socket) -> None:
        del self._strangers[connection]
        self._selector.unregister(connection)


def _close_all(arrived: "queue.SimpleQueue[socket.socket]") -> None:
    with contextlib.suppress(queue.Empty):
        while True:
            arrived.get_nowait().close()
