"""Answer generation: one interface, one file per provider."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from bot.deadline import Deadline
from bot.retrieval import Hit


@dataclass(frozen=True)
class Exchange:
    """One finished turn of the dialogue: what the caller said and what they heard.

    ``sentences`` are those of the whole answer, of which ``answer`` is what was heard; empty
    when they are not known.
    """

    question: str
    answer: str
    sentences: tuple[str, ...] = ()


@dataclass(frozen=True)
class Part:
    """One of several questions asked in one breath, and the passages found for it."""

    query: str
    hits: Sequence[Hit]


@dataclass(frozen=True)
class AnswerRequest:
    """Everything a generator may use for one answer.

    ``query`` is what was searched for: the question with its subject when it left that open.
    """

    question: str
    history: Sequence[Exchange]
    hits: Sequence[Hit]
    system_prompt: str
    no_answer: str
    models: Sequence[str] = ()
    """Model names to try, in order; providers without models ignore it."""
    temperature: float = 0.2
    contextualiser_prompt: str = ""
    """How a question that depends on ``history`` is to be understood."""
    query: str = ""
    parts: Sequence[Part] = ()
    """Where several questions were asked: those that the bases answer. ``hits`` are of all."""
    said: Sequence[str] = ()
    """The sentences of this answer that the caller has from somebody who could not go on: what
    is written now follows them."""
    begin_within_s: float = math.inf
    """Seconds in which the first sentence must be there; another writes the answer after that."""


@dataclass
class GenerationReport:
    """What happened inside a generator, for the turn's record."""

    model: str = ""
    requests: int = 0
    fallbacks: list[str] = field(default_factory=list)
    """Each ``"<what failed>: <error kind>"`` that was answered by a stand-by."""
    refused: bool = False
    """The passages hold no answer: the generator knew, or marked its answer so."""
    continued_by: str = ""
    """Which model was there to the end after another had broken off."""


class Generator(Protocol):
    """Writes an answer. Thread-safe."""

    name: str

    def generate(
        self, request: AnswerRequest, report: GenerationReport, deadline: Deadline
    ) -> Iterator[str]:
        """Yield pieces of the answer's text; ``|`` ends a sentence.

        Closing the iterator closes the connection. Raises
        :class:`bot.errors.ProviderError`, possibly after some text was yielded.
        """
        ...

    def rewrite(self, request: AnswerRequest, report: GenerationReport, deadline: Deadline) -> str:
        """The question made to stand alone by reading the dialogue.

        ``request.query`` if this generator reads no better than the rule that made it. Raises
        :class:`bot.errors.ProviderError`.
        """
        ...
