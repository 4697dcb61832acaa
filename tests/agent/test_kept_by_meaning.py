"""Answers given again to questions of the same sense."""

import json
import threading
from pathlib import Path

from bot.deadline import Deadline
from bot.embeddings.local import LocalEmbedder
from bot.llm import Exchange
from bot.llm.instructions import NO_ANSWER_MARK
from bot.records import AnswerTrace, BotLine, line_as_json, now
from bot.releases.publisher import Publisher
from tests.agent.parts import Lab, lab_settings
from tests.lab import openai_faults as faults
from tests.lab.openai_server import OpenAIServer

HOW_MUCH = "Сколько стоит РЭМ-100?"
PRICE = "Подскажите, какая цена у РЭМ-100?"


def test_the_same_asked_in_other_words_calls_no_model(lab: Lab, server: OpenAIServer) -> None:
    server.answer("От трёх миллионов.| Точнее скажет менеджер.|", "Это второй ответ.|")
    first, again = lab.ask(HOW_MUCH), lab.ask(PRICE)
    assert again.sentences == first.sentences
    assert server.count("chat") == 1
    assert lab.counted("bot_cache_total", cache="meaning", result="hit") == 1
    assert lab.counted("bot_cache_total", cache="meaning", result="miss") == 1


def test_the_record_tells_what_was_found_now_and_whose_answer_was_given(lab: Lab) -> None:
    first, again = lab.ask(HOW_MUCH).trace, lab.ask(PRICE).trace
    assert again.cached
    assert again.same_as == HOW_MUCH
    assert (again.model, again.source) == (first.model, first.source) == ("gpt-4o-mini", "general")
    assert again.requests == {"embedding": 1}
    assert again.llm_first_token_ms is None
    assert again.passages[0].heading == first.passages[0].heading
    assert again.scores != first.scores
    row = line_as_json(BotLine("…", now(), trace=again))
    assert json.loads(json.dumps(row))["trace"]["same_as"] == HOW_MUCH
    assert first.same_as == ""


def test_an_answer_given_again_is_kept_under_its_new_words(lab: Lab, server: OpenAIServer) -> None:
    lab.ask(HOW_MUCH)
    lab.ask(PRICE)
    again = lab.ask(PRICE.upper()).trace
    assert again.cached
    assert again.same_as == HOW_MUCH
    assert again.requests == {}
    assert server.count("chat") == 1


def test_what_only_looks_alike_is_answered_for_itself(lab: Lab, server: OpenAIServer) -> None:
    questions = [
        HOW_MUCH,
        "Сколько стоит РЭМ-10?",
        "Сколько весит РЭМ-100?",
        "Сколько стоит доставка РЭМ-100?",
        "Сколько стоит РЭМ-100 без доставки?",
        "Почему столько стоит РЭМ-100?",
    ]
    assert not any(lab.ask(question).trace.cached for question in questions)
    # The bases know no price of РЭМ-10 and no weight: refused without asking.
    assert server.count("chat") == len(questions) - 2


def test_a_question_that_needs_the_dialogue_gets_no_kept_answer(
    lab: Lab, server: OpenAIServer
) -> None:
    lab.ask(HOW_MUCH)
    history = [Exchange("Какая скорость у РЭМ-100?", "До 500 мм/мин.")]
    asked = lab.ask("А сколько она стоит?", history)
    assert not asked.trace.cached
    assert not lab.ask("А цена у неё какая?", history).trace.cached
    assert server.count("chat") == 3


def test_that_a_model_found_no_answer_is_not_remembered(lab: Lab, server: OpenAIServer) -> None:
    server.answer(f"{NO_ANSWER_MARK} Этого я не знаю.|", "От трёх миллионов.|")
    assert lab.ask(HOW_MUCH).trace.unanswered
    again = lab.ask(PRICE)
    assert again.text == "От трёх миллионов."
    assert not again.trace.unanswered


def test_what_a_stand_by_said_is_not_remembered(lab: Lab, server: OpenAIServer) -> None:
    server.fail("chat", faults.overloaded(), times=2)
    assert lab.ask(HOW_MUCH).trace.model == "extractive"
    again = lab.ask(PRICE).trace
    assert (again.model, again.cached) == ("gpt-4o-mini", False)


def test_half_an_answer_is_not_remembered(lab: Lab, server: OpenAIServer) -> None:
    server.answer("От трёх миллионов.| " + "Дальше много слов. " * 40, "От трёх миллионов.|")
    server.fail("chat", faults.cut(after_chunks=30))
    assert lab.ask(HOW_MUCH).trace.fallbacks
    assert not lab.ask(PRICE).trace.cached


def test_an_answer_that_nobody_heard_out_is_not_remembered(lab: Lab, server: OpenAIServer) -> None:
    server.plan.token_s = 0.05
    server.answer("От трёх миллионов.| " + "Дальше много слов. " * 40, "От трёх миллионов.|")
    answer = lab.agent.answer((), HOW_MUCH, AnswerTrace(), Deadline(30))
    next(answer)
    answer.close()  # type: ignore[attr-defined]
    server.plan.token_s = 0.0
    assert not lab.ask(PRICE).trace.cached


def test_another_release_answers_anew_and_the_old_one_as_before(
    lab: Lab, server: OpenAIServer, folder: Path
) -> None:
    publisher = Publisher(lab_settings(folder), LocalEmbedder)
    lab.ask(HOW_MUCH)
    publisher.change_settings({"kb_top_k": 2}, "оператор")
    assert not lab.ask(PRICE).trace.cached
    publisher.change_settings({"kb_top_k": 3}, "оператор")
    assert lab.ask("РЭМ-100 стоимость?").trace.same_as == HOW_MUCH
    assert server.count("chat") == 2


def test_callers_who_ask_the_same_at_once_all_get_whole_answers(quoting: Lab) -> None:
    quoting.ask(HOW_MUCH)
    words = ["цена", "сколько будет стоить", "какая цена", "ценник какой", "стоимость"]
    texts: list[str] = []
    threads = [
        threading.Thread(target=lambda w=word: texts.append(quoting.ask(f"{w} РЭМ-100").text))
        for word in words
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert texts == [quoting.ask(HOW_MUCH).text] * len(words)
    assert quoting.counted("bot_cache_total", cache="meaning", result="hit") == len(words)
