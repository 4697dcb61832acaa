"""Which FAISS index holds the vectors of a base, chosen by how many there are.

Up to :data:`EXACT_ROWS` vectors every one is compared with the question. In a larger base the
nearest passages are found by short codes in the sixth of the base that lies nearest (IVF),
compared again by their vectors in half precision, and then only their sentences are looked at,
kept at a byte per dimension.

Measured at 1,000,000 passages of 384 dimensions on one core: built in 36 s, 2.4 ms a question,
.97 of the ten nearest found. A graph (HNSW over the same short vectors, M 24) took as long for
as many, but minutes to build; whole vectors instead of codes take twice as long either way.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from bot.embeddings import Vectors
from bot.retrieval import Rows

EXACT_ROWS = 25_000
"""Comparing them all takes 2.5 ms at 384 dimensions; the other way takes 0.7 ms from here on."""
NEAR_PASSAGES = 64
"""Passages of a larger base that are looked at for a question, …"""
_BY_CODES = 3
"""… out of so many times as many that the short codes name."""
_LISTS_READ = 256
"""At least, and at least a sixth: in a base of 5,000 passages all."""
_SAMPLE_PER_LIST = 40
_CODES = 16
_BLOCK = 1 << 16


@dataclass(frozen=True)
class ExactRows:
    """Vectors of a base small enough to compare them all. Thread-safe."""

    vectors: Any
    """:class:`faiss.IndexFlatIP`"""

    @property
    def d(self) -> int:
        """Dimensions."""
        return int(self.vectors.d)

    @property
    def ntotal(self) -> int:
        """Vectors of passages and of sentences."""
        return int(self.vectors.ntotal)

    def search(self, x: Vectors, k: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Inner products and numbers of the ``k`` rows nearest to ``x``, shape ``(1, d)``."""
        cosines, rows = self.vectors.search(x, k)
        return cosines, rows

    def inner_products(self, rows: NDArray[np.int64], x: Vectors) -> Vectors:
        """Those of some rows and ``x``, shape ``(d,)``."""
        return np.asarray(self.vectors.reconstruct_batch(rows) @ x)


@dataclass(frozen=True)
class NearRows:
    """Vectors of a base too large to compare them all. Thread-safe."""

    passages: Any
    """:class:`faiss.IndexRefine`"""
    sentences: Any
    """:class:`faiss.IndexScalarQuantizer`"""
    starts: NDArray[np.int64]
    """Where each passage's sentences begin among all sentences, and where the last one's end."""

    @property
    def d(self) -> int:
        """Dimensions."""
        return int(self.passages.d)

    @property
    def ntotal(self) -> int:
        """Vectors of passages and of sentences."""
        return int(self.passages.ntotal + self.sentences.ntotal)

    def search(self, x: Vectors, k: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Inner products and numbers of at most ``k`` rows, nearest first: those of the nearest
        passages and of their sentences. ``x`` is one unit vector, shape ``(1, d)``."""
        squares, found = self.passages.search(x, NEAR_PASSAGES)
        near = found[0][found[0] >= 0]
        first, last = self.starts[near], self.starts[near + 1]
        sentences = np.repeat(last - (last - first).cumsum(), last - first)
        sentences += np.arange(len(sentences))
        own = 1 - squares[0, : len(near)] / 2  # the vectors are of length 1
        cosines = np.append(own, self._of_sentences(sentences, x[0]))
        rows = np.append(near, sentences + self.passages.ntotal)
        order = np.argsort(-cosines, kind="stable")[:k]
        return cosines[np.newaxis, order], rows[np.newaxis, order]

    def inner_products(self, rows: NDArray[np.int64], x: Vectors) -> Vectors:
        """Those of some rows, as exactly as they were kept, and ``x``, shape ``(d,)``."""
        found = np.empty(len(rows), np.float32)
        own = rows < self.passages.ntotal
        if own.any():
            found[own] = self.passages.reconstruct_batch(rows[own]) @ x
        found[~own] = self._of_sentences(rows[~own] - self.passages.ntotal, x)
        return found

    def _of_sentences(self, sentences: NDArray[np.int64], x: Vectors) -> Vectors:
        """The same without the vectors themselves: the codes are multiplied by what one step of
        each dimension counts. To decode 400 sentences first takes 0.2 ms, this 0.03 ms."""
        steps, offset = self._decoding
        codes = self._codes[sentences].astype(np.float32)
        return np.asarray(codes @ (steps * x) + offset @ x)

    @cached_property
    def _codes(self) -> NDArray[np.uint8]:
        """One byte for each dimension of each sentence: where FAISS keeps them, not a copy."""
        codes = self.sentences.codes
        return np.asarray(faiss.rev_swig_ptr(codes.data(), codes.size()).reshape(-1, self.d))

    @cached_property
    def _decoding(self) -> tuple[Vectors, Vectors]:
        """What one step of each dimension counts, and the middle of its lowest step."""
        lowest, ranges = faiss.vector_to_array(self.sentences.sq.trained).reshape(2, self.d)
        steps = np.asarray(ranges / 255, np.float32)
        return steps, np.asarray(lowest + steps / 2, np.float32)


def vector_rows(batches: Iterable[Vectors], owners: NDArray[np.int32]) -> Rows:
    """The rows of a base, ready to be searched by inner product.

    ``batches`` hold one unit vector for each of ``owners``: first those of all passages, then
    those of the passages' sentences, in the passages' order.
    """
    if len(owners) > EXACT_ROWS:
        return _near_rows(iter(batches), owners)
    vectors = np.concatenate(list(batches))
    flat = faiss.IndexFlatIP(vectors.shape[1])
    flat.add(vectors)
    return ExactRows(flat)


def faiss_parts(rows: Rows) -> dict[str, Any]:
    """The FAISS indexes that rows of :func:`vector_rows` are kept as, by the ends of their files'
    names."""
    if isinstance(rows, NearRows):
        return {"passages.faiss": rows.passages, "sentences.faiss": rows.sentences}
    if isinstance(rows, ExactRows):
        return {"faiss": rows.vectors}
    raise TypeError(f"{type(rows).__name__} are not rows of vector_rows")


def rows_of(parts: Mapping[str, Any], owners: NDArray[np.int32]) -> Rows:
    """Rows from what :func:`faiss_parts` gave; :class:`KeyError` when a part is missing."""
    if "passages.faiss" in parts:
        return NearRows(parts["passages.faiss"], parts["sentences.faiss"], _starts(owners))
    return ExactRows(parts["faiss"])


def _near_rows(batches: Iterator[Vectors], owners: NDArray[np.int32]) -> NearRows:
    starts = _starts(owners)
    kept, rest = _half_precision(batches, len(starts) - 1)
    searched = _searched(kept)
    sentences = faiss.IndexScalarQuantizer(kept.d, faiss.ScalarQuantizer.QT_8bit)
    sentences.sq.rangestat_arg = 0.1  # a sentence may lie a little outside the passages' range
    sentences.train(_sample(kept, _BLOCK))
    for batch in chain([rest], batches):
        sentences.add(batch)
    passages = faiss.IndexRefine(searched, kept)
    passages.k_factor = _BY_CODES
    return NearRows(passages, sentences, starts)


def _starts(owners: NDArray[np.int32]) -> NDArray[np.int64]:
    """The owners are 0, 1, … of the passages, then those of the sentences, ascending."""
    counts = np.bincount(owners) - 1
    return np.append(0, counts.cumsum())


def _half_precision(batches: Iterator[Vectors], count: int) -> tuple[Any, Vectors]:
    """The first ``count`` vectors kept at two bytes per dimension; the rest of the last batch."""
    kept = None
    for batch in batches:
        kept = kept or faiss.IndexScalarQuantizer(
            batch.shape[1], faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_L2
        )
        own = batch[: count - kept.ntotal]
        kept.add(own)
        if kept.ntotal == count:
            return kept, batch[len(own) :]
    raise ValueError(f"less than {count} vectors")


def _searched(kept: Any) -> Any:
    """Short codes of passages in lists of near ones: a third of the dimensions, half a byte each.

    That third holds .94 of the variance of the bundled model's vectors.
    """
    count = kept.ntotal
    dimensions = min(max(kept.d // 3, 32), kept.d)
    lists = max(1, min(int(4 * count**0.5), count // _SAMPLE_PER_LIST))
    searched = faiss.index_factory(
        kept.d, f"PCA{dimensions},IVF{lists},PQ{dimensions}x4fs", faiss.METRIC_L2
    )
    searched.train(_sample(kept, max(lists, _CODES) * _SAMPLE_PER_LIST))
    for start in range(0, count, _BLOCK):
        searched.add(kept.reconstruct_n(start, min(_BLOCK, count - start)))
    faiss.extract_index_ivf(searched).nprobe = min(lists, max(_LISTS_READ, lists // 6))
    return searched


def _sample(kept: Any, count: int) -> Vectors:
    """So many of the vectors, spread evenly; some several times where there are fewer."""
    rows = np.linspace(0, kept.ntotal - 1, count).astype(np.int64)
    return np.asarray(kept.reconstruct_batch(rows))
