"""An embedder as a turn uses it: waited for only so long, and left alone while it fails."""

import math
from collections.abc import Generator, Sequence
from contextlib import closing
from typing import Final

from bot.deadline import Deadline
from bot.embeddings import Embedder, Vectors
from bot.errors import ProviderError
from bot.failover.breaker import ErrorCount
from bot.failover.race import Contender, Race, Replaced
from bot.failover.service import Service

NAME: Final = "embeddings"
"""What records call it."""
PATIENCE: Final = 3
"""Passing failures in a row after which it is left alone for a while."""
_LATE_S: Final = 1.0
_LATE_BOUNDS_S: Final = (0.3, 1.0)
"""Nobody stands by that could be asked as well: without vectors the letters are searched."""


class TurnEmbedder:
    """The query side of ``embedder``. Thread-safe.

    One ``is_remote`` is given up when its time is over, whatever its socket does; a local one is
    called in the caller's thread. Failures are counted by ``on_error(provider, kind)``.
    """

    def __init__(self, embedder: Embedder, is_remote: bool, on_error: ErrorCount) -> None:
        self._embedder = embedder
        self._is_remote = is_remote
        self._service = Service(
            NAME, on_error, _LATE_S, _LATE_BOUNDS_S, provider=embedder.name, patience=PATIENCE
        )

    @property
    def model_key(self) -> str:
        """That of the embedder."""
        return self._embedder.model_key

    def vectors(self, texts: Sequence[str], within_s: float) -> Vectors:
        """See :meth:`bot.embeddings.Embedder.embed_queries`.

        Raises :class:`ProviderError` when it fails, rests, or takes longer than ``within_s``.
        """
        limit_s = within_s if self._is_remote else math.inf
        contender = Contender(self._service, lambda deadline: self._asks(texts, deadline))
        race = Race([contender], Deadline(math.inf), _nobody, begin_within_s=limit_s)
        with closing(race.run()) as found:
            return next(found)

    def _asks(self, texts: Sequence[str], deadline: Deadline) -> Generator[Vectors]:
        return self._service.ask(lambda: self._embedded(texts), deadline)

    def _embedded(self, texts: Sequence[str]) -> Generator[Vectors]:
        try:
            yield self._embedder.embed_queries(texts)
        except (RuntimeError, OSError, MemoryError) as error:  # how a local model's engine fails
            raise ProviderError(self._embedder.name, "transient", type(error).__name__) from error


def _nobody(_lost: Replaced) -> None:
    """There is no stand-by that could tell whom it replaced."""
