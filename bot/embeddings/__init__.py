"""Text embeddings: one interface, one file per provider."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


class Embedder(Protocol):
    """Turns texts into unit vectors. Thread-safe."""

    name: str

    @property
    def model_key(self) -> str:
        """Provider, model and dimensions: vectors with different keys do not mix."""
        ...

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Vectors of shape ``(len(texts), dimensions)``, float32, each of length 1."""
        ...

    def embed_query(self, text: str) -> Vectors:
        """The vector of a question, shape ``(dimensions,)``, float32, of length 1."""
        ...

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Vectors of questions, shape ``(len(texts), dimensions)``, at least one; one request."""
        ...
