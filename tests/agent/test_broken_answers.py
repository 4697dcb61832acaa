"""A model breaks off, hangs or drips in the middle of an answer, and what the caller gets."""

import pytest

from bot.llm.instructions import CONTINUE
from tests.agent.parts import SPEED, WARRANTY, Asked, Lab, chat_settings, make_lab, messages
from tests.lab import openai_faults as faults
from tests.lab.openai_faults import Fault
from tests.lab.openai_server import OpenAIServer

BEGUN = "Гарантия два года.| Её можно продлить ещё на целый год.|"
FIRST = "Гарантия два года."
AFTER_THE_FIRST = 7
"""Pieces of :data:`BEGUN` that hold its first sentence and a half."""
BREAKS = [
    faults.cut(AFTER_THE_FIRST),
    faults.error_in_stream(AFTER_THE_FIRST),
    faults.stall(AFTER_THE_FIRST),
    faults.garbage(AFTER_THE_FIRST),
]


def said(answer: Asked) -> list[str]:
    return [sentence.text for sentence in answer.sentences]


@pytest.mark.parametrize("fault", BREAKS, ids=lambda fault: fault.kind)
def test_the_next_model_goes_on_where_one_breaks_off_and_nothing_is_said_twice(
    lab: Lab, server: OpenAIServer, fault: Fault
) -> None:
    server.answer(BEGUN, "Гарантия — два года.|Продление возможно до тридцати шести месяцев.|")
    server.fail("chat", fault)
    answer = lab.ask(WARRANTY)
    assert said(answer) == [FIRST, "Продление возможно до тридцати шести месяцев."]
    assert answer.trace.model == "gpt-4o-mini"
    assert answer.trace.continued_by == "gpt-6-luna"
    assert [failed.partition(":")[0] for failed in answer.trace.fallbacks] == ["gpt-4o-mini"]
    assert lab.counted("bot_provider_fallback_total", stage="llm") == 1
    asked = server.requests("chat")
    assert [request.body["model"] for request in asked] == ["gpt-4o-mini", "gpt-6-luna"]
    assert [message["content"] for message in messages(server)[-2:]] == [f"{FIRST}|", CONTINUE]


def test_a_model_that_broke_off_in_its_first_sentence_is_answered_for_from_the_start(
    lab: Lab, server: OpenAIServer
) -> None:
    server.answer(BEGUN, "Гарантия — двадцать четыре месяца.|")
    server.fail("chat", faults.cut(after_chunks=2))
    answer = lab.ask(WARRANTY)
    assert said(answer) == ["Гарантия — двадцать четыре месяца."]
    assert (answer.trace.model, answer.trace.continued_by) == ("gpt-6-luna", "")
    assert len(messages(server)) == 2


def test_when_no_model_goes_on_the_answer_ends_with_a_whole_sentence_and_is_not_kept(
    lab: Lab, server: OpenAIServer
) -> None:
    server.answer("РЭМ-100 разгоняется до 500 мм/мин.| А наименьшая скорость у неё совсем мала.|")
    server.fail("chat", faults.cut(after_chunks=10))
    server.fail("chat", faults.server_error(), model="gpt-6-luna")
    answer = lab.ask(SPEED)
    assert said(answer) == ["РЭМ-100 разгоняется до 500 мм/мин."]
    assert answer.trace.fallbacks[0] == "gpt-4o-mini: transient"
    assert answer.trace.continued_by == ""
    server.answer("Пятьсот.|")
    assert lab.ask(SPEED).text == "Пятьсот."


def test_quoting_goes_on_only_with_what_was_asked_and_not_told_yet(
    lab: Lab, server: OpenAIServer
) -> None:
    server.answer("РЭМ-100 стоит от 3,2 миллиона рублей.| А вот гарантия на неё такая большая.|")
    server.fail("chat", faults.cut(after_chunks=12))
    server.fail("chat", faults.server_error(), model="gpt-6-luna")
    answer = lab.ask("сколько стоит РЭМ-100 и какая гарантия?")
    assert said(answer) == [
        "РЭМ-100 стоит от 3,2 миллиона рублей.",
        "Гарантия на машины составляет 24 месяца.",
    ]
    assert (answer.trace.model, answer.trace.continued_by) == ("gpt-4o-mini", "extractive")


@pytest.mark.parametrize("trouble", ["hangs", "drips"])
def test_models_that_do_not_get_to_a_sentence_in_time_are_not_waited_for(
    lab: Lab, server: OpenAIServer, trouble: str
) -> None:
    hasty = make_lab(lab.settings.persist_directory.parent, answer_within_s=1.0,
                     **chat_settings(server))  # fmt: skip
    if trouble == "hangs":
        server.plan.first_token_s = 30.0
    else:
        server.plan.token_s = 0.4
    answer = hasty.ask(WARRANTY)
    assert said(answer) == ["Гарантия на машины составляет 24 месяца."]
    assert answer.trace.model == "extractive"
    assert hasty.counted("bot_provider_errors_total", provider="openai", kind="timeout") >= 1
