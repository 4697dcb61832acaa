"""Question → base → passages → sentences, with a real index and OpenAI's stand-in."""

from pathlib import Path

import pytest

from bot.agent import Sentence
from bot.deadline import Deadline
from bot.errors import KnowledgeError
from bot.llm import Exchange
from bot.llm.chat_messages import quoted
from bot.records import AnswerTrace
from tests.agent.parts import (
    FOREIGN,
    NO_ANSWER,
    SPEED,
    WARRANTY,
    Lab,
    make_lab,
    messages,
    write_prompts,
)
from tests.lab import openai_faults as faults
from tests.lab.openai_server import OpenAIServer


def test_the_words_choose_the_base_and_the_trace_says_how(lab: Lab) -> None:
    general, tech = lab.ask(WARRANTY), lab.ask(SPEED)
    assert (general.trace.source, general.trace.matched_words) == ("general", ("гарантия",))
    assert (tech.trace.source, tech.trace.matched_words) == ("tech", ("скорость", "рэм-100"))
    assert "24 месяца" in general.text
    assert "500 мм/мин" in tech.text
    assert {sentence.source for sentence in tech.sentences} == {"tech"}
    assert tech.trace.passages[0].heading == "РЭМ-100"
    assert tech.trace.passages[0].relevance >= tech.trace.passages[-1].relevance
    assert not tech.trace.base_fallback
    assert tech.trace.release


def test_a_turn_costs_one_embedding_and_one_model_request(lab: Lab, server: OpenAIServer) -> None:
    answer = lab.ask("Нужен ли при монтаже фундамент?")
    assert answer.trace.base_fallback
    assert answer.trace.requests == {"embedding": 1, "llm": 1}
    assert server.count("chat") == 1


def test_the_other_base_is_asked_when_the_first_holds_little(quoting: Lab) -> None:
    answer = quoting.ask("Нужен ли при монтаже фундамент?")
    assert (answer.trace.first_base, answer.trace.source) == ("general", "tech")
    assert answer.trace.base_fallback
    assert "Фундамент машине не нужен" in answer.text


def test_the_models_passages_are_those_of_one_base(lab: Lab, server: OpenAIServer) -> None:
    lab.ask(SPEED)
    system = messages(server)[0]["content"]
    assert "500 мм/мин" in system
    assert "general:" not in system


def test_when_neither_base_knows_it_is_said_and_no_model_is_asked(
    lab: Lab, server: OpenAIServer
) -> None:
    answer = lab.ask(FOREIGN)
    assert answer.text == NO_ANSWER
    assert answer.trace.unanswered
    assert answer.trace.source is None
    assert all(sentence.source is None for sentence in answer.sentences)
    assert server.count("chat") == 0
    assert lab.counted("bot_unanswered_total") == 1


def test_the_first_sentence_comes_while_the_rest_is_still_written(
    lab: Lab, server: OpenAIServer
) -> None:
    server.answer("Гарантия два года.| Её можно продлить ещё на год.|")
    server.fail("chat", faults.stall(after_chunks=6))
    answer = lab.agent.answer((), WARRANTY, AnswerTrace(), Deadline(30))
    assert next(answer) == Sentence("Гарантия два года.", "general")
    assert server.count("abandoned") == 0
    answer.close()  # type: ignore[attr-defined]


def test_the_bar_is_not_spoken_and_a_forgotten_one_is_made_good(
    lab: Lab, server: OpenAIServer
) -> None:
    server.answer("Гарантия на машины — 24 месяца. " * 12)
    answer = lab.ask(WARRANTY)
    assert len(answer.sentences) > 2
    assert all(len(sentence.text) <= 180 for sentence in answer.sentences)
    server.answer("Первое.||  | Второе.")
    assert [s.text for s in lab.ask(SPEED).sentences] == ["Первое.", "Второе."]


def test_a_model_that_refuses_to_stream_still_answers_sentence_by_sentence(
    lab: Lab, server: OpenAIServer
) -> None:
    server.plan.unverified_models = frozenset({"gpt-4o-mini"})
    server.answer("Два года.| Можно продлить.|")
    answer = lab.ask(WARRANTY)
    assert [s.text for s in answer.sentences] == ["Два года.", "Можно продлить."]
    assert answer.trace.model == "gpt-4o-mini"


def test_the_fallback_model_answers_when_the_primary_fails(lab: Lab, server: OpenAIServer) -> None:
    server.fail("chat", faults.server_error(), model="gpt-4o-mini")
    answer = lab.ask(WARRANTY)
    assert "24 месяца" in answer.text
    assert answer.trace.model == "gpt-6-luna"
    assert answer.trace.fallbacks == ["gpt-4o-mini: transient"]
    assert answer.trace.requests["llm"] == 2
    assert lab.counted("bot_provider_fallback_total", stage="llm") == 1


def test_with_both_models_dead_the_passage_is_quoted(lab: Lab, server: OpenAIServer) -> None:
    server.fail("chat", faults.overloaded(), times=2)
    answer = lab.ask(WARRANTY)
    assert answer.text == "Гарантия на машины составляет 24 месяца."
    assert answer.trace.source == "general"
    assert answer.trace.model == "extractive"
    assert answer.trace.fallbacks[-1].startswith("openai: ")
    assert lab.counted("bot_provider_errors_total", provider="openai", kind="transient") == 2


def test_a_dependent_question_is_searched_with_its_subject_and_not_kept(
    lab: Lab, server: OpenAIServer
) -> None:
    history = [Exchange(SPEED, "До 500 мм/мин.")]
    answer = lab.ask("А сколько она стоит?", history)
    assert answer.trace.rewritten == "А сколько она стоит? РЭМ-100"
    assert answer.trace.source == "general"
    assert "3,2 миллиона" in answer.text
    assert answer.trace.requests == {"embedding": 1, "llm": 1}
    said = [message["content"] for message in messages(server)[1:]]
    assert said == [quoted(SPEED), "До 500 мм/мин.", quoted("А сколько она стоит?")]
    assert not lab.ask("А сколько она стоит?", history).trace.cached
    assert server.count("chat") == 2


def test_a_question_that_stands_alone_is_answered_without_the_dialogue_and_kept(
    lab: Lab, server: OpenAIServer
) -> None:
    lab.ask(WARRANTY, [Exchange(SPEED, "До 500 мм/мин.")])
    assert len(messages(server)) == 2
    assert lab.ask(WARRANTY).trace.cached


@pytest.mark.parametrize(
    ("question", "base", "holds"),
    [("А гарантия?", "general", "24 месяца"), ("А какое у неё усилие?", "tech", "100 кН")],
)
def test_follow_ups_find_the_topic_of_the_subject(
    quoting: Lab, question: str, base: str, holds: str
) -> None:
    answer = quoting.ask(question, [Exchange(SPEED, "До 500 мм/мин.")])
    assert answer.trace.source == base
    assert holds in answer.text


def test_without_an_index_the_agent_is_not_built(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match=r"python -m bot\.index"):
        make_lab(tmp_path)


def test_nothing_said_by_the_caller_is_logged(
    lab: Lab, server: OpenAIServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.fail("chat", faults.overloaded(), times=2)
    lab.ask(WARRANTY)
    text = " ".join(r.getMessage() for r in caplog.records if r.name.startswith("bot"))
    assert "stand_by=yes" in text
    assert "гарантия" not in text.lower()


def test_with_a_dialogue_the_one_request_says_how_to_read_it(
    lab: Lab, server: OpenAIServer, folder: Path
) -> None:
    write_prompts(folder / "prompts.json", contextualiser_prompt="Пойми по разговору.")
    lab.ask("А сколько она стоит?", [Exchange(SPEED, "До 500 мм/мин.")])
    assert "Пойми по разговору." in messages(server)[0]["content"]
    lab.ask(WARRANTY, [Exchange(SPEED, "До 500 мм/мин.")])
    assert "Пойми по разговору." not in messages(server)[0]["content"]
    assert server.count("chat") == 2


def test_a_correction_is_asked_of_the_base_that_the_question_was_for(quoting: Lab) -> None:
    price = [Exchange("Сколько стоит РЭМ-100?", "От 3,2 миллиона рублей.")]
    answer = quoting.ask("нет, я про РГМ-1000", price)
    assert answer.trace.rewritten == "Сколько стоит РГМ-1000?"
    assert (answer.trace.first_base, answer.trace.matched_words[0]) == ("general", "стоит")


WHICH = [Exchange("Какие у вас машины?", "РЭМ-100 и РГМ-1000.")]


def test_a_subject_that_only_a_reader_can_tell_costs_one_short_request_more(
    lab: Lab, server: OpenAIServer
) -> None:
    server.answer("Какая скорость у РГМ-1000?")
    answer = lab.ask("А вторая с какой скоростью едет?", WHICH)
    assert answer.trace.rewritten == "Какая скорость у РГМ-1000?"
    assert "100 мм/мин" in answer.text
    assert answer.trace.requests == {"embedding": 1, "llm": 2}
    rewriting, answering = (request.body["messages"] for request in server.requests("chat"))
    assert [message["content"] for message in rewriting[1:]] == [
        quoted(WHICH[0].question), WHICH[0].answer, quoted("А вторая с какой скоростью едет?")
    ]  # fmt: skip
    assert "выдержки" not in rewriting[0]["content"]
    assert answering[-1]["content"] == quoted("А вторая с какой скоростью едет?")


def test_when_nobody_can_tell_the_subject_the_words_are_searched_for(
    lab: Lab, server: OpenAIServer
) -> None:
    server.fail("chat", faults.server_error(), times=2)
    answer = lab.ask("А вторая с какой скоростью едет?", WHICH)
    assert answer.trace.rewritten.startswith("А вторая с какой скоростью едет?")
    assert answer.trace.source == "tech"
    assert answer.trace.fallbacks == ["gpt-4o-mini: transient", "openai: transient"]


def test_without_a_model_no_reader_is_asked(quoting: Lab) -> None:
    answer = quoting.ask("А вторая с какой скоростью едет?", WHICH)
    assert answer.trace.source == "tech"
    assert answer.trace.requests == {"embedding": 1}


def test_two_questions_in_one_breath_are_both_answered(quoting: Lab) -> None:
    asked = quoting.ask("сколько стоит РЭМ-100 и какая гарантия?")
    assert "3,2 миллиона" in asked.text
    assert "24 месяца" in asked.text
    assert asked.trace.requests == {"embedding": 1}
    assert [passage.heading for passage in asked.trace.passages][:1] == ["Цена РЭМ-100"]


def test_a_model_reads_the_passages_of_both_questions(lab: Lab, server: OpenAIServer) -> None:
    lab.ask("сколько стоит РЭМ-100 и какая гарантия?")
    told = messages(server)[0]["content"]
    assert "Цена РЭМ-100" in told
    assert "24 месяца" in told
    assert server.count("chat") == 1


def test_of_two_questions_the_one_that_the_bases_answer_is_answered(quoting: Lab) -> None:
    asked = quoting.ask("какая гарантия и какая завтра погода в Сочи?")
    assert "24 месяца" in asked.text
    assert not asked.trace.unanswered
