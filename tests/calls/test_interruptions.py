"""A caller who speaks over the assistant, says nothing, or hangs up at any moment."""

import time

import numpy as np
import pytest

from bot.prompts import read_prompts
from bot.softphone.phone import Call, Phone
from tests.calls.dialogue import ask, hear_greeting, hear_out
from tests.lab.asterisk import Asterisk
from tests.lab.openai_server import OpenAIServer
from tests.lab.worker import REPO, Worker

PROMPTS = read_prompts(REPO / "kb" / "prompts.json")
LONG_ANSWER = " ".join(
    f"Это предложение номер {number} очень длинного ответа о машинах.|" for number in range(1, 8)
)


def test_speaking_over_an_answer_stops_it_and_the_question_is_answered(
    worker: Worker, phone: Phone, openai_service: OpenAIServer, words: bytes
) -> None:
    openai_service.plan.transcript = "Расскажите про захваты?"
    openai_service.answer(LONG_ANSWER)
    with phone.dial("100") as call:
        hear_greeting(call)
        ask(call, words)
        time.sleep(3.0)
        openai_service.plan.transcript = "Сколько стоит доставка?"
        call.play(words)
        call.wait_played()
        interrupted_at = call.speech_sent_at[-1]
        assert call.wait_speech(interrupted_at, 20.0) is not None
        hear_out(call)
    lines = worker.wait_for_call()["lines"]
    assert [line["role"] for line in lines] == ["bot", "user", "bot", "user", "bot"]
    stopped = lines[2]
    assert stopped["interrupted"]
    assert stopped["text"].startswith(stopped["heard"])
    assert 0 < len(stopped["heard"]) < len(stopped["text"])
    assert lines[4]["source"] == "general"


def test_the_line_is_silent_while_the_caller_speaks_over_the_greeting(
    worker: Worker, phone: Phone, openai_service: OpenAIServer, words: bytes
) -> None:
    openai_service.plan.transcript = "Где вы находитесь?"
    with phone.dial("100") as call:
        began_at = call.wait_speech(call.answered_at, 20.0)
        assert began_at is not None
        time.sleep(0.3)
        call.play(words)
        call.wait_played()
        first, last = _span_of_speech(call)
        heard = [at for at in call.heard.speech_at() if first + 0.4 < at < last]
        assert heard == []
        assert call.wait_speech(last, 20.0) is not None
    lines = worker.wait_for_call()["lines"]
    assert lines[0]["kind"] == "greeting"
    assert lines[0]["interrupted"]
    assert lines[1]["text"] == "Где вы находитесь?"


def _span_of_speech(call: Call) -> tuple[float, float]:
    """When our speech began and ended."""
    return call.speech_sent_at[0], call.speech_sent_at[-1]


def test_noise_over_an_answer_does_not_end_it(
    worker: Worker, phone: Phone, openai_service: OpenAIServer, words: bytes
) -> None:
    openai_service.plan.transcript = "Расскажите про экстензометры?"
    openai_service.answer(LONG_ANSWER)
    random = np.random.default_rng(3)
    with phone.dial("100") as call:
        hear_greeting(call)
        ask(call, words)
        for length_s in (0.1, 0.3, 0.5):
            time.sleep(1.0)
            call.play(random.normal(0, 5000, int(length_s * 8000)).astype("<i2").tobytes())
        hear_out(call)
    lines = worker.wait_for_call()["lines"]
    assert [line["role"] for line in lines] == ["bot", "user", "bot"]
    assert not lines[2]["interrupted"]


def test_a_backchannel_pauses_an_answer_and_lets_it_go_on(
    worker: Worker, phone: Phone, openai_service: OpenAIServer, words: bytes
) -> None:
    openai_service.plan.transcript = "Расскажите про датчики?"
    openai_service.answer(LONG_ANSWER)
    with phone.dial("100") as call:
        hear_greeting(call)
        ask(call, words)
        time.sleep(2.0)
        openai_service.plan.transcript = "Угу."
        call.play(words[: int(0.45 * 16000)])
        call.wait_played()
        said_at = call.speech_sent_at[-1]
        resumed_at = call.wait_speech(said_at + 0.3, 5.0)
        assert resumed_at is not None
        hear_out(call)
    lines = worker.wait_for_call()["lines"]
    assert [line["role"] for line in lines] == ["bot", "user", "bot"]
    assert not lines[2]["interrupted"]


def test_callers_who_say_nothing_or_send_nothing_are_asked_twice_and_let_go(
    worker: Worker, phone: Phone
) -> None:
    seen = len(worker.calls())
    calls = [phone.dial("100"), phone.dial("100", send_silence=False)]
    for call in calls:
        assert call.ended.wait(60.0)
        assert call.ended_by == "them"
    for number in (seen, seen + 1):
        record = worker.wait_for_call(number)
        assert record["status"] == "NoInput"
        assert [line["text"] for line in record["lines"]] == [
            PROMPTS.greeting,
            PROMPTS.idle_prompt,
            PROMPTS.idle_prompt_again,
            PROMPTS.goodbye,
        ]


@pytest.fixture
def used_worker(
    worker: Worker,
    phone: Phone,
    openai_service: OpenAIServer,
    words: bytes,
) -> Worker:
    """The worker after a whole call: its threads and connections exist from then on."""
    if not any(line["role"] == "user" for call in worker.calls() for line in call["lines"]):
        seen = len(worker.calls())
        _one_call("paused", phone, openai_service, words)
        worker.wait_for_call(seen)
    return worker


STATES = ("set-up", "greeting", "listening", "recognising", "thinking", "speaking", "paused")


@pytest.mark.parametrize("state", STATES)
def test_hanging_up_leaves_nothing_behind(
    state: str,
    used_worker: Worker,
    phone: Phone,
    asterisk: Asterisk,
    openai_service: OpenAIServer,
    words: bytes,
) -> None:
    worker = used_worker
    assert asterisk.left_behind() == []
    threads, sockets = _settled_footprint(worker)
    for _ in range(2):
        seen = len(worker.calls())
        _one_call(state, phone, openai_service, words)
        assert worker.wait_for_call(seen)["status"] in ("Completed", "NoInput", "Abandoned")
        assert asterisk.left_behind() == []
    after_threads, after_sockets = _settled_footprint(worker)
    assert after_threads <= threads + 1
    assert after_sockets <= sockets + 1


def _one_call(state: str, phone: Phone, openai_service: OpenAIServer, words: bytes) -> None:
    """Call, and hang up in the given state."""
    openai_service.plan.asr_s = 2.0 if state == "recognising" else 0.0
    openai_service.plan.first_token_s = 2.0 if state == "thinking" else 0.0
    openai_service.plan.transcript = f"Расскажите про испытание номер {time.monotonic_ns()}?"
    openai_service.answer(LONG_ANSWER)
    call = phone.dial("100")
    if state not in ("set-up", "greeting"):
        hear_greeting(call)
    if state == "greeting":
        call.wait_speech(call.answered_at, 10.0)
    if state in ("recognising", "thinking"):
        endpoint = "transcription" if state == "recognising" else "chat"
        asked = openai_service.count(endpoint)
        call.play(words)
        assert openai_service.wait_for(endpoint, asked + 1, 15.0)
    if state in ("speaking", "paused"):
        ask(call, words)
    if state == "paused":
        call.play(words)
        time.sleep(0.4)
    call.hangup()
    openai_service.plan.asr_s = openai_service.plan.first_token_s = 0.0
    openai_service.forget()


def _settled_footprint(worker: Worker) -> tuple[int, int]:
    """Threads and sockets once they have stopped falling."""
    best = worker.footprint()
    for _ in range(20):
        time.sleep(0.1)
        now = worker.footprint()
        best = (min(best[0], now[0]), min(best[1], now[1]))
    return best
