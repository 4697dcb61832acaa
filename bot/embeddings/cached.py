"""Questions embedded once: the same words are not sent to the embedder again."""

import math
from collections.abc import Sequence

import numpy as np

from bot.cache import Cache
from bot.embeddings import Vectors
from bot.embeddings.inturn import TurnEmbedder

QUERY_TTL_S = 7 * 24 * 3600.0


class CachedQueries:
    """A turn's embedder with the cache in front of it. Thread-safe."""

    def __init__(self, embedder: TurnEmbedder, cache: Cache) -> None:
        self._embedder = embedder
        self._cache = cache

    @property
    def model_key(self) -> str:
        """That of the embedder behind."""
        return self._embedder.model_key

    def query_vectors(
        self, texts: Sequence[str], within_s: float = math.inf
    ) -> tuple[list[Vectors], bool]:
        """The vectors of some questions, asked for in one request if any is not known.

        The other value is whether the embedder was asked, for ``within_s`` seconds at the most.
        Raises :class:`bot.errors.ProviderError`.
        """
        if len(texts) == 1:
            vector, asked = self._query_vector(texts[0], within_s)
            return [vector], asked
        keys = {text: self._key(text) for text in texts}
        kept = {text: self._cache.get("embedding", key) for text, key in keys.items()}
        new = [text for text, packed in kept.items() if packed is None]
        if new:
            for text, vector in zip(new, self._embedder.vectors(new, within_s), strict=True):
                kept[text] = packed = np.ascontiguousarray(vector, dtype="<f4").tobytes()
                self._cache.put("embedding", keys[text], packed, QUERY_TTL_S)
        return [np.frombuffer(kept[text] or b"", dtype="<f4") for text in texts], bool(new)

    def _query_vector(self, text: str, within_s: float) -> tuple[Vectors, bool]:
        """The vector of one question, asked for once by all who need it now."""
        asked = False

        def ask() -> bytes:
            nonlocal asked
            asked = True
            vector = self._embedder.vectors([text], within_s)[0]
            return np.ascontiguousarray(vector, dtype="<f4").tobytes()

        packed = self._cache.get_or_make("embedding", self._key(text), ask, QUERY_TTL_S)
        return np.frombuffer(packed, dtype="<f4"), asked

    def _key(self, text: str) -> str:
        return f"{self.model_key}\n{text}"
