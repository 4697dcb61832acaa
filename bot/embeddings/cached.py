"""Questions embedded once: the same words are not sent to the embedder again."""

import numpy as np

from bot.cache import Cache
from bot.embeddings import Embedder, Vectors

QUERY_TTL_S = 7 * 24 * 3600.0


class CachedQueries:
    """The query side of an embedder, with the cache in front of it. Thread-safe."""

    def __init__(self, embedder: Embedder, cache: Cache) -> None:
        self._embedder = embedder
        self._cache = cache

    @property
    def model_key(self) -> str:
        """That of the embedder behind."""
        return self._embedder.model_key

    def query_vector(self, text: str) -> tuple[Vectors, bool]:
        """The vector of a question, and whether the embedder had to be asked for it.

        Raises what the embedder raises.
        """
        asked = False

        def ask() -> bytes:
            nonlocal asked
            asked = True
            return np.ascontiguousarray(self._embedder.embed_query(text), dtype="<f4").tobytes()

        packed = self._cache.get_or_make("embedding", f"{self.model_key}\n{text}", ask, QUERY_TTL_S)
        return np.frombuffer(packed, dtype="<f4"), asked
