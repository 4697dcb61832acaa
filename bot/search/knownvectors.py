"""Vectors that an earlier build has already: the same text is not embedded again.

A build keeps the vectors of all texts that were embedded for it in two files beside its own,
which are written while it is made: those of a large base do not fit into memory. The files only
save time: without them, or with damaged ones, everything is embedded anew.
"""

import hashlib
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

import numpy as np

from bot.embeddings import Embedder, Vectors

VECTORS_FILE = "known.f32"
KEYS_FILE = "known.keys"
"""SHA-256 of what follows, SHA-256 of the vectors, then the keys. Not numpy's container: its
headers are parsed as Python, which two threads cannot do at once before 3.11.8 (gh-106905)."""
_KEY_BYTES = 16
_DIGEST_BYTES = hashlib.sha256().digest_size
_Kind = Literal["passage", "query"]


@dataclass(frozen=True)
class Known:
    """Vectors, shape ``(n, dimensions)``, and which row is of which text."""

    rows: Mapping[bytes, int]
    vectors: Vectors

    def get(self, key: bytes) -> Vectors | None:
        """The vector of a text, shape ``(dimensions,)``."""
        row = self.rows.get(key)
        # A copy: arithmetic with rows of a memory map is several times slower.
        return None if row is None else np.array(self.vectors[row])


NOTHING_KNOWN = Known({}, np.empty((0, 0), np.float32))


class VectorFile:
    """The vectors of a build that is being made, on the disk. Thread-safe.

    Leaving the context makes the files whole: whoever is killed before leaves none that count.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = (folder / VECTORS_FILE).open("x+b")
        self._rows: dict[bytes, int] = {}
        self._row_bytes = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, vectors: Mapping[bytes, Vectors]) -> None:
        """Keep the vectors of texts that have none yet."""
        with self._lock:
            for key, vector in vectors.items():
                if key not in self._rows:
                    self._file.write(vector.astype("<f4").tobytes())
                    self._rows[key] = len(self._rows)
                    self._row_bytes = vector.size * 4
            self._file.flush()

    def get(self, key: bytes) -> Vectors | None:
        """The vector of a text, shape ``(dimensions,)``."""
        with self._lock:
            row = self._rows.get(key)
        if row is None:
            return None
        data = os.pread(self._file.fileno(), self._row_bytes, row * self._row_bytes)
        return np.frombuffer(data, "<f4")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._file.close()
        if kind is None:
            described = _digest(self._folder / VECTORS_FILE) + b"".join(self._rows)
            (self._folder / KEYS_FILE).write_bytes(hashlib.sha256(described).digest() + described)


class KnownVectors:
    """An :class:`Embedder` that asks the one behind it only for texts with no vector yet.

    ``known`` must be of the same model. All vectors go to ``kept``. Thread-safe.
    """

    def __init__(self, embedder: Embedder, known: Known, kept: VectorFile) -> None:
        self.name = embedder.name
        self.embedded = 0
        """How many texts the embedder behind was asked for."""
        self._embedder = embedder
        self._known = known
        self._kept = kept
        self._lock = threading.Lock()

    @property
    def model_key(self) -> str:
        """That of the embedder behind."""
        return self._embedder.model_key

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """See :class:`Embedder`; each text that is new is embedded once."""
        return self._vectors("passage", texts, self._embedder.embed_passages)

    def embed_query(self, text: str) -> Vectors:
        """See :class:`Embedder`."""
        key = _key("query", text)
        found = self._found(key)
        vector = self._embedder.embed_query(text) if found is None else found
        self._keep({key: vector}, int(found is None))
        return vector

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """See :class:`Embedder`; each text that is new is embedded once."""
        return self._vectors("query", texts, self._embedder.embed_queries)

    def _vectors(
        self, kind: _Kind, texts: Sequence[str], embed: Callable[[Sequence[str]], Vectors]
    ) -> Vectors:
        keys = [_key(kind, text) for text in texts]
        found = {key: vector for key in keys if (vector := self._found(key)) is not None}
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in found}
        if new:
            found.update(zip(new, embed(list(new.values())), strict=True))
        self._keep(found, len(new))
        return np.stack([found[key] for key in keys])

    def _found(self, key: bytes) -> Vectors | None:
        kept = self._kept.get(key)
        return self._known.get(key) if kept is None else kept

    def _keep(self, vectors: Mapping[bytes, Vectors], embedded: int) -> None:
        self._kept.add(vectors)
        with self._lock:
            self.embedded += embedded


def read_known(folder: Path) -> Known:
    """The vectors that a build keeps; none when there are no such files or they are damaged."""
    try:
        stored = (folder / KEYS_FILE).read_bytes()
        described = stored[_DIGEST_BYTES:]
        if stored[:_DIGEST_BYTES] != hashlib.sha256(described).digest():
            return NOTHING_KNOWN
        if described[:_DIGEST_BYTES] != _digest(folder / VECTORS_FILE):
            return NOTHING_KNOWN
        starts = range(_DIGEST_BYTES, len(described), _KEY_BYTES)
        mapped = np.memmap(folder / VECTORS_FILE, "<f4", "r").reshape(len(starts), -1)
        vectors = np.asarray(mapped)  # each row of a memmap would be a memmap, ten times slower
    except (OSError, ValueError):
        return NOTHING_KNOWN
    rows = {described[at : at + _KEY_BYTES]: row for row, at in enumerate(starts)}
    return Known(rows, vectors)


def _key(kind: _Kind, text: str) -> bytes:
    data = f"{kind}\n{text}".encode("utf-8", "surrogatepass")
    return hashlib.blake2b(data, digest_size=_KEY_BYTES).digest()


def _digest(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()
