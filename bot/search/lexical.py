"""Lexical search: BM25 over character 4-grams.

Four letters forgive Russian endings and a recogniser's errors; measured better here than
stems or lemmas (R@1 .69 against .55 and .50).

What a question costs hardly grows with the base. Every score is exact. Which passages score
best is exact while the question's grams have at most :data:`READ_POSTINGS` postings (a base of
some 10,000 passages); in a larger one the rarest grams name them. Scores are looked up by
bisection then. Kept libraries were slower at 1,000,000 passages: bm25s
adds up every posting, tantivy's pruning does not help with forty grams of a question.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from bot.search.grams import grams_of

K1 = 1.2
B = 0.75
READ_POSTINGS = 50_000
_STEP = 64
_FINENESS = 1 << 16
"""Parts of one that a gram's rarity is counted in, to be sorted beside a passage's number."""
_BATCH = 8192
"""Passages counted at once; their numbers within a batch fit into 16 bits."""

Scalar = TypeVar("Scalar", bound=np.generic)
Numbers = NDArray[np.int64]
Counts = NDArray[np.unsignedinteger[Any]]


@dataclass(frozen=True)
class Lexical:
    """Postings of every 4-gram: ``grams[i]`` is found in the passages
    ``owners[bounds[i]:bounds[i+1]]``, ascending, in each as often as ``times`` says."""

    norms: NDArray[np.float32]
    """One for each passage: what its length adds to a gram's count in BM25's denominator."""
    grams: NDArray[np.uint32]
    """Sorted."""
    bounds: Numbers
    owners: NDArray[np.int32]
    milestones: NDArray[np.int32]
    """Each :data:`_STEP` th of the owners: few enough to lie near the processor."""
    times: Counts

    def search(self, query: str, k: int, also: Numbers) -> tuple[Numbers, NDArray[np.float64]]:
        """The ``k`` passages that match best, at all, and the passages ``also``: their numbers,
        ascending, and one score for each: the share, 0…1, of the best score possible.

        Grams that no passage has count in full against the query, so that a question about
        something else stays low however few of its letters are found.
        """
        known, unknown = self._known(query)
        unknown_idf = np.log(1 + (len(self.norms) + 0.5) / 0.5)
        highest = (self._idf(known).sum() + unknown * unknown_idf) * (K1 + 1) or 1.0
        sizes = self._found_in(known)
        if sizes.sum() <= READ_POSTINGS:
            every = self._sums(known)
            best = _highest(every, k)
            numbers = distinct(np.append(also, best[every[best] > 0]))
            sums = every[numbers]
        else:
            rarest = np.argsort(sizes, kind="stable")
            few = int(np.searchsorted(sizes[rarest].cumsum(), READ_POSTINGS, "right"))
            likely = self._likely(known[rarest[: max(1, few)]], k)
            numbers = distinct(np.append(also, likely))
            sums = self._sums_of(known, numbers)
        return numbers, (sums / np.float32(highest)).astype(np.float64)

    def _known(self, query: str) -> tuple[Numbers, int]:
        """Places of the query's grams that some passage has, ascending; how many none has."""
        wanted = distinct(grams_of([query])[0])
        if not len(self.grams):
            return np.zeros(0, np.int64), len(wanted)
        at = np.minimum(np.searchsorted(self.grams, wanted), len(self.grams) - 1)
        known = at[self.grams[at] == wanted]
        return known, len(wanted) - len(known)

    def _sums(self, places: Numbers) -> NDArray[np.float32]:
        """Every passage's BM25 of those grams."""
        sums = np.zeros(len(self.norms), np.float32)
        if len(places):
            spans = [slice(self.bounds[place], self.bounds[place + 1]) for place in places]
            owners = np.concatenate([self.owners[span] for span in spans])
            times = np.concatenate([self.times[span] for span in spans])
            idf = np.repeat(self._idf(places), self._found_in(places))
            np.add.at(sums, owners, self._weights(idf, times, owners))
        return sums

    def _sums_of(self, places: Numbers, numbers: Numbers) -> NDArray[np.float32]:
        """The same for the passages ``numbers`` only."""
        sums = np.zeros(len(numbers), np.float32)
        wanted = numbers.astype(np.int32)
        at = self._before(places, wanted)
        gram, passage = np.nonzero(self.owners[at] == wanted)
        times, owners = self.times[at[gram, passage]], wanted[passage]
        np.add.at(sums, passage, self._weights(self._idf(places)[gram], times, owners))
        return sums

    def _before(self, places: Numbers, wanted: NDArray[np.int32]) -> Numbers:
        """For each of those grams (rows) and passages (columns) the gram's posting of that
        passage; where it has none, of one beside it. By bisection: first of the milestones
        among the gram's postings, then of what lies between two of them."""
        first, last = self.bounds[places, np.newaxis], self.bounds[places + 1, np.newaxis] - 1
        milestone, end = -(-first // _STEP), last // _STEP + 1
        passed = np.stack(
            [
                np.searchsorted(self.milestones[a:b], wanted, "right")
                for a, b in zip(milestone.flat, end.flat, strict=True)
            ]
        )
        at = np.where(passed > 0, (milestone + passed - 1) * _STEP, first)
        step = _STEP // 2
        while step:
            ahead = at + step
            behind = self.owners[np.minimum(ahead, last)] <= wanted
            at = np.where((ahead <= last) & behind, ahead, at)
            step //= 2
        return np.asarray(at)

    def _likely(self, places: Numbers, k: int) -> Numbers:
        """The ``k`` passages that have most of those grams, each counted by how rare it is.

        What was read is sorted: an array as long as the base would cost more.
        """
        starts, sizes = self.bounds[places], np.minimum(self._found_in(places), READ_POSTINGS)
        owners = np.concatenate(
            [self.owners[start : start + size] for start, size in zip(starts, sizes, strict=True)]
        )
        rarity = np.repeat((self._idf(places) * _FINENESS).astype(np.uint64), sizes)
        read = owners.astype(np.uint64) << np.uint64(32) | rarity
        read.sort()
        passages = read >> np.uint64(32)
        first = np.flatnonzero(np.append(True, passages[1:] != passages[:-1]))
        sums = np.add.reduceat(read & np.uint64(0xFFFFFFFF), first).astype(np.float32)
        return passages[first[_highest(sums, k)]].astype(np.int64)

    def _weights(
        self, idf: NDArray[np.float32], times: Counts, owners: NDArray[np.int32]
    ) -> NDArray[np.float32]:
        """BM25 of some postings: a gram of this rarity, so many times in that passage."""
        counts = times.astype(np.float32)
        return np.asarray(idf * counts * (K1 + 1) / (counts + self.norms[owners]))

    def _idf(self, places: Numbers) -> NDArray[np.float32]:
        """Inverse document frequencies."""
        found_in = self._found_in(places)
        idf = np.log(1 + (len(self.norms) - found_in + 0.5) / (found_in + 0.5))
        return np.asarray(idf, np.float32)

    def _found_in(self, places: Numbers) -> Numbers:
        return np.asarray(self.bounds[places + 1] - self.bounds[places])


def build_lexical(texts: Sequence[str]) -> Lexical:
    """The postings of passages (BM25 as in Robertson and Zaragoza 2009, k1 1.2, b 0.75)."""
    batches = [_counted(texts[at : at + _BATCH]) for at in range(0, len(texts), _BATCH)]
    lengths = _joined([batch.lengths for batch in batches], np.float32)
    mean = float(lengths.mean()) if len(texts) else 1.0
    norms = np.asarray(K1 * (1 - B + B * lengths / max(1.0, mean)), np.float32)
    grams = np.unique(_joined([batch.grams for batch in batches], np.uint32))
    bounds, owners, times = _merged(batches, grams)
    return Lexical(norms, grams, bounds, owners, owners[::_STEP].copy(), times)


@dataclass(frozen=True)
class _Batch:
    """Postings of some neighbouring passages."""

    lengths: Numbers
    """Grams in each passage."""
    grams: NDArray[np.uint32]
    """Sorted and distinct."""
    found_in: Numbers
    """In how many passages of the batch each gram is."""
    passages: NDArray[np.uint16]
    times: Counts


def _counted(texts: Sequence[str]) -> _Batch:
    grams, passages = grams_of(texts)
    pairs = grams.astype(np.uint64) << np.uint64(16) | passages.astype(np.uint64)
    distinct, times = np.unique(pairs, return_counts=True)
    own, found_in = np.unique((distinct >> np.uint64(16)).astype(np.uint32), return_counts=True)
    narrow = np.min_scalar_type(int(times.max(initial=0)))
    lengths = np.bincount(passages, minlength=len(texts))
    return _Batch(lengths, own, found_in, distinct.astype(np.uint16), times.astype(narrow))


def _merged(
    batches: Sequence[_Batch], grams: NDArray[np.uint32]
) -> tuple[Numbers, NDArray[np.int32], Counts]:
    """Bounds, owners and times of all grams: each batch's postings behind those before it."""
    places = [np.searchsorted(grams, batch.grams) for batch in batches]
    found_in = np.zeros(len(grams), np.int64)
    for batch, at in zip(batches, places, strict=True):
        found_in[at] += batch.found_in
    bounds = np.append(0, found_in.cumsum())
    owners = np.zeros(bounds[-1], np.int32)
    times = np.zeros(bounds[-1], np.result_type(np.uint8, *(one.times for one in batches)))
    free = bounds[:-1].copy()
    for number, (batch, at) in enumerate(zip(batches, places, strict=True)):
        own = batch.found_in.cumsum() - batch.found_in
        to = np.repeat(free[at] - own, batch.found_in) + np.arange(len(batch.times))
        owners[to] = batch.passages.astype(np.int32) + number * _BATCH
        times[to] = batch.times
        free[at] += batch.found_in
    return bounds, owners, times


def _highest(sums: NDArray[np.float32], k: int) -> Numbers:
    """Places of the ``k`` highest sums, the highest first, of equal ones the first."""
    at = np.arange(len(sums))
    if len(sums) > k:
        at = np.flatnonzero(sums >= np.partition(sums, -k)[-k]) if k else at[:0]
    return at[np.argsort(-sums[at], kind="stable")[:k]]


def distinct(values: NDArray[Scalar]) -> NDArray[Scalar]:
    """``values`` ascending, each once; of a few hundred several times as fast as
    :func:`numpy.unique`."""
    ordered = np.sort(values)
    first = np.append(True, ordered[1:] != ordered[:-1])
    return np.asarray(ordered[first[: len(ordered)]])


def _joined(parts: list[NDArray[Any]], dtype: type[np.generic]) -> NDArray[Any]:
    return np.concatenate(parts).astype(dtype) if parts else np.zeros(0, dtype)
