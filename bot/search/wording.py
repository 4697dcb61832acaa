"""How much of what a question says a passage says too, word by word.

Vectors know what two texts are about; they hardly tell РЭМ-10 from РЭМ-100, nor whether the one
thing that was asked is there at all. The words do.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

from bot.search.asked import asked, told
from bot.search.plaintext import sentences
from bot.search.terms import Term, alike_among, models, terms
from bot.wordforms import is_place_name

_REMEMBERED: Final = 1 << 13
_SURE: Final = 0.5
_PLACE: Final = 0.35
"""What a town in a question tells of what is asked: «до Уфы» is answered by «по всей России»."""
_NO_KEYS: Final[frozenset[str]] = frozenset()


@dataclass(frozen=True)
class Wording:
    """The words of a passage as keys: stems, and names of groups of meaning («#7»)."""

    keys: frozenset[str]
    """Of the text and of the headings above it."""
    sentences: tuple[frozenset[str], ...]
    """Keys of each sentence and of the heading right above it."""
    text: str
    """What the passage is in Markdown."""

    @cached_property
    def said(self) -> tuple[str, ...]:
        """The sentences."""
        return _said_in(self.text)


def wording(headings: tuple[str, ...], markdown: str) -> Wording:
    """The words of a passage that stands under ``headings``."""
    above = [_keys(terms(heading)) for heading in headings]
    own = above[-1] if above else _NO_KEYS
    of_sentences = [_keys(terms(sentence)) for sentence in _said_in(markdown)]
    return Wording(
        keys=_NO_KEYS.union(*above, *of_sentences),
        sentences=tuple(found | own for found in of_sentences),
        text=markdown,
    )


@lru_cache(maxsize=_REMEMBERED)
def _said_in(markdown: str) -> tuple[str, ...]:
    return tuple(sentences(markdown)) or (markdown,)


def _keys(found: Iterable[Term]) -> frozenset[str]:
    return frozenset(key for term in found for key in term.keys)


@dataclass(frozen=True)
class Vocabulary:
    """In how many of some passages each key stands."""

    passages: int
    counts: dict[str, int]

    def rarity(self, count: int) -> float:
        """The inverse document frequency of a key that ``count`` passages have."""
        return math.log(1 + (self.passages - count + 0.5) / (count + 0.5))


def count_words(passages: Iterable[Wording]) -> Vocabulary:
    """The vocabulary of some passages."""
    counts: Counter[str] = Counter()
    number = 0
    for one in passages:
        counts.update(one.keys)
        number += 1
    return Vocabulary(number, dict(counts))


@dataclass(frozen=True)
class Said:
    """What a passage says of a question. Each from 0 to 1."""

    passage: float
    """Share of the question's words, weighed by how rare they are, that the passage has."""
    sentence: float
    """The same for the sentence that has most, with the heading above it."""
    fact: float
    """Share of the facts asked for that one sentence tells; 1 when none is asked for."""
    together: float
    """The best of the sentences' shares, times the share of the facts each tells."""
    model: float
    """1 when the passage names a model that the question names, or this names none; else 0."""
    names: float
    """1 less the share of the question's words that are names of things which the sentence that
    has most of its words does not have."""
    sentences: tuple[tuple[float, float], ...]
    """Of each sentence, in order: the share of the words, and of the facts asked for."""


class _Question:
    """The words of a question, ready to be looked for in many sets of keys."""

    def __init__(self, text: str, passages: Sequence[Wording], vocabulary: Vocabulary) -> None:
        self.facts, self.models = asked(text), models(text)
        self._weights: list[float] = []
        self._names: list[bool] = []
        self._found_by: dict[str, dict[int, float]] = {}
        stems = _by_first_letter(passages)
        for number, term in enumerate(terms(text)):
            near = alike_among(term.stem, stems.get(term.stem[0], ()))
            count = max(vocabulary.counts.get(key, 0) for key in (*term.keys, *near))
            is_place = is_place_name(term.stem)
            weight = term.weight * (_PLACE if is_place else 1.0)
            self._weights.append(weight * vocabulary.rarity(count))
            self._names.append(term.is_name and not is_place)
            for key, surely in (near | dict.fromkeys(term.keys, 1.0)).items():
                self._found_by.setdefault(key, {})[number] = surely
        self._sought = frozenset(self._found_by)
        self._whole = sum(self._weights) or 1.0

    def share(self, keys: frozenset[str]) -> float:
        """How much of the question is among some keys, 0…1."""
        found = self._found(keys)
        return sum(self._weights[word] * surely for word, surely in found.items()) / self._whole

    def names(self, keys: frozenset[str]) -> float:
        """1 less the share of its names of things that are not among some keys."""
        found = self._found(keys)
        missing = (
            weight
            for word, (weight, is_name) in enumerate(zip(self._weights, self._names, strict=True))
            if is_name and found.get(word, 0.0) < _SURE
        )
        return 1.0 - sum(missing) / self._whole

    def _found(self, keys: frozenset[str]) -> dict[int, float]:
        """How surely, 0…1, each word is among some keys; only those that may be."""
        found: dict[int, float] = {}
        for key in self._sought & keys:
            for word, surely in self._found_by[key].items():
                found[word] = max(surely, found.get(word, 0.0))
        return found


def compare(question: str, passages: Sequence[Wording], vocabulary: Vocabulary) -> tuple[Said, ...]:
    """What each passage says of a question; ``passages`` are all the candidates."""
    read = _Question(question, passages, vocabulary)
    return tuple(_said(read, one) for one in passages)


def _by_first_letter(passages: Sequence[Wording]) -> dict[str, list[str]]:
    """The passages' stems, for words that are only alike."""
    found: dict[str, list[str]] = {}
    for key in _NO_KEYS.union(*(one.keys for one in passages)):
        found.setdefault(key[0], []).append(key)
    return found


def _said(question: _Question, passage: Wording) -> Said:
    facts, models = question.facts, question.models
    shares = [question.share(keys) for keys in passage.sentences]
    fullest = passage.sentences[shares.index(max(shares))]
    facts_told = [1.0] * len(shares)
    if facts:
        facts_told = [len(told(one, facts)) / len(facts) for one in passage.said]
    return Said(
        passage=question.share(passage.keys),
        sentence=max(shares),
        fact=max(facts_told),
        together=max(share * told for share, told in zip(shares, facts_told, strict=True)),
        model=float(not models or not models.isdisjoint(passage.keys)),
        names=question.names(fullest),
        sentences=tuple(zip(shares, facts_told, strict=True)),
    )
