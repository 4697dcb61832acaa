"""Lines with an echo, music, hum and keys, and callers who dictate: on a real Asterisk."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from bot.audio import silence
from bot.softphone.phone import Phone
from tests.calls.dialogue import PATIENCE_S, ask, hear_greeting, hear_out
from tests.lab.echo import EchoingLine, Floats, echo_path, mixed
from tests.lab.humanspeech import human_speech
from tests.lab.noises import hiss, hold_music, hum
from tests.lab.openai_server import OpenAIServer
from tests.lab.worker import Worker

LONG_ANSWER = " ".join(
    f"Это предложение номер {number} очень длинного ответа о машинах.|" for number in range(1, 9)
)


@pytest.fixture(scope="module")
def short_words() -> bytes:
    """0.8 s of a human's voice."""
    return human_speech("goodbye")


def test_our_own_echo_interrupts_nothing_and_the_caller_over_it_does(
    worker: Worker, phone: Phone, openai_service: OpenAIServer, words: bytes
) -> None:
    seen, asked = len(worker.calls()), openai_service.count("transcription")
    openai_service.plan.transcript = "Расскажите об испытаниях подробно?"
    openai_service.answer(LONG_ANSWER)
    interrupt = Barrier(2, lambda: _mean(openai_service, "Где вы находитесь?"))
    with ThreadPoolExecutor(2) as pool:
        paths = (echo_path(12, 50), echo_path(18, 300))
        list(pool.map(lambda path: _call_with_echo(phone, path, words, interrupt), paths))
    for number in (seen, seen + 1):
        lines = worker.wait_for_call(number)["lines"]
        assert [line["role"] for line in lines] == ["bot", "user", "bot", "user", "bot"]
        interrupted = [line["interrupted"] for line in lines if line["role"] == "bot"]
        assert interrupted == [False, True, False]
    assert openai_service.count("transcription") - asked <= 6


def _mean(openai_service: OpenAIServer, text: str) -> None:
    openai_service.plan.transcript = text


def _call_with_echo(phone: Phone, path: Floats, words: bytes, interrupt: Barrier) -> None:
    with phone.dial("100") as call, EchoingLine(call, path) as line:
        hear_greeting(call)
        line.say(words)
        _wait_said(line)
        assert call.wait_speech(time.monotonic(), PATIENCE_S) is not None
        time.sleep(2.0)
        interrupt.wait(PATIENCE_S)
        line.say(words)
        _wait_said(line)
        assert call.wait_speech(time.monotonic(), PATIENCE_S) is not None
        hear_out(call)


def _wait_said(line: EchoingLine) -> None:
    give_up_at = time.monotonic() + PATIENCE_S
    while not line.said and time.monotonic() < give_up_at:
        time.sleep(0.02)
    time.sleep(0.2)  # it is still on its way


def test_music_hum_hiss_and_a_flood_of_keys_are_no_turns(
    worker: Worker, phone: Phone, openai_service: OpenAIServer
) -> None:
    seen = len(worker.calls())
    openai_service.plan.transcript = "Субтитры сделал DimaTorzok"
    sounds = [mixed(hold_music(6.0), hiss(6.0, -50.0)), hum(6.0), hiss(6.0, -35.0)]
    with ThreadPoolExecutor(len(sounds)) as pool:
        list(pool.map(lambda sound: _only_sound(phone, sound), sounds))
    for number in range(seen, seen + len(sounds)):
        lines = worker.wait_for_call(number)["lines"]
        assert [line["role"] for line in lines] == ["bot"]
        assert not lines[0]["interrupted"]


def _only_sound(phone: Phone, sound: bytes) -> None:
    with phone.dial("100") as call:
        call.send_dtmf("123456789#ABCD")
        call.play(sound)
        call.wait_played()
        hear_out(call)
        assert call.ended_by is None


def test_a_number_that_is_dictated_in_groups_is_one_turn_whose_answer_waits_ready(
    worker: Worker, phone: Phone, openai_service: OpenAIServer, short_words: bytes
) -> None:
    groups = ("Мой номер восемь", "девятьсот двенадцать", "десять")
    wasted_before = _begun_for_nothing(worker)
    with phone.dial("100") as call:
        hear_greeting(call)
        began_at = time.monotonic()
        for count in range(1, len(groups)):
            openai_service.plan.transcript = " ".join(groups[:count])
            call.play(short_words + silence(1.2))
            assert call.wait_played()
        openai_service.plan.transcript = " ".join(groups)
        ask(call, short_words)
        last_word_at = call.speech_sent_at[-1]
        assert [at for at in call.heard.speech_at() if began_at < at < last_word_at] == []
        hear_out(call)
    lines = worker.wait_for_call()["lines"]
    assert [line["raw"] for line in lines if line["role"] == "user"] == [" ".join(groups)]
    took, began = lines[-1]["timings_ms"], lines[-1]["starts_ms"]
    assert began["tts_first_audio"] + took["tts_first_audio"] < took["endpoint"]
    assert _begun_for_nothing(worker) - wasted_before >= 2 * (len(groups) - 1)


def _begun_for_nothing(worker: Worker) -> float:
    """Recognitions and answers that were begun and not used, in all calls so far."""
    address = f"http://127.0.0.1:{worker.metrics_port}/metrics"
    return sum(
        sample.value
        for family in text_string_to_metric_families(requests.get(address, timeout=5).text)
        for sample in family.samples
        if sample.name == "bot_speculation_total" and sample.labels["outcome"] == "wasted"
    )
