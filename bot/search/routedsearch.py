"""Search in the base that the words point to, and in the other one when that finds little."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.embeddings import Vectors
from bot.retrieval import Base, Hit
from bot.routing import Route


class SearchableIndex(Protocol):
    """A loaded index, which does not change."""

    @property
    def build_id(self) -> str:
        """Names this build; another content has another id."""
        ...

    @property
    def background(self) -> Vectors:
        """Vectors of unlike questions, shape ``(n, dimensions)``."""
        ...

    def search(self, kb: Base, query_vector: Vectors, query_text: str, k: int) -> Sequence[Hit]:
        """The ``k`` best passages of one base, the most relevant first."""
        ...


@dataclass(frozen=True)
class Search:
    """What to look for and how far."""

    text: str
    vector: Vectors
    top_k: int
    threshold: float
    """Relevance (0…1) below which a base is taken not to hold the answer."""


@dataclass(frozen=True)
class Found:
    """The better base's passages. ``fell_back``: the other base was asked as well."""

    base: Base
    hits: Sequence[Hit]
    fell_back: bool
    enough: bool
    """Whether the best relevance reaches the threshold."""


def find(index: SearchableIndex, search: Search, route: Route) -> Found:
    """Ask the first base; below the threshold ask the other with the same vector.

    The better result wins; a tie stays with the first base.
    """
    base = route.first
    hits = index.search(base, search.vector, search.text, search.top_k)
    fell_back = _best(hits) < search.threshold
    if fell_back:
        other: Base = "general" if base == "tech" else "tech"
        others = index.search(other, search.vector, search.text, search.top_k)
        if _best(others) > _best(hits):
            base, hits = other, others
    enough = bool(hits) and _best(hits) >= search.threshold
    return Found(base, tuple(hits), fell_back, enough)


def _best(hits: Sequence[Hit]) -> float:
    return max((hit.relevance for hit in hits), default=0.0)
