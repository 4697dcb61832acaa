"""What happens to an answer that is spoken over: kept, given up, or said to its end later."""

import time

import pytest

from bot.softphone.phone import Call, Phone
from tests.calls.dialogue import PATIENCE_S, ask, hear_greeting, hear_out
from tests.lab.humanspeech import human_speech
from tests.lab.noises import cough
from tests.lab.openai_server import OpenAIServer
from tests.lab.worker import Worker

SENTENCES = [f"Это предложение номер {number} о машинах." for number in range(1, 5)]
ANSWER = "|".join([*SENTENCES, ""])


@pytest.fixture(scope="module")
def short_words() -> bytes:
    """0.8 s of a human's voice."""
    return human_speech("goodbye")


def _say(call: Call, sound: bytes) -> float:
    """Say it; when the last of it left."""
    call.play(sound)
    assert call.wait_played()
    return call.speech_sent_at[-1]


def test_an_answer_goes_on_after_noises_and_murmurs_and_the_rest_of_one_is_said_on_request(
    worker: Worker, phone: Phone, openai_service: OpenAIServer, words: bytes, short_words: bytes
) -> None:
    openai_service.plan.transcript = "Расскажите о машинах подробно?"
    openai_service.answer(ANSWER)
    with phone.dial("100") as call:
        hear_greeting(call)
        ask(call, words)
        openai_service.plan.transcript = "Продолжение следует..."
        for noise in (cough(0.3), short_words):
            time.sleep(0.2)
            ended_at = _say(call, noise)
            assert call.wait_speech(ended_at + 0.1, PATIENCE_S) is not None
        openai_service.plan.transcript = "Хватит."
        stopped_at = _say(call, short_words)
        assert call.wait_speech(stopped_at + 0.3, PATIENCE_S) is not None
        hear_out(call)
        asked = openai_service.count("chat")
        openai_service.plan.transcript = "Так, и что дальше?"
        ask(call, short_words)
        hear_out(call)
        assert openai_service.count("chat") == asked
    lines = worker.wait_for_call()["lines"]
    spoken = [line for line in lines if line["role"] == "bot"]
    cut, rest = spoken[1], spoken[-1]
    assert cut["interrupted"]
    whole = [one for one in SENTENCES if one in cut["heard"]]
    assert len(whole) < len(SENTENCES)
    assert rest["text"] == " ".join(SENTENCES[len(whole) :])
    assert rest["source"] == "general"
    assert not rest["interrupted"]
