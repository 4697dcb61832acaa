"""Frames of a WebSocket put together again, however they arrive (RFC 6455, 5.2)."""

import socket
import struct
from collections.abc import Iterator

import pytest

from bot.media.framereader import FrameReader

TEXT, BINARY, PING = 0x1, 0x2, 0x9


@pytest.fixture
def line() -> Iterator[tuple[socket.socket, FrameReader]]:
    """The far end, and a reader of what it sends."""
    far, near = socket.socketpair()
    near.settimeout(0.05)
    with far, near:
        yield far, FrameReader(near)


def frame(opcode: int, payload: bytes, *, final: bool = True) -> bytes:
    first = (0x80 if final else 0) | opcode
    if len(payload) < 126:
        return bytes((first, len(payload))) + payload
    if len(payload) < 65_536:
        return bytes((first, 126)) + struct.pack("!H", len(payload)) + payload
    return bytes((first, 127)) + struct.pack("!Q", len(payload)) + payload


@pytest.mark.parametrize("size", [0, 1, 125, 126, 320, 65_535, 65_536, 150_000])
def test_payloads_of_every_length_are_read(
    line: tuple[socket.socket, FrameReader], size: int
) -> None:
    far, reader = line
    payload = bytes(number % 251 for number in range(size))
    far.sendall(frame(BINARY, payload) + frame(TEXT, b"{}"))
    assert reader.message() == (BINARY, payload)
    assert reader.message() == (TEXT, b"{}")


def test_a_frame_torn_by_the_network_is_waited_for(
    line: tuple[socket.socket, FrameReader],
) -> None:
    far, reader = line
    whole = frame(BINARY, bytes(range(200)))
    for piece in (whole[:1], whole[1:3], whole[3:100]):
        far.sendall(piece)
        with pytest.raises(TimeoutError):
            reader.message()
    far.sendall(whole[100:])
    assert reader.message() == (BINARY, bytes(range(200)))


def test_fragments_are_one_message_and_a_ping_may_come_between(
    line: tuple[socket.socket, FrameReader],
) -> None:
    far, reader = line
    far.sendall(frame(TEXT, b"one ", final=False) + frame(PING, b"?"))
    far.sendall(frame(0, b"two ", final=False) + frame(0, b"three") + frame(BINARY, b"next"))
    assert [reader.message() for _ in range(3)] == [
        (PING, b"?"), (TEXT, b"one two three"), (BINARY, b"next"),
    ]  # fmt: skip


def test_the_end_of_the_connection_is_an_error(
    line: tuple[socket.socket, FrameReader],
) -> None:
    far, reader = line
    far.sendall(frame(BINARY, b"last")[:-1])
    far.close()
    with pytest.raises(ConnectionError):
        reader.message()
