"""How much of what a question says a passage says too, word by word.

Vectors know what two texts are about; they hardly tell РЭМ-10 from РЭМ-100, nor whether the one
thing that was asked is there at all. The words do.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Final

from bot.search.asked import asked, told
from bot.search.plaintext import sentences
from bot.search.terms import Term, alike, models, terms

_REMEMBERED: Final = 1 << 13
_NO_KEYS: Final[frozenset[str]] = frozenset()


@dataclass(frozen=True)
class Wording:
    """The words of a passage as keys: stems, and names of groups of meaning («#7»)."""

    keys: frozenset[str]
    """Of the text and of the headings above it."""
    stems: dict[str, tuple[str, ...]]
    """By their first letter, for words that are only alike."""
    sentences: tuple[frozenset[str], ...]
    """Keys of each sentence and of the heading right above it."""
    said: tuple[str, ...]
    """The sentences."""


@lru_cache(maxsize=_REMEMBERED)
def wording(headings: tuple[str, ...], markdown: str) -> Wording:
    """The words of a passage that stands under ``headings``."""
    said = sentences(markdown) or [markdown]
    above = [_keys(terms(heading)) for heading in headings]
    own = above[-1] if above else _NO_KEYS
    of_sentences = [_keys(terms(sentence)) for sentence in said]
    keys = _NO_KEYS.union(*above, *of_sentences)
    stems = sorted(key for key in keys if not key.startswith("#"))
    return Wording(
        keys=keys,
        stems={letter: tuple(group) for letter, group in groupby(stems, key=lambda s: s[0])},
        sentences=tuple(found | own for found in of_sentences),
        said=tuple(said),
    )


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
    sentences: tuple[tuple[float, float], ...]
    """Of each sentence, in order: the share of the words, and of the facts asked for."""


@dataclass(frozen=True)
class Compared:
    """A question beside some passages."""

    said: tuple[Said, ...]
    """Of each passage, in order."""
    unknown: float
    """Share of the question's words, weighed, that the bases do not have, nor anything alike."""


@dataclass(frozen=True)
class _Word:
    """A word of the question: its keys, what is alike among the passages' words, its weight."""

    keys: frozenset[str]
    alike: dict[str, float]
    count: int
    """In how many passages of the bases it stands: itself, what means the same or is alike."""
    weight: float

    def found_in(self, keys: frozenset[str]) -> float:
        """How surely it is among some keys, 0…1."""
        if not self.keys.isdisjoint(keys):
            return 1.0
        if not self.alike:
            return 0.0
        return max((how for stem, how in self.alike.items() if stem in keys), default=0.0)


def compare(question: str, passages: Sequence[Wording], vocabulary: Vocabulary) -> Compared:
    """Look for the words of a question in passages (all the candidates at once)."""
    words = [_word(term, passages, vocabulary) for term in terms(question)]
    whole = sum(word.weight for word in words) or 1.0
    facts, named = asked(question), models(question)
    return Compared(
        said=tuple(_said(words, whole, facts, named, one) for one in passages),
        unknown=sum(word.weight for word in words if not word.count) / whole,
    )


def _word(term: Term, passages: Sequence[Wording], vocabulary: Vocabulary) -> _Word:
    letter = term.stem[0]
    stems = {stem for one in passages for stem in one.stems.get(letter, ())}
    near = {stem: how for stem in stems if (how := alike(term.stem, stem))}
    count = max(vocabulary.counts.get(key, 0) for key in (*term.keys, *near))
    return _Word(term.keys, near, count, term.weight * vocabulary.rarity(count))


def _said(
    words: Sequence[_Word],
    whole: float,
    facts: frozenset[str],
    named: frozenset[str],
    passage: Wording,
) -> Said:
    def share(keys: frozenset[str]) -> float:
        return sum(word.weight * word.found_in(keys) for word in words) / whole

    shares = [share(keys) for keys in passage.sentences]
    facts_told = [len(told(one, facts)) / len(facts) if facts else 1.0 for one in passage.said]
    return Said(
        passage=share(passage.keys),
        sentence=max(shares),
        fact=max(facts_told),
        together=max(s * told for s, told in zip(shares, facts_told, strict=True)),
        model=float(not named or not named.isdisjoint(passage.keys)),
        sentences=tuple(zip(shares, facts_told, strict=True)),
    )
