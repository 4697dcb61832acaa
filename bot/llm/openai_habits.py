"""What each chat model accepts: known by its family, corrected by what it refuses."""

import re
import threading
from dataclasses import dataclass, replace
from typing import Any, Self

import openai

REASONING_FAMILY = re.compile(r"(.*/)?(gpt-([5-9]|\d\d)|o\d)")
"""Families with ``max_completion_tokens`` and ``reasoning_effort`` (protocols.md, 2.2)."""
MAX_ANSWER_TOKENS = 500
"""A spoken answer is far shorter; the limit only stops a model that rambles."""


@dataclass(frozen=True)
class Habits:
    """What one model is asked with: whether it streams, and the parameters it refused."""

    streams: bool = True
    refused: frozenset[str] = frozenset()

    def parameters(self, model: str, temperature: float) -> dict[str, Any]:
        """The request's parameters besides model, messages and ``stream``."""
        if REASONING_FAMILY.match(model):
            wanted = {"max_completion_tokens": MAX_ANSWER_TOKENS, "reasoning_effort": "none"}
        elif "max_tokens" in self.refused:
            wanted = {"max_completion_tokens": MAX_ANSWER_TOKENS, "temperature": temperature}
        else:
            wanted = {"max_tokens": MAX_ANSWER_TOKENS, "temperature": temperature}
        return {name: value for name, value in wanted.items() if name not in self.refused}

    def after(self, refusal: openai.BadRequestError, asked: dict[str, Any]) -> Self | None:
        """The habits that avoid the refusal of a request made with ``asked``; None if none do."""
        if refusal.param == "stream" and self.streams:
            return replace(self, streams=False)
        if refusal.param in asked:
            return replace(self, refused=self.refused | {refusal.param})
        return None


class HabitBook:
    """The habits of every model met so far. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_model: dict[str, Habits] = {}

    def of(self, model: str) -> Habits:
        """The habits of ``model``; a new one is taken to do what its family does."""
        with self._lock:
            return self._by_model.get(model, Habits())

    def learn(self, model: str, habits: Habits) -> None:
        """Ask ``model`` like this from now on."""
        with self._lock:
            self._by_model[model] = habits
