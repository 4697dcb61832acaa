"""Vectors that an earlier build has already: the same text is not embedded again.

A build keeps the vectors of all texts that were embedded for it in one file beside its own.
The file only saves time: without it, or with a damaged one, everything is embedded anew.
"""

import hashlib
import threading
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import numpy as np

from bot.embeddings import Embedder, Vectors

KNOWN_FILE = "known.npz"
_KEY_BYTES = 16

Known = Mapping[bytes, Vectors]
"""A vector of shape ``(dimensions,)`` for each text that has one."""


class KnownVectors:
    """An :class:`Embedder` that asks the one behind it only for texts with no vector yet.

    ``known`` must be of the same model. Thread-safe.
    """

    def __init__(self, embedder: Embedder, known: Known) -> None:
        self.name = embedder.name
        self.embedded = 0
        """How many texts the embedder behind was asked for."""
        self._embedder = embedder
        self._known = known
        self._used: dict[bytes, Vectors] = {}
        self._lock = threading.Lock()

    @property
    def model_key(self) -> str:
        """That of the embedder behind."""
        return self._embedder.model_key

    @property
    def used(self) -> Known:
        """The vectors of all texts that were asked for."""
        return self._used

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """See :class:`Embedder`; each text that is new is embedded once."""
        keys = [_key("passage", text) for text in texts]
        new = {key: text for key, text in zip(keys, texts, strict=True) if not self._has(key)}
        if new:
            vectors = self._embedder.embed_passages(list(new.values()))
            self._keep(dict(zip(new, vectors, strict=True)))
        return np.stack([self._used[key] for key in keys])

    def embed_query(self, text: str) -> Vectors:
        """See :class:`Embedder`."""
        key = _key("query", text)
        if not self._has(key):
            self._keep({key: self._embedder.embed_query(text)})
        return self._used[key]

    def _has(self, key: bytes) -> bool:
        if key in self._known:
            self._used[key] = self._known[key]
        return key in self._used

    def _keep(self, vectors: Known) -> None:
        with self._lock:
            self._used.update(vectors)
            self.embedded += len(vectors)


def _key(kind: Literal["passage", "query"], text: str) -> bytes:
    data = f"{kind}\n{text}".encode("utf-8", "surrogatepass")
    return hashlib.blake2b(data, digest_size=_KEY_BYTES).digest()


def write_known(folder: Path, known: Known) -> None:
    """Keep the vectors in a build's folder."""
    keys = np.frombuffer(b"".join(known), np.uint8).reshape(-1, _KEY_BYTES)
    vectors = np.stack(list(known.values())).astype(np.float32)
    np.savez(folder / KNOWN_FILE, keys=keys, vectors=vectors)


def read_known(folder: Path) -> Known:
    """The vectors that a build keeps; none when there is no such file or it is damaged.

    The container carries a checksum of each array, which reading compares.
    """
    try:
        with np.load(folder / KNOWN_FILE, allow_pickle=False) as stored:
            pairs = zip(stored["keys"], stored["vectors"], strict=True)
            return {key.tobytes(): vector for key, vector in pairs}
    except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile):
        return {}
