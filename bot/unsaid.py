"""The rest of an answer that the caller cut short, and whether they ask for it. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

from bot.llm import Exchange
from bot.records import AnswerTrace
from bot.routing import fold

_WORD = re.compile(r"[^\W_]+")
_GO_ON = frozenset(
    ("продолжайте", "продолжай", "продолжить", "продолжим", "продолжаем", "продолжайте говорить",
     "дальше", "что дальше", "говорите", "говорите дальше", "рассказывайте",
     "рассказывайте дальше", "расскажите дальше", "и что", "что", "что потом", "договорите",
     "договаривайте", "вы не договорили", "не договорили", "доскажите", "закончите", "слушаю",
     "слушаю вас", "я слушаю", "я вас слушаю", "слушаю дальше", "на чем вы остановились")
)  # fmt: skip
_AROUND = frozenset(
    "ну так да и а вот пожалуйста хорошо ладно извините простите все спасибо".split()
)
"""Words around such a request that change nothing about it."""
ANSWERS_BETWEEN = 1
"""After more than one other answer nobody means the rest of that one."""


def asks_to_go_on(text: str) -> bool:
    """Whether ``text`` asks for nothing but the rest of what was being said: «так, и что?»"""
    words = _WORD.findall(fold(text))
    for start in range(len(words)):
        if " ".join(words[start:]).removesuffix(" пожалуйста") in _GO_ON:
            return True
        if words[start] not in _AROUND:
            return False
    return False


@dataclass(frozen=True)
class Unsaid:
    """What is left of an answer: whole sentences, from the one that was cut short."""

    question: str
    history: tuple[Exchange, ...]
    """The turns before that question."""
    trace: AnswerTrace
    said: tuple[str, ...]
    """The sentences that were heard whole."""
    rest: tuple[str, ...]
    complete: bool
    """Whether the answer was made to its end: else there may be more than ``rest``."""
    answers_since: int = 0

    def after_another_answer(self) -> Self | None:
        """The same once something else was answered; ``None`` when it is no longer meant."""
        if self.answers_since >= ANSWERS_BETWEEN:
            return None
        return replace(self, answers_since=self.answers_since + 1)

    def trace_of_rest(self) -> AnswerTrace:
        """Where the rest comes from; nobody is asked for it."""
        return replace(
            self.trace,
            retrieval_ms=None, llm_first_token_ms=None, cached=self.complete, requests={},
            fallbacks=[],
        )  # fmt: skip


def heard_whole(sentences: Sequence[str], heard: str) -> int:
    """How many of the sentences are in ``heard`` from beginning to end."""
    left = heard
    for number, sentence in enumerate(sentences):
        if not left.startswith(sentence):
            return number
        left = left[len(sentence) :].lstrip()
    return len(sentences)
