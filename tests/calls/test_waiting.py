"""A caller who waits for a slow service is not left in silence."""

import pytest

from bot.audio import silence
from bot.softphone.phone import Phone
from tests.calls.dialogue import CALLER, PATIENCE_S, ask, hear_greeting, hear_out
from tests.lab.openai_server import OpenAIServer
from tests.lab.worker import Worker

LONGEST_SILENCE_S = 2.5
"""Between a filler and what follows it, on a busy machine."""
QUESTION = "Какая гарантия на машину?"


@pytest.mark.parametrize("slow", ["model", "recogniser"])
def test_a_filler_is_said_while_the_answer_is_made(
    worker: Worker, phone: Phone, openai_service: OpenAIServer, words: bytes, slow: str
) -> None:
    openai_service.plan.transcript = QUESTION
    openai_service.plan.first_token_s = 4.0 if slow == "model" else 0.0
    openai_service.plan.asr_s = 1.95 if slow == "recogniser" else 0.0
    with phone.dial("100", caller_id=CALLER) as call:
        hear_greeting(call)
        waited_s = ask(call, words)
        call.wait_quiet(LONGEST_SILENCE_S, PATIENCE_S)
    assert waited_s < 2.5
    lines = worker.wait_for_call()["lines"]
    assert [line["kind"] for line in lines if line["role"] == "bot"] == ["greeting", "answer"]
    assert lines[-1]["source"] == "general"


def test_a_caller_who_goes_on_over_the_filler_is_answered_once_to_all_of_it(
    worker: Worker, phone: Phone, openai_service: OpenAIServer, words: bytes
) -> None:
    openai_service.plan.transcript = "Сколько длится пусконаладка?"  # not answered before
    openai_service.plan.first_token_s = 4.0
    with phone.dial("100", caller_id=CALLER) as call:
        hear_greeting(call)
        ask(call, words)
        openai_service.plan.first_token_s = 0.0
        call.play(silence(0.1) + words)
        call.wait_played()
        asked_at = call.last_sent_speech_at
        assert asked_at is not None
        assert call.wait_speech(asked_at, PATIENCE_S) is not None
        hear_out(call)
    lines = worker.wait_for_call()["lines"]
    assert [line["role"] for line in lines] == ["bot", "user", "bot"]
    assert lines[-1]["interrupted"] is False
