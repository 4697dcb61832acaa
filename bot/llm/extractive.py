"""Answers quoted from the knowledge base: the best sentences of the best passage, no model."""

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from bot.deadline import Deadline
from bot.designations import products
from bot.llm import AnswerRequest, GenerationReport
from bot.retrieval import Hit
from bot.routing import fold
from bot.search.passages import sentences

MAX_ANSWER_CHARS = 220
"""A second sentence is added while both are no longer than this."""
_WORTH = 0.4
"""… and scores at least this share of the first one."""
_OPENING = 0.8
"""What the passage's first sentence has in advance: it mostly says the main thing. Measured on
40 questions about the sample bases: the answer is in the quote 29 times, without this 24."""
_OF_OTHERS = 3.0
"""More than a sentence can have."""
_GRAM = 4
_NOT_LETTERS = re.compile(r"[\W_]+")
_SAYS_SOMETHING = re.compile(r"[^\W_]{2}")


class Extractive:
    """Quotes; it can neither invent nor be out of reach. Thread-safe.

    What a sentence means was measured by the search (``Hit.sentence_scores``); here its letters
    are compared with the question's as well.
    """

    name = "extractive"

    def generate(
        self, request: AnswerRequest, report: GenerationReport, deadline: Deadline
    ) -> Iterator[str]:
        """Yield one or two whole sentences, or ``no_answer`` with ``report.refused``.

        It takes a millisecond and answers even after the deadline: as the stand-by of a model
        that was late it is all that is left.
        """
        question = request.query or request.question
        asked_of = frozenset(name for name in products(question) if "-" in name)
        for hit in sorted(request.hits, key=lambda hit: _is_of_others(hit, asked_of)):
            said = _best(question, asked_of, _sayable(hit))
            if said:
                yield from (f"{sentence}|" for sentence in said)
                return
        report.refused = True
        yield f"{request.no_answer}|"

    def rewrite(self, request: AnswerRequest, report: GenerationReport, deadline: Deadline) -> str:
        """The question as it is: there is nobody here who reads."""
        return request.query


def _sayable(hit: Hit) -> dict[str, float]:
    """The passage's sentences that hold a word, each once, with their nearness in meaning."""
    found = sentences(hit.passage.text)
    known = len(hit.sentence_scores) == len(found)
    scores = hit.sentence_scores if known else (0.0,) * len(found)
    return {s: score for s, score in zip(found, scores, strict=True) if _SAYS_SOMETHING.search(s)}


def _is_of_others(hit: Hit, asked_of: frozenset[str]) -> bool:
    """Whether a passage names machines, and none of those that the question is about."""
    named = {name for name in products(hit.passage.text) if "-" in name}
    return bool(asked_of and named) and asked_of.isdisjoint(named)


def _best(question: str, asked_of: frozenset[str], candidates: Mapping[str, float]) -> list[str]:
    """The sentence that fits best, and the next one if it fits as well, in their order.

    One about other machines than the question fits worse than any other.
    """
    texts = list(candidates)
    if not texts:
        return []
    lexical, dense = _scaled(_lexical(question, texts)), _scaled(list(candidates.values()))
    scores = [low + meant for low, meant in zip(lexical, dense, strict=True)]
    scores[0] += _OPENING
    for at, text in enumerate(texts):
        named = {name for name in products(text) if "-" in name}
        if asked_of and named and asked_of.isdisjoint(named):
            scores[at] -= _OF_OTHERS
    ranked = sorted(range(len(texts)), key=lambda i: (-scores[i], i))
    chosen = ranked[:1]
    for second in ranked[1:2]:
        both = len(texts[chosen[0]]) + len(texts[second])
        if both <= MAX_ANSWER_CHARS and scores[second] >= _WORTH * scores[chosen[0]]:
            chosen.append(second)
    return [texts[i] for i in sorted(chosen)]


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
    """The same order from 0 (worst) to 1 (best); all 0 when they are equal."""
    low, high = min(scores), max(scores)
    return [(score - low) / (high - low) if high > low else 0.0 for score in scores]
