"""Small talk: answered at once from the prompts, without the bases, a model or a cache."""

from pathlib import Path

import pytest

from bot.llm import Exchange
from tests.agent.parts import SPEED, WARRANTY, Lab, messages, write_prompts
from tests.lab.openai_server import OpenAIServer

SAID = ("Гарантия — два года.", "Её можно продлить.")
ASKED = [Exchange(SPEED, "До 500 мм/мин."), Exchange(WARRANTY, "Гарантия — два", SAID)]


@pytest.mark.parametrize(
    ("said", "control", "answer"),
    [
        ("Спасибо!", "thanks", "Пожалуйста!"),
        ("здравствуйте", "greeting", "Здравствуйте! Слушаю вас."),
        ("до свидания", "goodbye", "Всего доброго!"),
        ("угу", "acknowledgement", "Слушаю вас."),
    ],
)
def test_it_costs_no_request_and_no_search(
    lab: Lab, server: OpenAIServer, said: str, control: str, answer: str
) -> None:
    got = lab.ask(said, ASKED)
    assert (got.text, got.trace.control) == (answer, control)
    assert got.trace.requests == {}
    assert got.trace.retrieval_ms is None
    assert got.trace.source is None
    assert not got.trace.unanswered
    assert server.count("chat") == 0
    assert lab.counted("bot_unanswered_total") == 0
    assert lab.counted("bot_cache_total", cache="answer", result="miss") == 0


def test_the_last_answer_is_repeated_whole_in_the_very_sentences(quoting: Lab) -> None:
    got = quoting.ask("Повторите, пожалуйста", ASKED)
    assert tuple(sentence.text for sentence in got.sentences) == SAID
    assert got.trace.control == "repeat"


def test_an_answer_known_only_as_a_text_is_repeated_too(quoting: Lab) -> None:
    assert quoting.ask("ещё раз", ASKED[:1]).text == "До 500 мм/мин."


def test_with_nothing_to_repeat_the_caller_is_told_so(quoting: Lab) -> None:
    assert quoting.ask("повторите").text == "Повторять пока нечего."


def test_slower_is_promised_and_the_last_answer_said_again(quoting: Lab) -> None:
    got = quoting.ask("помедленнее", ASKED)
    assert got.text == "Хорошо, буду говорить медленнее. Гарантия — два года. Её можно продлить."
    assert quoting.ask("помедленнее").text == "Хорошо, буду говорить медленнее."


def test_a_question_after_a_courtesy_is_the_question(lab: Lab, server: OpenAIServer) -> None:
    first = lab.ask("Здравствуйте, какая гарантия на машины?")
    assert first.trace.control == ""
    assert first.trace.source == "general"
    assert "какая гарантия на машины?" in messages(server)[-1]["content"]
    assert lab.ask(WARRANTY).trace.cached


def test_a_follow_up_after_a_courtesy_is_a_follow_up(quoting: Lab) -> None:
    answer = quoting.ask("Спасибо, а сколько она стоит?", ASKED[:1])
    assert "РЭМ-100" in answer.trace.rewritten
    assert "3,2 миллиона" in answer.text


def test_an_edit_of_the_phrases_counts_from_the_next_turn(quoting: Lab, folder: Path) -> None:
    assert quoting.ask("спасибо").text == "Пожалуйста!"
    talk = {"thanks": {"phrases": ["мерси"], "answer": "Не за что."}}
    write_prompts(folder / "prompts.json", small_talk=talk)
    assert quoting.ask("мерси").text == "Не за что."
    assert quoting.ask("спасибо").trace.control == ""
