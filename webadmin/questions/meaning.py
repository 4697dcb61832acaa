"""Which questions an operator would deal with as one.

More loosely than an answer is used again (:mod:`bot.paraphrase`): there a mistake costs a caller
the right answer, here an operator a look. Still «доставка в Казахстан» and «доставка в Беларусь»
are two, for whoever has answered the one must be told of the other.
"""

import re
from collections.abc import Set
from functools import lru_cache
from typing import Final

from bot.embeddings import Vectors
from bot.normalize import normalize
from bot.paraphrase.answered import nearness
from bot.paraphrase.sense import Asks, read
from bot.question import question_of
from bot.routing import fold

_REMEMBERED: Final = 50_000
_NO_WORD: Final = re.compile(r"[\W_]+")
_ALIKE_LETTERS: Final = 4
"""Words that have so many letters in a row in common may be of one root: «парковка»,
«припарковаться»."""
_WHETHER: Final = frozenset({"ли"})
"""«Есть ли парковка» is answered by what answers «где припарковаться»."""
_NEAR: Final = 4.0
"""Standard deviations (:func:`bot.paraphrase.answered.nearness`) of questions about the same
words, and …"""
_VERY_NEAR: Final = 5.0
"""… of questions about different ones: «вакансии», «работа»."""


@lru_cache(maxsize=_REMEMBERED)
def key_of(question: str) -> str:
    """What all wordings of one sense have in common; 0.2 ms for a question not met before."""
    asks = _asks(question)
    if asks is None:
        return " ".join(_NO_WORD.sub(" ", fold(question)).split())
    sense = asks.sense
    parts = (" ".join(sense.facts), " ".join(sense.words), " ".join(sorted(sense.asked)))
    return "|".join(parts)


def may_be_another(question: str) -> bool:
    """Whether a vector can tell that a question is one with another of other words."""
    asks = _asks(question)
    return asks is not None and not asks.sense.facts


def are_one(one: str, other: str, vectors: tuple[Vectors, Vectors], background: Vectors) -> bool:
    """Whether two questions are one by their words and their vectors.

    Names and numbers outweigh the rest of a vector, so of questions that hold any only those of
    one sense are one.
    """
    mine, its = _asks(one), _asks(other)
    if mine is None or its is None or not (may_be_another(one) and may_be_another(other)):
        return False
    wants, others = mine.sense.asked - _WHETHER, its.sense.asked - _WHETHER
    if wants and others and wants.isdisjoint(others):
        return False  # «сколько стоит ремонт», «сколько длится ремонт»
    ours, theirs = set(mine.sense.words), set(its.sense.words)
    if any(" " in word for word in ours ^ theirs):  # «без ндс», «не входит»
        return False
    near = nearness(*vectors, background)
    differ = _without(ours, theirs) and _without(theirs, ours)
    return near >= (_VERY_NEAR if differ else _NEAR)


def _without(words: Set[str], others: Set[str]) -> bool:
    """Whether some of the words have nothing alike among the others."""
    return not all(any(_are_alike(word, other) for other in others) for word in words)


def _are_alike(word: str, other: str) -> bool:
    if word == other:
        return True
    starts = range(len(word) - _ALIKE_LETTERS + 1)
    return any(word[at : at + _ALIKE_LETTERS] in other for at in starts)


@lru_cache(maxsize=_REMEMBERED)
def _asks(question: str) -> Asks | None:
    return read(normalize(question_of(question)))
