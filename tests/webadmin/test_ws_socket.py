"""The server's end of a WebSocket on a real pair of sockets: silence, slowness and leaving."""

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest

from webadmin.ws.textsocket import Limits, NoHandshakeError, SocketOverError, TextSocket

HANDSHAKE = [
    (b"Connection", b"Upgrade"),
    (b"Upgrade", b"websocket"),
    (b"Sec-WebSocket-Key", b"dGhlIHNhbXBsZSBub25jZQ=="),
    (b"Sec-WebSocket-Version", b"13"),
]
PING, PONG, CLOSE, TEXT = 0x89, 0x8A, 0x88, 0x81


class Client:
    """A client that does what the test says, byte by byte (RFC 6455, 5.2)."""

    def __init__(self, stream: socket.socket) -> None:
        self.stream = stream
        self._read = stream.makefile("rb")

    def handshake(self) -> list[bytes]:
        """The lines of the server's answer to the request."""
        return list(iter(self._read.readline, b"\r\n"))

    def send(self, opcode: int, payload: bytes = b"") -> None:
        """One frame, masked with zeros."""
        self.stream.sendall(bytes([opcode, 0x80 | len(payload), 0, 0, 0, 0]) + payload)

    def read(self) -> tuple[int, bytes]:
        """The next frame: its first byte and its payload."""
        opcode, length = self._read.read(2)
        if length == 126:
            length = int.from_bytes(self._read.read(2), "big")
        return opcode, self._read.read(length)


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    server, client = socket.socketpair()
    with server, client:
        client.settimeout(20)
        yield server, client


def opened(
    pair: tuple[socket.socket, socket.socket],
    limits: Limits,
    stopping: threading.Event | None = None,
) -> tuple[TextSocket, Client]:
    served = TextSocket(pair[0], stopping or threading.Event(), limits)
    served.accept(HANDSHAKE)
    client = Client(pair[1])
    assert client.handshake()[0].startswith(b"HTTP/1.1 101")
    return served, client


def test_the_answer_to_the_handshake_proves_that_it_was_read(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    served = TextSocket(pair[0], threading.Event(), Limits())
    served.accept([*HANDSHAKE, (b"Sec-WebSocket-Extensions", b"permessage-deflate")])
    answer = b"".join(Client(pair[1]).handshake()).lower()
    assert b"s3pplmbitxaq9kygzzhzrbk+xoo=" in answer  # RFC 6455, section 1.3
    assert b"extensions" not in answer  # a small message cannot grow into a large one


@pytest.mark.parametrize("missing", range(4))
def test_half_a_handshake_is_none(pair: tuple[socket.socket, socket.socket], missing: int) -> None:
    served = TextSocket(pair[0], threading.Event(), Limits())
    with pytest.raises(NoHandshakeError):
        served.accept([*HANDSHAKE[:missing], *HANDSHAKE[missing + 1 :]])


def test_a_silent_client_is_asked_and_one_that_answers_stays(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    served, client = opened(pair, Limits(ping_every_s=0.01))
    received: list[str] = []
    reader = threading.Thread(target=lambda: received.append(served.receive()))
    reader.start()
    for _ in range(2):
        assert client.read() == (PING, b"")
        client.send(PONG)
    client.send(TEXT, b"hi")
    reader.join(20)
    assert received == ["hi"]


def test_a_client_that_does_not_answer_is_given_up(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    served, client = opened(pair, Limits(ping_every_s=0.01))
    with pytest.raises(SocketOverError):
        served.receive()
    assert client.read() == (PING, b"")


def test_a_client_that_asks_nothing_for_long_is_said_goodbye(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    served, client = opened(pair, Limits(idle_s=0.0))
    with pytest.raises(SocketOverError):
        served.receive()
    assert "разговор закончен" in client.read()[1].decode()
    assert client.read() == (CLOSE, (1000).to_bytes(2, "big"))


def test_a_stop_is_noticed_while_the_client_is_silent(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    stopping = threading.Event()
    served, client = opened(pair, Limits(), stopping)

    def wait() -> None:
        with suppress(SocketOverError):
            served.receive()

    reader = threading.Thread(target=wait)
    reader.start()
    stopping.set()
    assert "перезапускается" in client.read()[1].decode()
    assert client.read() == (CLOSE, (1001).to_bytes(2, "big"))
    reader.join(20)
    assert not reader.is_alive()


def test_a_client_that_takes_nothing_does_not_hold_the_thread(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    pair[0].setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    served, _client = opened(pair, Limits(send_s=0.05))
    with pytest.raises(SocketOverError):
        say_much(served)


def say_much(served: TextSocket) -> None:
    for _ in range(10_000):
        served.send("Предложение. " * 100)


@pytest.mark.parametrize("how", ["close", "break off"])
def test_a_client_that_has_left_is_noticed_between_two_sentences(
    pair: tuple[socket.socket, socket.socket], how: str
) -> None:
    served, client = opened(pair, Limits())
    served.send("Раз.")
    served.look()
    client.send(CLOSE, (1000).to_bytes(2, "big")) if how == "close" else pair[1].shutdown(2)
    with pytest.raises(SocketOverError):
        served.look()
    with pytest.raises(SocketOverError):
        served.send("Два.")


def test_messages_that_come_too_fast_wait_in_the_client(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    served, client = opened(pair, Limits())
    pair[1].setblocking(False)
    sent = 0

    def flood() -> None:
        nonlocal sent
        while True:
            client.send(TEXT, b"x" * 100)
            sent += 1
            served.look()

    with pytest.raises(BlockingIOError):
        flood()
    assert [served.receive() for _ in range(sent)] == ["x" * 100] * sent


def test_the_parts_of_a_message_count_together(pair: tuple[socket.socket, socket.socket]) -> None:
    served, client = opened(pair, Limits(message_bytes=100))
    client.send(0x01, b"x" * 60)
    client.send(0x00, b"x" * 60)
    with pytest.raises(SocketOverError):
        served.receive()
    assert client.read()[0] == TEXT
    assert client.read() == (CLOSE, (1009).to_bytes(2, "big"))
