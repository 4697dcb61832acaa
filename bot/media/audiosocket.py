"""AudioSocket: sound and keys in frames over one TCP connection, which Asterisk makes to us.

A frame is its kind (1 byte), the length of what follows (2 bytes, big-endian) and that
(Asterisk's documentation, Channel-Drivers/AudioSocket; protocols.md, 3.6).
"""

import socket
import struct
import time
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from bot.ari import AriClient
from bot.audio import SAMPLE_BYTES
from bot.media import MediaEvent
from bot.media.audiosocket_server import AudioSocketServer
from bot.media.paced_leg import Connect

HANG_UP: Final = 0x00
UUID: Final = 0x01
DTMF: Final = 0x03
SLIN_8K: Final = 0x10
ERROR: Final = 0xFF

STALLED_S = 5.0
"""A far end that takes nothing for so long is gone."""
RECEIVE_BYTES = 65_536
_HEADER = struct.Struct("!BH")


class Frame(NamedTuple):
    """One frame of the protocol."""

    kind: int
    payload: bytes


class FrameReader:
    """Cuts the stream into frames, however it was torn on its way."""

    def __init__(self) -> None:
        self._torn = bytearray()

    def feed(self, received: bytes) -> Iterator[Frame]:
        """The frames that ``received`` completes; no more than one of 64 KB is kept."""
        self._torn += received
        while len(self._torn) >= _HEADER.size:
            kind, length = _HEADER.unpack_from(self._torn)
            end = _HEADER.size + length
            if len(self._torn) < end:
                return
            payload = bytes(self._torn[_HEADER.size : end])
            del self._torn[:end]
            yield Frame(kind, payload)


def encode(kind: int, payload: bytes = b"") -> bytes:
    """The bytes of one frame."""
    return _HEADER.pack(kind, len(payload)) + payload


def meaning(frame: Frame) -> bytes | MediaEvent | None:
    """Sound, an event, the ``closed`` event for a hang-up or an error, or nothing of use."""
    match frame.kind:
        case kind if kind == SLIN_8K:
            return frame.payload[: len(frame.payload) // SAMPLE_BYTES * SAMPLE_BYTES] or None
        case kind if kind == DTMF:
            return MediaEvent("dtmf", frame.payload[:1].decode("ascii", "replace"))
        case kind if kind in (HANG_UP, ERROR):
            return MediaEvent("closed")
        case _:
            return None


class AudioSocketCarrier:
    """A :class:`bot.media.paced_leg.Carrier` over a connection that Asterisk has made to us.

    ``clock`` gives seconds.
    """

    def __init__(
        self, connection: socket.socket, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._socket = connection
        self._clock = clock
        self._unsent = b""
        self._moved_at = 0.0

    def ready(self) -> bool:
        if not self._unsent:
            return True
        self._write(self._unsent)
        if self._unsent and self._clock() - self._moved_at > STALLED_S:
            raise TimeoutError("AudioSocket takes no frames")
        return not self._unsent

    def send(self, frame: bytes) -> None:
        self._write(encode(SLIN_8K, frame))

    def received(self) -> Iterator[bytes | MediaEvent]:
        frames = FrameReader()
        while received := self._receive():
            for item in map(meaning, frames.feed(received)):
                if isinstance(item, MediaEvent) and item.type == "closed":
                    return
                if item is not None:
                    yield item

    def abort(self) -> None:
        self._shut(socket.SHUT_RDWR)

    def hang_up(self) -> None:
        try:
            if not self._unsent:  # a frame that was torn cannot be followed by another
                self._write(encode(HANG_UP))
        except OSError:
            return  # gone already
        self._shut(socket.SHUT_WR)

    def close(self) -> None:
        self._socket.close()

    def _receive(self) -> bytes:
        """What has come; empty when the connection has ended."""
        try:
            return self._socket.recv(RECEIVE_BYTES)
        except OSError:
            return b""

    def _write(self, data: bytes) -> None:
        """Send what goes out at once, and keep the rest of a frame that was torn."""
        try:
            sent = self._socket.send(data, socket.MSG_DONTWAIT)
        except BlockingIOError:
            sent = 0
        if sent or not self._unsent:
            self._moved_at = self._clock()
        self._unsent = data[sent:]

    def _shut(self, how: int) -> None:
        try:
            self._socket.shutdown(how)
        except OSError:
            return  # gone already


def audiosocket_carriers(ari: AriClient, app: str, server: AudioSocketServer) -> Connect:
    """What has Asterisk connect to ``server``, a channel at a time."""

    def connect(channel_id: str) -> AudioSocketCarrier:
        with server.expected() as caller:
            channel = {
                "transport": "tcp",
                "encapsulation": "audiosocket",
                "connection_type": "client",
                "external_host": server.address,
                "format": "slin",
                "data": str(caller.id),
            }
            ari.external_media(app, channel_id, channel)
            return AudioSocketCarrier(caller.connection())

    return connect
