"""Which answered question asked the same as this one: so that its answer can be used again.

Two questions are the same when they have one sense (:mod:`bot.paraphrase.sense`), their vectors
are near, one base holds both answers, and the search has found for this question the passage that
the other one's answer was made from. Any doubt is a miss: that costs a second, a wrong answer
costs a customer. The answers themselves are in the cache; what is kept here is kept in this
process alone and forgotten with it, for other workers share the answers to the very words.
"""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bot.cache import Cache
from bot.embeddings import Vectors
from bot.metrics import Metrics
from bot.paraphrase.sense import Asks, Sense, read
from bot.retrieval import Hit, Passage

MOST_QUESTIONS = 2000
LEAST_NEARNESS = 4.0
"""Standard deviations. Of golden questions of one sense, in the half that may be fitted to, the
least near are at 4.9 (E5); of any two golden questions 0.8 % are nearer than 4."""


@dataclass(frozen=True)
class AskedQuestion:
    """A question that was searched for, and whose answer does not depend on the dialogue."""

    text: str
    key: str
    """Of its answer in the cache."""
    scope: str
    """What the answer depends on besides the question: index, prompts, settings, generator."""
    vector: Vectors
    hits: Sequence[Hit]
    """What was found, the best first; not empty."""

    @cached_property
    def asks(self) -> Asks | None:
        """What it asks; ``None`` when its words alone do not tell of what."""
        return read(self.text)


@dataclass(frozen=True)
class Answered:
    """A question that asked the same, and its answer as :mod:`bot.keptanswer` writes it."""

    text: str
    lines: bytes


class AnsweredQuestions:
    """The latest :data:`MOST_QUESTIONS` answered questions, one of each sense. Thread-safe.

    Look-ups are counted as ``bot_cache_total{cache="meaning", result=hit|miss}``.
    """

    def __init__(self, cache: Cache, metrics: Metrics, most: int = MOST_QUESTIONS) -> None:
        self._cache = cache
        self._metrics = metrics
        self._most = most
        self._lock = threading.Lock()
        self._questions: OrderedDict[_Place, AskedQuestion] = OrderedDict()
        read("Сколько стоит РЭМ-100?")  # loads the dictionaries, while nobody waits

    def find(self, asked: AskedQuestion, background: Vectors) -> Answered | None:
        """The answer to a question that asked the same, if the cache still has it.

        ``background``: vectors of unlike questions, shape ``(n, dimensions)``; how near those
        are to each other tells what nearness is worth with this embedding model.
        """
        same = self._same(asked, background)
        if same is None:
            self._metrics.cache.labels("meaning", "miss").inc()
            return None
        lines = self._cache.get("answer", same.key, counted_as="meaning")
        return None if lines is None else Answered(same.text, lines)

    def remember(self, answered: AskedQuestion) -> None:
        """Keep a question whose whole answer the cache has, or is about to have."""
        if answered.asks is None:
            return
        place = _place(answered, answered.asks)
        with self._lock:
            self._questions[place] = answered
            self._questions.move_to_end(place)
            if len(self._questions) > self._most:
                self._questions.popitem(last=False)

    def _same(self, asked: AskedQuestion, background: Vectors) -> AskedQuestion | None:
        if asked.asks is None:
            return None
        with self._lock:
            other = self._questions.get(_place(asked, asked.asks))
        if other is None or other.asks is None:
            return None
        is_same = (
            other.asks.same_as(asked.asks)
            and _best(other) in [hit.passage for hit in asked.hits]
            and nearness(other.vector, asked.vector, background) >= LEAST_NEARNESS
        )
        return other if is_same else None


def nearness(one: Vectors, other: Vectors, background: Vectors) -> float:
    """How near two questions are, in standard deviations above two unlike ones.

    It means the same for every embedding model, whatever its cosines are: those of unlike
    questions are .79 ± .03 for E5 and .02 ± .06 for hashed letters.
    """
    cosines = (background @ background.T)[np.triu_indices(len(background), 1)]
    spread = max(float(cosines.std()), float(np.finfo(np.float32).eps))
    return (float(one @ other) - float(cosines.mean())) / spread


_Place = tuple[str, str, Sense]
"""Scope, base and sense."""


def _place(asked: AskedQuestion, asks: Asks) -> _Place:
    return asked.scope, _best(asked).kb, asks.sense


def _best(asked: AskedQuestion) -> Passage:
    return asked.hits[0].passage
