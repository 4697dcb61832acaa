"""Answers quoted from the knowledge base: the best sentences of the best passage, no model."""

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.deadline import Deadline
from bot.designations import products
from bot.llm import AnswerRequest, GenerationReport, Part
from bot.llm.repeats import adds
from bot.retrieval import Hit
from bot.routing import fold
from bot.search.asked import asked, told
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
_TELLS = 1.5
"""What a sentence has in advance that tells the fact asked for: a price, a weight, a time."""
_NAMES = 0.75
"""… and one that names the machine asked about: a row of a table before the table's head."""
_OF_A_SET = 1.5
"""What a sentence lacks that would stand alone for a price, and tells that of a whole set."""
_SET = re.compile(r"\bкомплект")
_MEASURED = frozenset(
    "weight size height width length thickness diameter power force voltage speed pressure volume "
    "temperature".split()
)
_PLAIN_FACTS = _MEASURED | frozenset("price telephone mail standard name colour".split())
"""Facts that a sentence cannot tell without a sign of it: where none does, nothing is quoted."""
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
        that was late it is all that is left. After what was ``said`` it yields only what adds to
        it, which may be nothing.
        """
        parts = request.parts or [Part(request.query or request.question, request.hits)]
        quotes = {one: part.query for part in parts for one in _quoted(part, len(parts) == 1)}
        if request.said:
            quotes = {one: of for one, of in quotes.items() if adds(one, request.said, of)}
        report.refused = not quotes and not request.said
        yield from (f"{one}|" for one in quotes)
        if report.refused:
            yield f"{request.no_answer}|"

    def rewrite(self, request: AnswerRequest, report: GenerationReport, deadline: Deadline) -> str:
        """The question as it is: there is nobody here who reads."""
        return request.query


@dataclass(frozen=True)
class _Asks:
    """A question as quoting understands it: about which machines, and for which facts."""

    question: str
    machines: frozenset[str]
    facts: frozenset[str]

    @classmethod
    def of(cls, question: str) -> "_Asks":
        """Read a question."""
        machines = frozenset(name for name in products(question) if "-" in name)
        return cls(question, machines, asked(question))

    def are_told_by(self, text: str) -> bool:
        """Whether a sentence tells one of the facts; one that is measured needs a number."""
        found = told(text, self.facts | {"number"})
        if "number" not in found:
            found -= _MEASURED
        return not found.isdisjoint(self.facts)

    def may_be_told_in(self, passage: str) -> bool:
        """Whether a passage can hold the answer: a table's head tells what its rows are of."""
        if not self.facts & _PLAIN_FACTS:
            return True
        has_table = any(line.lstrip().startswith("|") for line in passage.splitlines())
        return has_table or any(map(self.are_told_by, sentences(passage)))

    def advance(self, text: str) -> float:
        """What a sentence has in advance of its words, or lacks."""
        named = not self.machines.isdisjoint(products(text))
        others = self.are_about_others(text)
        return _TELLS * self.are_told_by(text) + _NAMES * named - _OF_OTHERS * others

    def is_wider(self, text: str) -> bool:
        """Whether a text is about a set, and the question about the price of a thing."""
        asks_price = "price" in self.facts and not _SET.search(fold(self.question))
        return asks_price and _SET.search(fold(text)) is not None

    def are_about_others(self, text: str) -> bool:
        """Whether a text names machines, and none of those asked about."""
        named = {name for name in products(text) if "-" in name}
        return bool(self.machines and named) and self.machines.isdisjoint(named)


def _quoted(part: Part, is_alone: bool) -> list[str]:
    """What answers a question, best passage first; one sentence when there are others."""
    asks = _Asks.of(part.query)
    for hit in sorted(part.hits, key=lambda hit: asks.are_about_others(hit.passage.text)):
        if asks.may_be_told_in(hit.passage.text) and (said := _best(asks, _sayable(hit), is_alone)):
            return said
    return []


def _sayable(hit: Hit) -> dict[str, float]:
    """The passage's sentences that hold a word, each once, with their nearness in meaning."""
    found = sentences(hit.passage.text)
    known = len(hit.sentence_scores) == len(found)
    scores = hit.sentence_scores if known else (0.0,) * len(found)
    return {s: score for s, score in zip(found, scores, strict=True) if _SAYS_SOMETHING.search(s)}


def _best(asks: _Asks, candidates: Mapping[str, float], may_add: bool) -> list[str]:
    """The sentence that fits best, and the next one if it fits as well, in their order.

    One about other machines than the question fits worse than any other.
    """
    texts = list(candidates)
    if not texts:
        return []
    lexical, dense = _scaled(_lexical(asks.question, texts)), _scaled(list(candidates.values()))
    scores = [
        low + meant + asks.advance(text) - _OF_A_SET * (not may_add and asks.is_wider(text))
        for text, low, meant in zip(texts, lexical, dense, strict=True)
    ]
    scores[0] += _OPENING
    ranked = sorted(range(len(texts)), key=lambda i: (-scores[i], i))
    chosen = ranked[:1]
    for second in ranked[1:2] if may_add else []:
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
