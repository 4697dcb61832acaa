"""The AudioSocket side on real sockets: torn, slow, strange and hostile peers."""

import random
import socket
import threading
import time
import uuid
from collections.abc import Iterator

import pytest

from bot.audio import FRAME_BYTES
from bot.media import MediaEvent, MediaLostError
from bot.media import audiosocket_server as server_module
from bot.media.address import Address, our_address
from bot.media.audiosocket import (
    DTMF,
    ERROR,
    HANG_UP,
    SLIN_8K,
    STALLED_S,
    AudioSocketCarrier,
    Frame,
    FrameReader,
    encode,
)
from bot.media.audiosocket_server import MOST_STRANGERS, AudioSocketServer
from bot.media.paced_leg import PacedLeg
from bot.media.pacer import Pacer

PATIENCE_S = 30.0
HELLO = b"\x01\x00\x10"


@pytest.fixture
def server() -> Iterator[AudioSocketServer]:
    with AudioSocketServer(our_address(None, "http://127.0.0.1:8088")) as listening:
        yield listening


def connected(server: AudioSocketServer) -> socket.socket:
    host, _, port = server.address.rpartition(":")
    far = socket.socket()
    far.settimeout(PATIENCE_S)
    far.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # who does not read is full soon
    far.connect((host, int(port)))
    return far


@pytest.fixture
def pair() -> Iterator[tuple[AudioSocketCarrier, socket.socket]]:
    """Our end of a connection, and Asterisk's."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        far = socket.create_connection(listener.getsockname(), timeout=PATIENCE_S)
        ours, _ = listener.accept()
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, server_module.SEND_BUFFER_BYTES)
    carrier = AudioSocketCarrier(ours)
    yield carrier, far
    carrier.close()
    far.close()


def test_frames_are_the_same_however_the_stream_is_torn() -> None:
    chance = random.Random(5)
    frames = [
        Frame(kind, chance.randbytes(length))
        for kind in (HANG_UP, DTMF, SLIN_8K, 0x18, 0x77, ERROR)
        for length in (0, 1, 320, 321, 65_535)
    ]
    stream = b"".join(encode(*frame) for frame in frames)
    for _ in range(20):
        reader, found, at = FrameReader(), list[Frame](), 0
        while at < len(stream):
            size = chance.choice((1, 2, 3, 323, 5000, 70_000))
            found += reader.feed(stream[at : at + size])
            at += size
        assert found == frames


def test_any_bytes_at_all_are_cut_into_frames_and_none_is_invented() -> None:
    chance = random.Random(6)
    for _ in range(10_000):
        stream = chance.randbytes(chance.choice((1, 3, 9, 60, 300)))
        if chance.random() < 0.5:  # short lengths, so that there is more than one frame
            stream = b"".join(
                bytes([chance.randrange(256), 0, chance.randrange(9)]) + stream[at : at + 5]
                for at in range(0, len(stream), 5)
            )
        cut = chance.randrange(len(stream) + 1)
        reader = FrameReader()
        found = [*reader.feed(stream[:cut]), *reader.feed(stream[cut:])]
        whole = b"".join(encode(*frame) for frame in found)
        assert stream.startswith(whole)
        rest = stream[len(whole) :]
        assert len(rest) < 3 or len(rest) < 3 + int.from_bytes(rest[1:3])


def test_who_says_the_right_id_is_let_in_with_all_that_follows(server: AudioSocketServer) -> None:
    with server.expected() as caller:
        far = connected(server)
        for byte in HELLO + caller.id.bytes:
            far.send(bytes([byte]))
            time.sleep(0.001)
        far.send(encode(DTMF, b"7"))
        carrier = AudioSocketCarrier(caller.connection())
    assert next(carrier.received()) == MediaEvent("dtmf", "7")
    carrier.close()
    far.close()


@pytest.mark.parametrize(
    "said",
    [
        HELLO + uuid.UUID(int=1).bytes,
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x01\xff\xff" + bytes(100),
        b"\x00\x00\x00",
        encode(SLIN_8K, bytes(320)),
    ],
)
def test_who_says_anything_else_is_shown_out(server: AudioSocketServer, said: bytes) -> None:
    with server.expected(), connected(server) as stranger:
        stranger.sendall(said)
        assert _is_shown_out(stranger)


def test_an_id_lets_one_in_and_only_while_it_is_expected(server: AudioSocketServer) -> None:
    with server.expected() as caller:
        hello = HELLO + caller.id.bytes
        with connected(server) as first, connected(server) as second:
            first.sendall(hello)
            taken = caller.connection()
            second.sendall(hello)
            assert _is_shown_out(second)
            taken.close()
    with connected(server) as late:
        late.sendall(hello)
        assert _is_shown_out(late)


def test_a_crowd_that_says_nothing_neither_stays_nor_keeps_anybody_out(
    server: AudioSocketServer,
) -> None:
    crowd = [connected(server) for _ in range(MOST_STRANGERS + 20)]
    with server.expected() as caller, connected(server) as far:
        far.sendall(HELLO + caller.id.bytes)
        caller.connection().close()
    with server.expected() as nobody, pytest.raises(MediaLostError, match="set MEDIA_BIND"):
        nobody.connection()
    assert all(_is_shown_out(stranger) for stranger in crowd)
    for stranger in crowd:
        stranger.close()


def test_a_taken_port_is_an_error(server: AudioSocketServer) -> None:
    port = int(server.address.rpartition(":")[2])
    with pytest.raises(OSError, match="in use"):
        AudioSocketServer(Address("127.0.0.1", port, "127.0.0.1"))


@pytest.mark.parametrize(
    ("sent", "heard"),
    [
        (encode(SLIN_8K, b"\1\2\3\4"), b"\1\2\3\4"),
        (encode(SLIN_8K, b"\1\2\3"), b"\1\2"),  # a torn sample
        (encode(SLIN_8K, bytes(65_535)), bytes(65_534)),
        (encode(DTMF, b"#"), MediaEvent("dtmf", "#")),
        (encode(0x18, b"\1\2") + encode(0x77) + encode(DTMF, b"1"), MediaEvent("dtmf", "1")),
    ],
)
def test_what_comes_is_understood(
    pair: tuple[AudioSocketCarrier, socket.socket], sent: bytes, heard: bytes | MediaEvent
) -> None:
    carrier, far = pair
    far.sendall(sent)
    assert next(carrier.received()) == heard


@pytest.mark.parametrize("end", [encode(HANG_UP), encode(ERROR, b"\x01"), b"", b"\x10\x01"])
def test_the_end_is_noticed_however_it_is_told(
    pair: tuple[AudioSocketCarrier, socket.socket], end: bytes
) -> None:
    carrier, far = pair
    far.sendall(encode(SLIN_8K, b"\1\2") + end)
    far.shutdown(socket.SHUT_WR)
    assert list(carrier.received()) == [b"\1\2"]


def test_a_peer_that_stops_reading_gets_every_frame_whole_later_or_is_given_up(
    pair: tuple[AudioSocketCarrier, socket.socket],
) -> None:
    carrier, far = pair
    sent = 0
    while carrier.ready() and sent < 100_000:
        carrier.send(sent.to_bytes(4) * (FRAME_BYTES // 4))
        sent += 1
    assert sent < 100_000, "the connection swallowed half an hour of sound"
    reader, got = FrameReader(), list[Frame]()
    while len(got) < sent:
        got += reader.feed(far.recv(65_536))
        carrier.ready()
    assert [int.from_bytes(frame.payload[:4]) for frame in got] == list(range(sent))


def test_a_peer_that_takes_nothing_for_long_is_gone() -> None:
    clock = [0.0]
    ours, far = socket.socketpair()
    carrier = AudioSocketCarrier(ours, lambda: clock[0])
    while carrier.ready():
        carrier.send(bytes(FRAME_BYTES))
    clock[0] = STALLED_S - 0.1
    assert not carrier.ready()
    clock[0] = STALLED_S + 0.1
    with pytest.raises(TimeoutError):
        carrier.ready()
    carrier.close()
    far.close()


def test_a_stuck_peer_and_one_that_sends_garbage_do_not_hurt_the_next(
    server: AudioSocketServer,
) -> None:
    pacer, ends, clock = Pacer(), list[socket.socket](), [0.0]

    def connect(name: str) -> AudioSocketCarrier:
        with server.expected() as caller:
            far = connected(server)
            far.sendall(HELLO + caller.id.bytes)
            ends.append(far)
            carrier = AudioSocketCarrier(caller.connection(), lambda: clock[0])
        while name == "stuck" and carrier.ready():
            carrier.send(bytes(FRAME_BYTES))
        return carrier

    names = ("stuck", "garbage", "well")
    events = {name: list[MediaEvent]() for name in names}
    legs = [PacedLeg(name, connect, pacer, lambda _: None, events[name].append) for name in names]
    for leg in legs:
        leg.open()
        leg.begin()
        leg.send(b"\1\2" * 80_000)
    _, garbage, well = ends
    garbage.sendall(random.Random(7).randbytes(200_000))
    garbage.close()
    reader, frames, began = FrameReader(), list[Frame](), time.monotonic()
    while len(frames) < 50:
        frames += reader.feed(well.recv(4096))
    assert time.monotonic() - began > 0.8, "faster than sound"
    assert set(frames) <= {Frame(SLIN_8K, b"\1\2" * 160), Frame(SLIN_8K, bytes(320))}
    assert events["stuck"] == events["well"] == []
    give_up_at = time.monotonic() + PATIENCE_S
    while not events["stuck"] and time.monotonic() < give_up_at:
        clock[0] += STALLED_S + 1  # each time, as long as something goes out
        time.sleep(0.1)
    assert events["stuck"] == [MediaEvent("closed")]
    assert events["well"] == []
    for leg in legs:
        leg.close()
    assert events["garbage"] == events["well"] == [MediaEvent("closed")]
    pacer.close()
    for end in ends:
        end.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "pacer"]


def _is_shown_out(stranger: socket.socket) -> bool:
    stranger.settimeout(PATIENCE_S)
    try:
        return stranger.recv(1) == b""
    except ConnectionResetError:
        return True
