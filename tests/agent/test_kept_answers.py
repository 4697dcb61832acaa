"""Answers that are kept, and shared while they are written."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

from bot.deadline import Deadline
from bot.embeddings.local import LocalEmbedder
from bot.records import AnswerTrace
from bot.releases.publisher import Publisher
from tests.agent.parts import (
    FOREIGN,
    TECH,
    WARRANTY,
    Asked,
    Lab,
    lab_settings,
    messages,
    write_prompts,
)
from tests.lab import openai_faults as faults
from tests.lab.openai_server import OpenAIServer


def eventually(holds: Callable[[], bool]) -> bool:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.02)
    return False


def test_what_a_stand_by_said_is_not_kept(lab: Lab, server: OpenAIServer) -> None:
    server.fail("chat", faults.overloaded(), times=2)
    lab.ask(WARRANTY)
    again = lab.ask(WARRANTY)
    assert again.trace.model == "gpt-4o-mini"
    assert not again.trace.cached


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
    publisher = Publisher(lab_settings(folder), LocalEmbedder)
    lab.ask(WARRANTY)
    publisher.change_settings({"llm_temperature": 0.7}, "оператор")
    assert not lab.ask(WARRANTY).trace.cached
    assert server.requests("chat")[-1].body["temperature"] == 0.7
    write_prompts(folder / "prompts.json", system_prompt="Отвечай ещё короче.")
    assert not lab.ask(WARRANTY).trace.cached
    assert "ещё короче" in messages(server)[0]["content"]
    before = lab.ask(WARRANTY).trace
    publisher.change_base("tech", TECH.replace("4 Ом", "10 Ом"), "оператор")
    after = lab.ask(WARRANTY).trace
    assert before.cached
    assert not after.cached
    assert (before.release, after.release) == (3, 4)
    assert after.requests == {"llm": 1}  # the question's vector is still known


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
