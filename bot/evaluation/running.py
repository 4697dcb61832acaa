"""Asking the assistant a golden question as a caller does, and what became of it."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from bot.agent import Agent
from bot.deadline import Deadline
from bot.errors import AssistantError
from bot.golden import GoldenQuestion
from bot.llm import Exchange
from bot.normalize import normalize
from bot.records import AnswerTrace

ANSWER_DEADLINE_S = 20.0
"""What a call gives an answer."""

Progress = Callable[[int, int], None]
"""Told how many turns have been made so far, and of how many."""


@dataclass(frozen=True)
class Outcome:
    """What became of one question. Times are milliseconds since it was asked."""

    question: GoldenQuestion
    asked: str
    """The words that were asked: the question's own, or other ones that mean the same."""
    answer: str
    trace: AnswerTrace
    first_sentence_ms: float | None
    total_ms: float
    failure: str = ""
    """Why there is no whole answer; empty when there is one."""

    @property
    def refused(self) -> bool:
        """Whether the caller was told that there is no answer."""
        return not self.failure and self.trace.unanswered

    @property
    def answered(self) -> bool:
        """Whether the caller got an answer from a base; small talk is none."""
        return not (self.failure or self.trace.unanswered or self.trace.control)


def ask_golden(agent: Agent, question: GoldenQuestion, words: str) -> Outcome:
    """Ask ``question`` in these words; a service that fails makes a failed outcome."""
    history = [Exchange(normalize(one.question), one.answer) for one in question.history]
    trace, text = AnswerTrace(), normalize(words)
    sentences: list[str] = []
    began, first_ms, failure = time.perf_counter(), None, ""
    try:
        for sentence in agent.answer(history, text, trace, Deadline(ANSWER_DEADLINE_S)):
            first_ms = first_ms or _ms_since(began)
            sentences.append(sentence.text)
    except AssistantError as error:
        failure = str(error)
    answer = " ".join(sentences)
    return Outcome(question, words, answer, trace, first_ms, _ms_since(began), failure)


def _ms_since(began: float) -> float:
    return (time.perf_counter() - began) * 1000.0
