"""What we do ourselves where Asterisk paces nothing: the queue, the beat, RTP's packets."""

import random
import socket
import threading
import time

import numpy as np
import pytest

from bot.audio import FRAME_BYTES
from bot.errors import SettingError
from bot.media import MediaEvent
from bot.media.address import our_address
from bot.media.outgoing import SILENCE, Outgoing
from bot.media.pacer import CATCH_UP_S, FRAME_S, Pacer
from bot.media.rtp import RtpReader, RtpStream
from bot.settings import load_settings
from bot.softphone.g711 import codec
from bot.softphone.rtp import parse_packet

FRAME = b"\1\2" * 160


def test_a_mark_is_told_of_one_frame_after_its_last_sample() -> None:
    told: list[MediaEvent] = []
    outgoing = Outgoing(told.append)
    outgoing.begin()
    outgoing.send(FRAME + FRAME[:100])
    outgoing.mark("u1.0")
    outgoing.finish("u1")
    assert outgoing.next_frame() == FRAME
    assert outgoing.next_frame() == FRAME[:100].ljust(FRAME_BYTES, b"\0")
    assert told == []
    assert outgoing.next_frame() == SILENCE
    assert told == [MediaEvent("played", "u1.0"), MediaEvent("finished", "u1")]


def test_a_tail_waits_for_the_rest_of_its_utterance() -> None:
    outgoing = Outgoing(lambda _: None)
    outgoing.begin()
    outgoing.send(FRAME[:100])
    assert outgoing.next_frame() == SILENCE
    outgoing.send(FRAME[100:])
    assert outgoing.next_frame() == FRAME


def test_a_pause_holds_back_sound_and_marks_and_a_flush_drops_both() -> None:
    told: list[MediaEvent] = []
    outgoing = Outgoing(told.append)
    outgoing.begin()
    outgoing.send(FRAME)
    outgoing.finish("u1")
    assert outgoing.next_frame() == FRAME
    outgoing.pause()
    assert (outgoing.next_frame(), told) == (SILENCE, [])
    outgoing.flush()
    assert (outgoing.next_frame(), told) == (SILENCE, [])
    outgoing.begin()
    outgoing.send(FRAME)
    outgoing.finish("u2")
    assert outgoing.next_frame() == FRAME
    outgoing.next_frame()
    assert told == [MediaEvent("finished", "u2")]


def test_no_sample_is_lost_or_doubled_whatever_is_done_meanwhile() -> None:
    chance = random.Random(8)
    for _ in range(100):
        told: list[MediaEvent] = []
        outgoing = Outgoing(told.append)
        outgoing.begin()
        sent, got, marks = b"", b"", 0
        for _ in range(60):
            match chance.randrange(5):
                case 0:
                    pcm = bytes(chance.randrange(1, 256) for _ in range(2 * chance.randrange(400)))
                    outgoing.send(pcm)
                    sent += pcm
                case 1:
                    outgoing.pause()
                    assert outgoing.next_frame() == SILENCE
                    outgoing.resume()
                case 2:
                    outgoing.mark(f"u1.{marks}")
                    marks += 1
                case _:
                    got += outgoing.next_frame().strip(b"\0")
        outgoing.finish("u1")
        while MediaEvent("finished", "u1") not in told:
            got += outgoing.next_frame().strip(b"\0")
        assert got == sent
        assert told[:-1] == [MediaEvent("played", f"u1.{number}") for number in range(marks)]


def _drift_s() -> float:
    """How far the earliest beats of half a second are from those of the next but one."""
    pacer, beats = Pacer(), list[float]()

    def beat() -> bool:
        beats.append(time.monotonic())
        return len(beats) < 75

    pacer.add(beat)
    while len(beats) < 75:
        time.sleep(0.01)
    pacer.close()
    off = [at - number * FRAME_S for number, at in enumerate(beats)]
    return abs(min(off[50:]) - min(off[:25]))


def test_the_beat_does_not_drift() -> None:
    assert any(_drift_s() < 0.008 for _ in range(10)), "never, not even when the machine is idle"


def test_what_is_a_little_late_is_made_good_and_a_leg_that_fails_stops_alone() -> None:
    pacer, beats, failed = Pacer(), list[float](), list[int]()

    def fail() -> bool:
        failed.append(1)
        raise ValueError("a fault of the program")

    def beat() -> bool:
        beats.append(time.monotonic())
        if len(beats) == 10:
            time.sleep(CATCH_UP_S * 0.6)  # made good
        if len(beats) == 20:
            time.sleep(CATCH_UP_S * 5)  # too much to be made good
        return len(beats) < 40

    pacer.add(fail)
    pacer.add(beat)
    while len(beats) < 40:
        time.sleep(0.01)
    assert failed == [1]
    assert beats[11] - beats[10] < FRAME_S  # none was left out
    assert beats[-1] - beats[0] >= 39 * FRAME_S + CATCH_UP_S * 5 - 7 * FRAME_S
    pacer.close()


def test_a_removed_leg_is_not_called_again_and_the_thread_ends() -> None:
    pacer, beats = Pacer(), list[int]()

    def beat() -> bool:
        beats.append(1)
        return True

    pacer.add(beat)
    while not beats:
        time.sleep(0.01)
    pacer.remove(beat)
    pacer.remove(beat)
    seen = len(beats)
    time.sleep(3 * FRAME_S)
    assert len(beats) == seen
    pacer.add(beat)  # a beat after a rest begins anew, and makes nothing good
    time.sleep(2 * FRAME_S)
    assert len(beats) - seen < 20
    pacer.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "pacer"]


def test_packets_are_numbered_and_timed_as_rtp_demands() -> None:
    stream = RtpStream()
    packets = [parse_packet(stream.packet(FRAME)) for _ in range(70_000)]
    first = packets[0]
    assert first is not None
    assert [packet.marker for packet in packets[:3] if packet] == [True, False, False]
    for number in (1, 2, 65_535, 65_536, 69_999):
        packet = packets[number]
        assert packet is not None
        assert (packet.sequence - first.sequence) & 0xFFFF == number & 0xFFFF
        assert (packet.timestamp - first.timestamp) & 0xFFFFFFFF == number * 160
    assert (first.payload_type, first.payload) == (8, codec("PCMA").encode(FRAME))


def _packet(payload_type: int, sequence: int, payload: bytes) -> bytes:
    return bytes([0x80, payload_type]) + sequence.to_bytes(2) + bytes(8) + payload


@pytest.mark.parametrize(
    ("payload_type", "payload"),
    [
        (0, codec("PCMU").encode(FRAME)),
        (8, codec("PCMA").encode(FRAME)),
    ],
)
def test_every_form_in_which_asterisk_sends_sound_is_understood(
    payload_type: int, payload: bytes
) -> None:
    heard = np.frombuffer(RtpReader().sound(_packet(payload_type, 1, payload)), "<i2")
    assert len(heard) == 160
    assert np.abs(heard.astype(int) - 513).max() < 40


def test_late_and_repeated_packets_are_left_out_and_a_new_count_is_followed() -> None:
    reader = RtpReader()

    def is_heard(sequence: int) -> bool:
        return reader.sound(_packet(8, sequence, FRAME)) != b""

    assert [is_heard(number) for number in (65_534, 65_535, 65_535, 0, 65_534, 1)] == [
        True, True, False, True, False, True,
    ]  # fmt: skip
    assert is_heard(30_000)
    assert is_heard(7)


def test_other_datagrams_are_no_sound() -> None:
    chance = random.Random(9)
    for _ in range(10_000):
        datagram = chance.randbytes(chance.randrange(60))
        heard = RtpReader().sound(datagram)
        assert len(heard) % 2 == 0
        assert len(heard) <= 2 * len(datagram)


@pytest.mark.parametrize(
    ("bind", "ari", "told"),
    [
        (None, "http://127.0.0.1:8088", ("127.0.0.1", 0, "127.0.0.1:5")),
        ("127.0.0.2:7000", "http://127.0.0.1:8088", ("127.0.0.2", 7000, "127.0.0.2:5")),
        ("0.0.0.0:0", "http://127.0.0.1:8088", ("0.0.0.0", 0, "127.0.0.1:5")),
        ("[::1]:9", "http://127.0.0.1:8088", ("::1", 9, "[::1]:5")),
    ],
)
def test_asterisk_is_told_where_it_reaches_us(
    bind: str | None, ari: str, told: tuple[str, int, str]
) -> None:
    address = our_address(bind, ari)
    assert (address.bind, address.port, address.reached_at(5)) == told
    assert address.family == (socket.AF_INET6 if ":" in told[0] else socket.AF_INET)


def test_an_ari_that_has_no_address_is_told() -> None:
    with pytest.raises(SettingError, match=r"ARI_URL: no\.such\.host\.invalid"):
        our_address(None, "http://no.such.host.invalid:8088")


@pytest.mark.parametrize(
    "bind", ["asterisk.lan:0", "127.0.0.1", "127.0.0.1:", "1.2.3.4:65536", ":5"]
)
def test_a_malformed_media_bind_is_told_at_the_start(
    monkeypatch: pytest.MonkeyPatch, bind: str
) -> None:
    monkeypatch.setenv("MEDIA_BIND", bind)
    with pytest.raises(SettingError, match=r"^MEDIA_BIND: must "):
        load_settings(env_file=None)


def test_media_bind_may_be_left_out_or_name_an_address_of_either_kind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert load_settings(env_file=None).media_bind is None
    for bind in ("192.168.0.5:0", "[::1]:9092", "0.0.0.0:9092"):
        monkeypatch.setenv("MEDIA_BIND", bind)
        assert load_settings(env_file=None).media_bind == bind
