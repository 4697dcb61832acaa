"""Question → base → passages → sentences, with a real index and OpenAI's stand-in."""

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.agent import Sentence
from bot.deadline import Deadline
from bot.embeddings.local import LocalEmbedder
from bot.errors import KnowledgeError, ProviderError
from bot.index import build_index, sources_of
from bot.llm import Exchange
from bot.records import AnswerTrace, now
from tests.agent_parts import (
    NO_ANSWER,
    Asked,
    Lab,
    lab_settings,
    make_lab,
    write_bases,
    write_prompts,
)
from tests.lab import openai_faults as faults
from tests.lab.openai_server import OpenAIServer

WARRANTY = "Какая гарантия на машины?"
SPEED = "Какая скорость у РЭМ-100?"
FOREIGN = "Кто написал роман «Война и мир»?"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bases")
    write_bases(folder, LocalEmbedder())
    return folder


@pytest.fixture
def folder(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the bases and their index, and the folder that settings are saved in."""
    shutil.copytree(built, tmp_path, symlinks=True, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer() as running:
        yield running


@pytest.fixture
def lab(folder: Path, server: OpenAIServer) -> Lab:
    """An agent with a chat model."""
    return make_lab(folder, **chat_settings(server))


@pytest.fixture
def quoting(folder: Path) -> Lab:
    """An agent without any service."""
    return make_lab(folder)


def chat_settings(server: OpenAIServer) -> dict[str, object]:
    return {
        "llm_provider": "openai",
        "openai_api_key": server.key,
        "openai_base_url": server.base_url,
        "llm_model_primary": "gpt-4o-mini",
        "llm_model_fallback": "gpt-6-luna",
    }


def eventually(holds: Callable[[], bool]) -> bool:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.02)
    return False


def messages(server: OpenAIServer) -> list[dict[str, str]]:
    found = server.requests("chat")[-1].body["messages"]
    assert isinstance(found, list)
    return found


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
    assert tech.trace.index_build


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


def test_what_a_stand_by_said_is_not_kept(lab: Lab, server: OpenAIServer) -> None:
    server.fail("chat", faults.overloaded(), times=2)
    lab.ask(WARRANTY)
    again = lab.ask(WARRANTY)
    assert again.trace.model == "gpt-4o-mini"
    assert not again.trace.cached


def test_a_break_after_the_first_sentence_keeps_what_was_said(
    lab: Lab, server: OpenAIServer
) -> None:
    server.answer("Гарантия два года.| Её можно продлить ещё на целый год.|")
    server.fail("chat", faults.cut(after_chunks=7))
    answer = lab.ask(WARRANTY)
    assert answer.text == "Гарантия два года."
    assert answer.trace.fallbacks == ["openai: transient"]
    assert not lab.ask(WARRANTY).trace.cached


def test_a_repeated_question_calls_no_service(lab: Lab, server: OpenAIServer) -> None:
    first = lab.ask(WARRANTY)
    again = lab.ask("  какая ГАРАНТИЯ на машины ")
    assert again.sentences == first.sentences
    assert again.trace.cached
    assert again.trace.requests == {}
    assert again.trace.source == "general"
    assert again.trace.passages == first.trace.passages
    assert again.trace.matched_words == first.trace.matched_words
    assert server.count("chat") == 1
    assert lab.counted("bot_cache_total", cache="answer", result="hit") == 1


def test_an_unanswered_question_is_counted_each_time_it_is_asked(quoting: Lab) -> None:
    quoting.ask(FOREIGN)
    assert quoting.ask(FOREIGN).trace.cached
    assert quoting.counted("bot_unanswered_total") == 2


def test_other_settings_prompts_or_bases_need_another_answer(
    lab: Lab, server: OpenAIServer, folder: Path
) -> None:
    lab.ask(WARRANTY)
    data = folder / "data"
    data.mkdir()
    (data / "settings.json").write_text('{"llm_temperature": 0.7}', encoding="utf-8")
    assert not lab.ask(WARRANTY).trace.cached
    assert server.requests("chat")[-1].body["temperature"] == 0.7
    write_prompts(folder / "prompts.json", system_prompt="Отвечай ещё короче.")
    assert not lab.ask(WARRANTY).trace.cached
    assert "ещё короче" in messages(server)[0]["content"]
    settings = lab_settings(folder)
    before = lab.ask(WARRANTY).trace
    build_index(settings.persist_directory, sources_of(settings), LocalEmbedder(), now())
    after = lab.ask(WARRANTY).trace
    assert before.cached
    assert not after.cached
    assert after.index_build != before.index_build
    assert after.requests == {"llm": 1}  # the question's vector is still known


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
    assert said == [SPEED, "До 500 мм/мин.", "А сколько она стоит?"]
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


def test_many_callers_with_one_question_share_one_request(lab: Lab, server: OpenAIServer) -> None:
    server.plan.first_token_s = 0.5
    answers: list[Asked] = []
    threads = [
        threading.Thread(target=lambda: answers.append(lab.ask(WARRANTY)), daemon=True)
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert {answer.text for answer in answers} == {answers[0].text}
    assert len(answers) == 8
    assert server.count("chat") == 1
    assert sum(not answer.trace.cached for answer in answers) == 1


def test_a_caller_who_hangs_up_takes_nothing_from_who_shares_the_answer(
    lab: Lab, server: OpenAIServer
) -> None:
    server.plan.token_s = 0.02
    server.answer("Гарантия два года.| Её можно продлить.| И ещё раз.|")
    first_deadline = Deadline(30)
    first = lab.agent.answer((), WARRANTY, AnswerTrace(), first_deadline)
    second = lab.agent.answer((), WARRANTY, AnswerTrace(), Deadline(30))
    assert next(first) == next(second)
    first_deadline.cancel()
    first.close()  # type: ignore[attr-defined]
    assert [sentence.text for sentence in second] == ["Её можно продлить.", "И ещё раз."]
    assert lab.ask(WARRANTY).trace.cached


def test_closing_the_answer_closes_the_connection_and_keeps_nothing(
    lab: Lab, server: OpenAIServer
) -> None:
    server.plan.token_s = 0.05
    server.answer("Гарантия два года.| " + "Дальше много слов. " * 40)
    answer = lab.agent.answer((), WARRANTY, AnswerTrace(), Deadline(30))
    next(answer)
    answer.close()  # type: ignore[attr-defined]
    assert eventually(lambda: server.count("abandoned") == 1)
    server.plan.token_s = 0.0
    assert not lab.ask(WARRANTY).trace.cached


def test_a_dead_embedder_is_told_to_the_caller_of_the_agent(
    tmp_path: Path, server: OpenAIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bot.embeddings.choose import choose_embedder

    monkeypatch.chdir(tmp_path)
    settings = {**chat_settings(server), "embeddings_provider": "openai"}
    write_bases(tmp_path, choose_embedder(lab_settings(tmp_path, **settings)))
    lab = make_lab(tmp_path, **settings)
    server.fail("embedding", faults.bad_key(), times=5)
    with pytest.raises(ProviderError) as caught:
        lab.ask(WARRANTY)
    assert caught.value.kind == "authentication"
    assert server.count("chat") == 0


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
