"""A model of one's own through sentence-transformers (requirements-sentence-transformers.txt)."""

import threading
from collections.abc import Sequence

import numpy as np

from bot.embeddings import Vectors
from bot.errors import SettingError

DEFAULT_MODEL = "intfloat/multilingual-e5-small"


class TransformerEmbedder:
    """Any sentence-transformers model, by its name or folder. Thread-safe: one text at a time.

    Making one loads torch and the model, which takes seconds; it is ready then. Raises
    :class:`SettingError` when the packages or the model are missing.
    """

    name = "sentence-transformers"

    def __init__(self, model: str = DEFAULT_MODEL) -> None:
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError as error:
            raise SettingError(
                "EMBEDDINGS_PROVIDER: sentence-transformers is not installed: "
                "pip install -r requirements-sentence-transformers.txt"
            ) from error
        try:
            self._model = SentenceTransformer(model, device="cpu", prompts=_prompts(model))
        except (OSError, ValueError) as error:
            raise SettingError(f"EMBEDDINGS_MODEL: {model} cannot be loaded: {error}") from error
        self._name = model
        # Its tokenizer keeps state: two threads at once fail with «Already borrowed».
        self._lock = threading.Lock()

    @property
    def model_key(self) -> str:
        """The model as named in the settings, and its dimensions."""
        return f"sentence-transformers:{self._name}:{self._model.get_embedding_dimension()}"

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Vectors of passages, with the model's own prompt for documents if it has one."""
        if not texts:
            return np.zeros((0, self._model.get_embedding_dimension()), np.float32)
        with self._lock:
            vectors = self._model.encode_document(
                list(texts), normalize_embeddings=True, show_progress_bar=False
            )
        return np.asarray(vectors, np.float32)

    def embed_query(self, text: str) -> Vectors:
        """The vector of a question, with the model's own prompt for queries if it has one."""
        vector: Vectors = self.embed_queries([text])[0]
        return vector

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Vectors of questions, with the model's own prompt for queries if it has one."""
        with self._lock:
            vectors = self._model.encode_query(
                list(texts), normalize_embeddings=True, show_progress_bar=False
            )
        return np.asarray(vectors, np.float32)


def _prompts(model: str) -> dict[str, str] | None:
    """E5 models need prefixes that their published configuration does not carry."""
    if "e5" not in model.lower():
        return None
    return {"query": "query: ", "document": "passage: "}
