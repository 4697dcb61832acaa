"""Search over the loaded index: vectors in, passages with a relevance out. No I/O."""

from dataclasses import dataclass
from typing import Literal

Base = Literal["general", "tech"]
BASES: tuple[Base, Base] = ("general", "tech")


@dataclass(frozen=True)
class Passage:
    """A piece of a knowledge base as the index keeps it."""

    kb: Base
    heading_path: tuple[str, ...]
    """Headings above the passage, outermost first; the last is its own."""
    text: str
    start: int
    """Offset of the passage's first character in the base's prepared text."""


@dataclass(frozen=True)
class Hit:
    """A passage found for a question.

    ``relevance`` is on the one 0…1 scale of :mod:`bot.relevance`.
    """

    passage: Passage
    relevance: float
