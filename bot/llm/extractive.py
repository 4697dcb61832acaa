"""Answers quoted from the knowledge base: the best sentences of the best passage, no model."""

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from bot.deadline import Deadline
from bot.embeddings import Embedder
from bot.followup import rewrite
from bot.llm import AnswerRequest, GenerationReport
from bot.passages import sentences
from bot.routing import fold

MAX_ANSWER_CHARS = 220
"""A second sentence is added while both are no longer than this."""
_WORTH = 0.5
"""… and scores at least this share of the first one."""
_DENSE_SHARE = 0.5
_GRAM = 4
_NOT_LETTERS = re.compile(r"[\W_]+")
_SAYS_SOMETHING = re.compile(r"[^\W_]{2}")


class Extractive:
    """Quotes; it can neither invent nor be out of reach. Thread-safe.

    With an ``embedder`` (a local one: it is asked for a dozen sentences a turn) it also looks
    at what the sentences mean, without one only at their letters.
    """

    name = "extractive"

    def __init__(self, embedder: Embedder | None = None) -> None:
        self._embedder = embedder

    def generate(
        self, request: AnswerRequest, report: GenerationReport, deadline: Deadline
    ) -> Iterator[str]:
        """Yield one or two whole sentences, or ``no_answer`` with ``report.refused``.

        It takes milliseconds and answers even after the deadline: as the stand-by of a model
        that was late it is all that is left.
        """
        question = rewrite(request.question, request.history) or request.question
        for hit in request.hits:
            said = self._best(question, _sayable(hit.passage.text))
            if said:
                yield from (f"{sentence}|" for sentence in said)
                return
        report.refused = True
        yield f"{request.no_answer}|"

    def _best(self, question: str, candidates: Sequence[str]) -> list[str]:
        if not candidates:
            return []
        scores = self._scores(question, candidates)
        ranked = sorted(range(len(candidates)), key=lambda i: (-scores[i], i))
        chosen = ranked[:1]
        for second in ranked[1:2]:
            both = len(candidates[chosen[0]]) + len(candidates[second])
            if both <= MAX_ANSWER_CHARS and scores[second] >= _WORTH * scores[chosen[0]]:
                chosen.append(second)
        return [candidates[i] for i in sorted(chosen)]

    def _scores(self, question: str, candidates: Sequence[str]) -> list[float]:
        """How well each sentence fits the question, 0…1 within this passage."""
        lexical = _scaled(_lexical(question, candidates))
        if self._embedder is None or len(candidates) == 1:
            return lexical
        vectors = self._embedder.embed_passages(candidates)
        dense = _scaled(np.dot(vectors, self._embedder.embed_query(question)).tolist())
        pairs = zip(lexical, dense, strict=True)
        return [(1 - _DENSE_SHARE) * low + _DENSE_SHARE * meant for low, meant in pairs]


def _sayable(markdown: str) -> list[str]:
    """The passage's sentences without repeats and without rows that hold no word."""
    return [s for s in dict.fromkeys(sentences(markdown)) if _SAYS_SOMETHING.search(s)]


def _lexical(question: str, candidates: Sequence[str]) -> list[float]:
    """The share of the question's 4-grams in each sentence, rare ones counting more."""
    grams = [_grams(candidate) for candidate in candidates]
    seen_in = Counter(gram for found in grams for gram in found)
    weights = {
        gram: math.log(1 + len(candidates) / seen_in[gram])
        for gram in _grams(question)
        if gram in seen_in
    }
    return [sum(weights.get(gram, 0.0) for gram in found) for found in grams]


def _grams(text: str) -> frozenset[str]:
    padded = f" {_NOT_LETTERS.sub(' ', fold(text)).strip()} "
    return frozenset(padded[i : i + _GRAM] for i in range(len(padded) - _GRAM + 1))


def _scaled(scores: Sequence[float]) -> list[float]:
    """The same order from 0 (worst) to 1 (best); all 1 when they are equal."""
    low, high = min(scores), max(scores)
    return [1.0 if high == low else (score - low) / (high - low) for score in scores]
