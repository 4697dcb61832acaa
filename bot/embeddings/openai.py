"""Embeddings by OpenAI or by any service that speaks its API."""

from collections.abc import Iterator, Sequence

import httpx2
import numpy as np
import openai

from bot.embeddings import Vectors
from bot.errors import ProviderError
from bot.openai_client import as_provider_error

MAX_INPUTS = 2048
MAX_BATCH_CHARS = 200_000
"""Keeps a request below its 300,000 tokens: no text has more tokens than characters by half."""
BUILD_TIMEOUT_S = 60.0
BUILD_RETRIES = 3


class OpenAIEmbedder:
    """``POST /embeddings`` (protocols.md, 2.3). Thread-safe.

    Questions are asked once, within ``query_timeout_s``: a caller is waiting. Passages are
    asked for with patience: an index is being built. Both raise :class:`ProviderError`.
    """

    name = "openai"

    def __init__(
        self,
        client: openai.OpenAI,
        model: str = "text-embedding-3-small",
        dimensions: int | None = None,
        query_timeout_s: float = 3.0,
    ) -> None:
        """``dimensions`` shortens the vectors; only the ``text-embedding-3`` models can."""
        self._client = client
        self._patient = client.with_options(timeout=BUILD_TIMEOUT_S, max_retries=BUILD_RETRIES)
        self._model = model
        self._dimensions = dimensions if model.startswith("text-embedding-3") else None
        self._query_timeout_s = query_timeout_s

    @property
    def model_key(self) -> str:
        """Model and dimensions asked for; without a wish, the model's own."""
        return f"openai:{self._model}:{self._dimensions or 'full'}"

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Vectors of passages in as few requests as the limits of the API allow."""
        if not texts:
            return np.zeros((0, self._dimensions or 0), np.float32)
        batches = [self._embed(self._patient, batch, BUILD_TIMEOUT_S) for batch in _batches(texts)]
        return np.concatenate(batches)

    def embed_query(self, text: str, timeout_s: float | None = None) -> Vectors:
        """The vector of a question, within ``timeout_s`` if that is given."""
        vector: Vectors = self._embed(self._client, [text], timeout_s or self._query_timeout_s)[0]
        return vector

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Vectors of questions, asked for together."""
        return self._embed(self._client, texts, self._query_timeout_s)

    def _embed(self, client: openai.OpenAI, texts: Sequence[str], timeout_s: float) -> Vectors:
        # The API refuses an empty input; a blank one it takes.
        inputs = [text if text.strip() else " " for text in texts]
        wish = openai.omit if self._dimensions is None else self._dimensions
        try:
            answer = client.embeddings.create(
                model=self._model, input=inputs, dimensions=wish, timeout=timeout_s
            )
        except (openai.OpenAIError, httpx2.HTTPError, ValueError) as error:
            raise as_provider_error(self.name, error) from error
        rows = sorted(answer.data, key=lambda row: row.index)
        if [row.index for row in rows] != list(range(len(texts))):
            raise ProviderError(self.name, "permanent", "the answer holds other vectors than asked")
        return _unit(np.array([row.embedding for row in rows], np.float32))


def _unit(vectors: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-12), np.float32)


def _batches(texts: Sequence[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    chars = 0
    for text in texts:
        if batch and (len(batch) == MAX_INPUTS or chars + len(text) > MAX_BATCH_CHARS):
            yield batch
            batch, chars = [], 0
        batch.append(text)
        chars += len(text)
    yield batch
