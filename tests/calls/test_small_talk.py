"""«Повторите», «помедленнее» and goodbye on a real Asterisk, as the caller hears them."""

from collections.abc import Callable

import pytest

from bot.prompts import read_prompts
from bot.softphone.phone import Call, Phone
from tests.calls.dialogue import PATIENCE_S, ask, hear_greeting, hear_out
from tests.lab.humanspeech import human_speech
from tests.lab.openai_server import OpenAIServer
from tests.lab.worker import REPO, Worker
from tests.lab.yandex_server import YandexServer

SMALL_TALK = read_prompts(REPO / "kb" / "prompts.json").small_talk
ANSWER = "Гарантия на машины составляет двадцать четыре месяца со дня ввода."
PACKET_S = 0.02


@pytest.fixture(scope="module")
def short_words() -> bytes:
    """0.8 s of a human's voice."""
    return human_speech("goodbye")


def say(call: Call, openai_service: OpenAIServer, words: bytes, meaning: str) -> float:
    """Say ``meaning``, hear the reply out; how many seconds of speech it had."""
    openai_service.plan.transcript = meaning
    heard_before = len(call.heard.speech_at())
    ask(call, words)
    hear_out(call)
    return (len(call.heard.speech_at()) - heard_before) * PACKET_S


def test_an_answer_is_repeated_and_then_said_slower_for_the_rest_of_the_call(
    worker: Worker,
    phone: Phone,
    openai_service: OpenAIServer,
    yandex: YandexServer,
    short_words: bytes,
) -> None:
    openai_service.answer(f"{ANSWER}|")
    with phone.dial("100") as call:
        hear_greeting(call)
        usual_s = say(call, openai_service, short_words, "Сколько действует гарантия?")
        before = (openai_service.count("chat"), yandex.grpc.plan.attempts)
        repeated_s = say(call, openai_service, short_words, "Повторите")
        assert (openai_service.count("chat"), yandex.grpc.plan.attempts) == before
        say(call, openai_service, short_words, "Помедленнее, пожалуйста")
        slow_s = say(call, openai_service, short_words, "А ещё раз?")
        assert openai_service.count("chat") == before[0]
    lines = worker.wait_for_call()["lines"]
    spoken = [line for line in lines if line["role"] == "bot"]
    promised = SMALL_TALK["slower"].answer
    assert [line["text"] for line in spoken[1:]] == [ANSWER, ANSWER, f"{promised} {ANSWER}", ANSWER]
    controls = [line["trace"]["control"] for line in spoken[1:]]
    assert controls == ["", "repeat", "slower", "repeat"]
    assert repeated_s == pytest.approx(usual_s, rel=0.1)
    assert slow_s > 1.08 * usual_s


def test_goodbye_ends_the_call_once_it_was_heard_unless_the_caller_asks_on(
    worker: Worker,
    phone: Phone,
    openai_service: OpenAIServer,
    yandex: YandexServer,
    short_words: bytes,
    slow_voice: Callable[[bool], None],
) -> None:
    with phone.dial("100") as call:
        hear_greeting(call)
        say(call, openai_service, short_words, "Помедленнее")  # goodbye is not at hand at this pace
        slow_voice(True)
        openai_service.plan.transcript = "До свидания"
        ask(call, short_words)
        openai_service.plan.transcript = "Ой, а сколько стоит доставка?"
        slow_voice(False)
        ask(call, short_words)
        hear_out(call)
        assert call.ended_by is None
        goodbye_s = say(call, openai_service, short_words, "спасибо до свидания")
        assert call.ended.wait(PATIENCE_S)
        assert call.ended_by == "them"
    record = worker.wait_for_call()
    assert record["status"] == "Completed"
    bot_lines = [line for line in record["lines"] if line["role"] == "bot"]
    assert [line["trace"].get("control") for line in bot_lines[2:]] == ["goodbye", "", "goodbye"]
    assert [line["interrupted"] for line in bot_lines[2:]] == [True, False, False]
    assert bot_lines[3]["source"] == "general"
    assert bot_lines[4]["text"] == SMALL_TALK["goodbye"].answer
    assert goodbye_s > 0.5


@pytest.fixture
def slow_voice(yandex: YandexServer) -> Callable[[bool], None]:
    """Lets the voice take its time, so that there is time to interrupt it."""

    def make(slow: bool) -> None:
        yandex.grpc.plan.realtime_factor = 3.0 if slow else 0.0

    return make
