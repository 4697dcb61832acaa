"""Callers, telephones and networks that do not do what they should."""

import random
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from bot.softphone.codecs import Format
from bot.softphone.g711 import codec
from bot.softphone.phone import Call, Phone
from bot.softphone.rtp import RtpSender
from bot.softphone.sip import CallRefused
from tests.calls.dialogue import CALLER, PATIENCE_S, ask, hear_greeting
from tests.lab.asterisk import Asterisk
from tests.lab.openai_server import OpenAIServer
from tests.lab.worker import Worker

QUESTION = "Какая гарантия на машину?"


@pytest.fixture
def answered(worker: Worker, openai_service: OpenAIServer) -> Worker:
    openai_service.plan.transcript = QUESTION
    return worker


@pytest.fixture
def call(phone: Phone) -> Iterator[Call]:
    with phone.dial("100", caller_id=CALLER) as dialled:
        hear_greeting(dialled)
        yield dialled


def hang_up_somewhere(phone: Phone, draw: random.Random) -> None:
    """Call, and hang up within 300 ms: before the answer, or right after it."""
    leave_at = time.monotonic() + draw.uniform(0.0, 0.3)
    try:
        call = phone.dial("100", timeout_s=max(0.0, leave_at - time.monotonic()))
    except CallRefused:
        return
    time.sleep(max(0.0, leave_at - time.monotonic()))
    call.hangup()


def fifty_hang_up(phone: Phone, seed: int) -> None:
    draw = random.Random(seed)
    callers = [
        threading.Thread(target=hang_up_somewhere, args=(phone, random.Random(draw.random())))
        for _ in range(50)
    ]
    for caller in callers:
        caller.start()
        time.sleep(0.02)
    for caller in callers:
        caller.join()


def test_fifty_callers_in_a_second_who_hang_up_during_set_up_leave_nothing(
    answered: Worker, phone: Phone, asterisk: Asterisk
) -> None:
    fifty_hang_up(phone, 1)
    assert asterisk.left_behind() == []
    threads, sockets = settled_footprint(answered)
    fifty_hang_up(phone, 2)
    assert asterisk.left_behind() == []
    threads_after, sockets_after = settled_footprint(answered)
    # One that leaked in each call would be dozens; the pools of threads and sockets may grow.
    assert threads_after - threads < 20
    assert sockets_after - sockets < 20
    assert {call["status"] for call in answered.calls()} <= {"Abandoned", "NoInput", "Completed"}


def settled_footprint(worker: Worker) -> tuple[int, int]:
    """The process once every call has ended."""
    give_up_at = time.monotonic() + 30
    while any(call["status"] == "InProgress" for call in worker.calls()):
        assert time.monotonic() < give_up_at, "a call goes on"
        time.sleep(0.05)
    time.sleep(0.5)
    return worker.footprint()


NAMES = [
    ("anonymous", "Anonymous"),
    ("unknown", "O'Hara \"<script>alert(1)</script>\x07\x1b[31m"),
    ("%22O'Hara%0D%0AX-Injected:%20yes%3Cscript%3E", ""),
    ("%3D%2B7961%7C'cmd'!A1", "=HYPERLINK(1)"),
]


def test_whatever_a_caller_is_called_they_are_answered_and_kept_as_text(
    answered: Worker, phone: Phone
) -> None:
    answered.output.clear()
    calls = [phone.dial("100", caller_id=number, name=name) for number, name in NAMES]
    for call in calls:
        assert call.wait_speech(call.answered_at) is not None
    for call in calls:
        call.hangup()
    settled_footprint(answered)
    kept = [call["callerId"] for call in answered.calls()[-len(calls) :]]
    assert sorted(kept) == sorted(
        ["anonymous", "unknown", "\"O'Hara\ufffd\ufffdX-Injected", "=+7961|'cmd'!A1"]
    )
    said = "".join(answered.output)
    assert said.count("call ended") == len(calls)
    assert not any(word in said for word in ("O'Hara", "script", "Injected", "7961"))


@pytest.mark.parametrize("formats", [("GSM",), ("opus",)])
def test_a_telephone_that_we_cannot_hear_is_refused_at_once(
    answered: Worker, phone: Phone, asterisk: Asterisk, formats: tuple[Format, ...]
) -> None:
    with pytest.raises(CallRefused) as refused:
        phone.dial("100", formats=formats)
    assert refused.value.status == 488
    assert asterisk.left_behind() == []


def test_a_law_and_wideband_telephones_are_understood_and_answered(
    answered: Worker, phone: Phone, words: bytes
) -> None:
    offers: tuple[tuple[Format, ...], ...] = (("PCMA",), ("L16",))
    with ExitStack() as stack:
        calls = [
            stack.enter_context(phone.dial("100", caller_id=CALLER, formats=one)) for one in offers
        ]
        for call in calls:
            assert call.wait_speech(call.answered_at) is not None
            call.play(words)
        for call in calls:
            ask(call, b"")  # which was played above
    settled_footprint(answered)
    for record in answered.calls()[-2:]:
        said = [line["text"] for line in record["lines"] if line["role"] == "user"]
        assert said == [QUESTION]


def test_a_flood_of_keys_and_a_stranger_on_the_line_change_nothing(
    answered: Worker, call: Call, openai_service: OpenAIServer, words: bytes
) -> None:
    heard = len(openai_service.requests("transcription"))
    stranger = RtpSender(codec("PCMU"), None, send_silence=False)
    stranger.queue_speech(words)
    call.send_dtmf("*1*2*3" * 3, held_ms=0)  # 0.4 s of keys, of which Asterisk makes 2
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as elsewhere:
        while (packet := stranger.next_packet(time.monotonic())) is not None:
            elsewhere.sendto(packet, call.far_side)
            time.sleep(0.02)
    assert call.wait_quiet(0.6) is not None
    assert len(openai_service.requests("transcription")) == heard  # nobody heard the stranger
    call.play(words)
    give_up_at = time.monotonic() + PATIENCE_S
    while not (spoken := said_by_caller(answered, "openai")):
        assert time.monotonic() < give_up_at, "the caller was not understood any more"
        time.sleep(0.1)
    call.hangup()
    answered.wait_for_call()
    assert spoken == [QUESTION]
    assert 1 <= len(said_by_caller(answered, "dtmf")) < 6  # not each of nine


def said_by_caller(worker: Worker, recogniser: str) -> list[str]:
    """What the last caller has said, or asked for by keys."""
    lines = worker.calls()[-1]["lines"]
    return [line["text"] for line in lines if line.get("asr_provider") == recogniser]
