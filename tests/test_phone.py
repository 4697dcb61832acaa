"""The telephone against a real Asterisk, and its parts against the standards."""

import shutil
import subprocess
import time
import wave
from pathlib import Path

import numpy as np
import pytest

from bot.audio import RATE_HZ, duration_s, samples, silence
from bot.softphone.g711 import Law, codec
from bot.softphone.heard import HeardAudio
from bot.softphone.phone import Phone
from bot.softphone.rtp import RtpSender, parse_packet
from bot.softphone.sip import CallRefused, Dialog, Parties
from bot.softphone.sipmessage import SipMessage, describe_media, read_media
from tests.lab.asterisk import Asterisk


def rising_tone(seconds: float) -> bytes:
    """A tone whose pitch rises, so that only one alignment matches it."""
    at_s = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    return bytes((8000 * np.sin(2 * np.pi * (300 + 900 * at_s) * at_s)).astype("<i2").tobytes())


def likeness(sent: bytes, heard: bytes) -> float:
    """The best normalised correlation of ``sent`` at any place in ``heard``, up to 1."""
    part, whole = samples(sent).astype(float), samples(heard).astype(float)
    products = np.correlate(whole, part, mode="valid")
    energy = np.convolve(whole**2, np.ones(len(part)), mode="valid")
    return float(np.max(products / np.sqrt(np.maximum(energy, 1) * np.sum(part**2))))


def test_what_is_said_comes_back_from_an_echo(asterisk: Asterisk) -> None:
    with Phone(asterisk.sip_server) as phone, phone.dial("echo") as call:
        call.play(silence(0.1) + rising_tone(0.6))
        assert call.wait_played()
        assert call.wait_speech(call.answered_at) is not None
        assert call.wait_quiet(0.3) is not None
        assert likeness(rising_tone(0.6), call.recording()) > 0.98


def test_speech_is_heard_after_it_was_sent_and_is_as_long(asterisk: Asterisk) -> None:
    with Phone(asterisk.sip_server) as phone, phone.dial("echo") as call:
        call.play(rising_tone(0.5) + silence(0.2))
        call.wait_played()
        call.wait_quiet(0.3)
        onset, last = call.heard.speech_onset(0.0), call.heard.last_speech()
        assert onset is not None
        assert last is not None
        assert call.last_sent_speech_at is not None
        assert onset >= call.speech_sent_at[0]
        assert last >= call.last_sent_speech_at
        assert len(call.speech_sent_at) == len(call.heard.speech_at()) == 25


def test_pressed_keys_arrive_in_order(asterisk: Asterisk) -> None:
    with Phone(asterisk.sip_server) as phone, phone.dial("echo") as call:
        call.send_dtmf("1940*")
        deadline = time.monotonic() + 10
        while len(call.heard.keys()) < 5 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert call.heard.keys() == "1940*"


def test_our_hang_up_ends_the_channel(asterisk: Asterisk) -> None:
    with Phone(asterisk.sip_server) as phone:
        call = phone.dial("echo", caller_id="+79610000001")
        callers = [channel["caller"]["number"] for channel in asterisk.channels()]
        assert callers.count("+79610000001") == 1
        assert call.hangup()
        assert call.ended_by == "us"
        assert asterisk.left_behind() == []


def test_their_hang_up_ends_the_call(asterisk: Asterisk) -> None:
    with Phone(asterisk.sip_server) as phone:
        call = phone.dial("goodbye")
        assert not call.ended.is_set()
        assert call.ended.wait(10)
        assert call.ended_by == "them"


@pytest.mark.parametrize(("extension", "status"), [("nobody", 404), ("100", 503)])
def test_unknown_extension_and_absent_worker_are_refused(
    asterisk: Asterisk, extension: str, status: int
) -> None:
    with Phone(asterisk.sip_server) as phone:
        with pytest.raises(CallRefused) as refused:
            phone.dial(extension)
        assert refused.value.status == status


def test_calls_of_one_phone_do_not_hear_each_other(asterisk: Asterisk) -> None:
    with Phone(asterisk.sip_server) as phone:
        speaking, listening = phone.dial("echo"), phone.dial("echo")
        speaking.play(rising_tone(0.3))
        assert speaking.wait_speech(0.0) is not None
        assert speaking.wait_quiet(0.2) is not None
        assert listening.received
        assert listening.heard.speech_at() == []


def test_closing_the_phone_leaves_no_channel(asterisk: Asterisk) -> None:
    assert asterisk.left_behind() == []
    with Phone(asterisk.sip_server) as phone:
        for _ in range(5):
            phone.dial("tone")
        assert len(asterisk.channels()) == 5
    assert asterisk.left_behind() == []


def test_a_line_without_silence_packets_sends_only_speech(asterisk: Asterisk) -> None:
    with Phone(asterisk.sip_server) as phone, phone.dial("echo", send_silence=False) as call:
        call.play(rising_tone(0.2))
        call.wait_played()
        call.wait_speech(0.0)
        call.wait_quiet(0.3)
        assert len(call.received) == 10


def test_nobody_at_the_address_is_a_refusal() -> None:
    with Phone(("127.0.0.1", 9)) as phone, pytest.raises(CallRefused) as refused:
        phone.dial("100", timeout_s=0.3)
    assert refused.value.status == 408


def test_recording_keeps_the_pauses_between_packets(tmp_path: Path) -> None:
    sender = RtpSender(codec("PCMA"), None, send_silence=False)
    sender.queue_speech(rising_tone(0.2))
    heard = HeardAudio()
    for number in range(10):
        packet = sender.next_packet(0.0)
        assert packet is not None
        pause_s = 1.0 if number >= 5 else 0.0
        heard.add(packet, 50.0 + 0.02 * number + pause_s)
    assert duration_s(heard.recording()) == pytest.approx(1.2)
    assert duration_s(heard.recording(start_s=49.5)) == pytest.approx(1.7)
    heard.save(tmp_path / "call.wav")
    with wave.open(str(tmp_path / "call.wav")) as file:
        assert (file.getframerate(), file.getnframes()) == (RATE_HZ, int(1.2 * RATE_HZ))


@pytest.mark.parametrize(("law", "sox_type", "zero"), [("PCMU", "ul", 0xFF), ("PCMA", "al", 0xD5)])
def test_companding_agrees_with_sox(law: Law, sox_type: str, zero: int) -> None:
    if not shutil.which("sox"):
        pytest.fail("sox is missing: run make setup")
    decoded = subprocess.run(
        ["sox", "-D", "-t", sox_type, "-r", "8000", "-c", "1", "-",
         "-t", "raw", "-e", "signed", "-b", "16", "-"],
        input=bytes(range(256)), capture_output=True, check=True,
    ).stdout  # fmt: skip
    tested = codec(law)
    assert tested.decode(bytes(range(256))) == decoded
    assert tested.encode(b"\0\0") == tested.silence
    assert tested.silence in (bytes([zero]), bytes([zero ^ 0x80]))
    assert tested.decode(tested.encode(decoded)) == decoded
    loudest = np.array([32767, -32768], dtype="<i2").tobytes()
    assert list(samples(tested.decode(tested.encode(loudest)))) == [
        max(tested.levels),
        min(tested.levels),
    ]


def test_rtcp_and_noise_are_not_sound() -> None:
    assert parse_packet(bytes([0x80, 200]) + bytes(30)) is None
    assert parse_packet(b"\x80\x00") is None
    assert parse_packet(b"\r\n\r\n") is None


class FarSide:
    """A SIP server of the test's own: what it was sent, and the answers it makes."""

    def __init__(self) -> None:
        self.got: list[SipMessage] = []
        parties = Parties("127.0.0.1:5070", "127.0.0.1:5060", "100", "phone")
        self.dialog = Dialog(parties, 4000, lambda data: self.got.append(SipMessage.parse(data)))
        self.dialog.invite(0.0)

    @property
    def methods(self) -> list[str]:
        """The requests so far, without responses."""
        return [message.method for message in self.got if message.status is None]

    def answer(self, status: int, now_s: float = 0.0, body: str = "") -> SipMessage:
        """Answer the last request that expects it."""
        request = next(m for m in reversed(self.got) if m.status is None and m.method != "ACK")
        answer = request.answer(status, "Reason", "far")
        if body:
            answer = answer.with_body("<sip:far@127.0.0.1:5099>", body)
        self.dialog.receive(answer, now_s)
        return answer

    def request(self, method: str, body: str = "") -> SipMessage:
        """Send a request within the dialog; the response to it."""
        invite = self.got[0]
        headers = (
            ("via", "SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bKfar"),
            ("from", invite.header("to") + ";tag=far"),
            ("to", invite.header("from")),
            ("call-id", invite.header("call-id")),
            ("cseq", f"7 {method}"),
        )
        sent = SipMessage(f"{method} sip:phone@127.0.0.1:5070 SIP/2.0", headers, body)
        self.dialog.receive(SipMessage.parse(sent.encode()), 0.0)
        return self.got[-1]


MEDIA = describe_media("127.0.0.1", 6000)


def test_a_lost_invite_is_repeated_at_doubling_intervals_and_given_up() -> None:
    far = FarSide()
    for tenths in range(340):
        far.dialog.repeat_what_is_due(tenths / 10)
    assert far.methods == ["INVITE"] * 7
    assert far.dialog.refusal is not None
    assert far.dialog.refusal.status == 408


def test_an_answer_that_comes_again_is_acknowledged_again() -> None:
    far = FarSide()
    far.answer(180)
    for _ in range(2):
        far.answer(200, body=MEDIA)
    assert far.methods == ["INVITE", "ACK", "ACK"]
    assert far.got[-1].start_line == "ACK sip:far@127.0.0.1:5099 SIP/2.0"
    assert far.dialog.state == "up"


def test_a_lost_bye_is_repeated_until_it_is_answered() -> None:
    far = FarSide()
    far.answer(200, body=MEDIA)
    far.dialog.hang_up(1.0)
    far.dialog.repeat_what_is_due(1.6)
    assert far.methods[-2:] == ["BYE", "BYE"]
    assert not far.dialog.ended.is_set()
    far.answer(200, 1.7)
    assert far.dialog.ended_by == "us"
    far.dialog.repeat_what_is_due(9.0)
    assert far.methods.count("BYE") == 2


def test_hanging_up_before_the_answer_cancels() -> None:
    far = FarSide()
    far.dialog.hang_up(0.1)
    assert far.methods == ["INVITE"]
    far.answer(180)
    assert far.methods == ["INVITE", "CANCEL"]
    assert far.got[-1].header("via") == far.got[0].header("via")


def test_an_answer_that_crosses_the_cancel_is_acknowledged_and_ended() -> None:
    far = FarSide()
    invite = far.got[0]
    far.answer(180)
    far.dialog.hang_up(0.1)
    crossing = invite.answer(200, "OK", "far").with_body("<sip:far@127.0.0.1>", MEDIA)
    far.dialog.receive(crossing, 0.2)
    assert far.methods == ["INVITE", "CANCEL", "ACK", "BYE"]


def test_an_answer_without_usable_sound_is_ended_and_reported() -> None:
    far = FarSide()
    far.answer(200, body=MEDIA.replace("RTP/AVP 0 8 101", "RTP/AVP 18"))
    assert far.methods == ["INVITE", "ACK", "BYE"]
    assert far.dialog.refusal is not None
    assert far.dialog.refusal.status == 488


@pytest.mark.parametrize("method", ["OPTIONS", "INFO", "NOTIFY", "UPDATE", "INVITE", "BYE"])
def test_requests_within_the_call_are_answered(method: str) -> None:
    far = FarSide()
    far.answer(200, body=MEDIA)
    response = far.request(method, MEDIA if method == "INVITE" else "")
    assert response.status == 200
    assert response.header("cseq") == f"7 {method}"
    assert far.dialog.ended.is_set() == (method == "BYE")
    if method == "INVITE":
        assert read_media(response.body).port == 4000


def test_short_header_names_and_folded_lines_are_understood() -> None:
    message = SipMessage.parse(
        b"SIP/2.0 200 OK\r\ni: abc\r\nf: <sip:a@b>\r\n ;tag=1\r\nCSeq: 1 BYE\r\nl: 0\r\n\r\n"
    )
    assert message.header("call-id") == "abc"
    assert message.header("from") == "<sip:a@b> ;tag=1"
    assert (message.status, message.method) == (200, "BYE")
    with pytest.raises(ValueError, match="not a SIP"):
        SipMessage.parse(b"GET / HTTP/1.1\r\n\r\n")
