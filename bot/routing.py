"""Which knowledge base to ask first, from the words of the question alone."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.retrieval import BASES, Base
from bot.search.folding import fold

__all__ = ["Route", "choose_base", "fold"]

_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_WHY = "почему"
"""Begins as «почём» does, and asks for no price."""


@dataclass(frozen=True)
class Route:
    """The base to ask first and the words of the question that spoke for it."""

    first: Base
    matched_words: tuple[str, ...]


def choose_base(text: str, routing_words: Mapping[Base, Sequence[str]]) -> Route:
    """The base for which more words of ``text`` begin as one of its routing words does.

    A word counts once however often it is said. A tie, and a question without any routing
    word, goes to ``general``: it is the base that speaks of everything a little. Case and
    ё/е do not matter.
    """
    words = tuple(word for word in dict.fromkeys(_WORD.findall(fold(text))) if word != _WHY)
    matches = {base: _matching(words, routing_words.get(base, ())) for base in BASES}
    first: Base = "tech" if len(matches["tech"]) > len(matches["general"]) else "general"
    return Route(first, matches[first])


def _matching(words: Sequence[str], beginnings: Sequence[str]) -> tuple[str, ...]:
    starts = tuple(fold(beginning).strip() for beginning in beginnings if beginning.strip())
    return tuple(word for word in words if word.startswith(starts))
