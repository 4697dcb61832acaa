"""An embedder that is not asked twice for the same text."""

import time
from collections.abc import Sequence

import numpy as np

from bot.cache import Cache
from bot.embeddings import Embedder, Vectors
from bot.lru import ByteLru

QUERY_TTL_S = 7 * 24 * 3600.0
_PASSAGE_TTL_S = 24 * 3600.0
_PASSAGE_BYTES = 8 * 1024 * 1024


class CachedEmbedder:
    """Itself an :class:`Embedder`: questions are kept in the cache, passages in memory."""

    def __init__(self, embedder: Embedder, cache: Cache) -> None:
        self._embedder = embedder
        self._cache = cache
        self._passages = ByteLru(_PASSAGE_BYTES, time.monotonic)
        self.name = embedder.name

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
            return _packed(self._embedder.embed_query(text))

        packed = self._cache.get_or_make("embedding", f"{self.model_key}\n{text}", ask, QUERY_TTL_S)
        return _unpacked(packed), asked

    def embed_query(self, text: str) -> Vectors:
        """The vector of a question."""
        return self.query_vector(text)[0]

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """The vectors of passages, the unknown ones in one request."""
        kept = {text: self._passages.get(text) for text in texts}
        unknown = [text for text, packed in kept.items() if packed is None]
        if unknown:
            vectors = self._embedder.embed_passages(unknown)
            for text, vector in zip(unknown, vectors, strict=True):
                kept[text] = _packed(vector)
                self._passages.put(text, _packed(vector), _PASSAGE_TTL_S)
        return np.stack([_unpacked(kept[text] or b"") for text in texts])


def _packed(vector: Vectors) -> bytes:
    return np.ascontiguousarray(vector, dtype="<f4").tobytes()


def _unpacked(packed: bytes) -> Vectors:
    return np.frombuffer(packed, dtype="<f4")
