"""One size: load the index as the worker does, ask it questions, and compare with exact search.

Run in a process of its own (``python -m tests.bench.scale.searching FOLDER SIZE QUESTIONS``),
whose memory is then that of a worker's index; prints one line of JSON.
"""

import json
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import faiss
import numpy as np
import psutil

from bot.embeddings import Vectors
from bot.retrieval import Index, SearchedBase
from bot.search.indexfiles import load_build
from bot.search.lexical import build_lexical
from bot.search.vectorrows import NearRows
from tests.bench.scale.texts import BLOCK, block, question
from tests.bench.scale.vectors import SyntheticEmbedder, passage_vectors, question_vector

TOP_K = 3
NEAREST = 10
_WARM_UP = 50
_COMPARED = 200
_READ = 20_000


@dataclass(frozen=True)
class Asked:
    """A question that one passage answers."""

    passage: int
    text: str
    vector: Vectors


@dataclass(frozen=True)
class Searching:
    """What a loaded index takes, and how well it finds. Times are of whole searches, in ms."""

    kind: str
    load_s: float
    memory_mb: float
    """Resident memory that loading added."""
    lexical_s: float
    """To build the postings, which is part of a load."""
    lexical_mb: float
    p50: float
    p99: float
    cpu_p99: float
    """Of the processor alone: without waiting for it."""
    two_p50: float
    two_p99: float
    """With two questions at once."""
    recall: float
    """Share of the ten passages nearest by exact search that are among the ten nearest found."""
    answered: float
    """Share of the questions whose passage is among the first three hits."""


def measure(folder: Path, size: int, count: int) -> Searching:
    """Ask ``count`` questions of the base of ``size`` sections in ``folder``."""
    before_mb, began = _memory_mb(), time.perf_counter()
    index = load_build(folder, SyntheticEmbedder.model_key)
    load_s, memory_mb = time.perf_counter() - began, _memory_mb() - before_mb
    _say(f"loaded in {load_s:.1f} s")
    asked = _questions(size, count + _WARM_UP)
    for one in asked[:_WARM_UP]:
        _ask(index, one)
    asked = asked[_WARM_UP:]
    answers = [_ask(index, one) for one in asked]
    _say(f"{count} questions asked")
    two = _two_at_once(index, asked)
    base = index.bases["general"]
    recall = _recall(base, asked[:_COMPARED])
    lexical_s = _lexical_s(base)
    p50, p99 = _percentiles([took for took, _, _ in answers])
    two_p50, two_p99 = _percentiles(two)
    return Searching(
        kind=_kind(base),
        load_s=load_s,
        memory_mb=memory_mb,
        lexical_s=lexical_s,
        lexical_mb=_lexical_mb(base),
        p50=p50,
        p99=p99,
        cpu_p99=_percentiles([cpu for _, cpu, _ in answers])[1],
        two_p50=two_p50,
        two_p99=two_p99,
        recall=recall,
        answered=float(np.mean([found for _, _, found in answers])),
    )


def _questions(size: int, count: int) -> list[Asked]:
    of = np.random.default_rng(size)
    numbers = np.sort(of.integers(0, size, count))
    made = {number: block(number) for number in np.unique(numbers // BLOCK).tolist()}
    asked = []
    for number in of.permutation(numbers).tolist():
        text = question(made[number // BLOCK][number % BLOCK], of)
        asked.append(Asked(number, text, question_vector(number, text)))
    return asked


def _ask(index: Index, one: Asked) -> tuple[float, float, bool]:
    """Milliseconds by the clock and of the processor, and whether the passage was found."""
    began, began_cpu = time.perf_counter(), time.thread_time()
    hits = index.search(one.vector, one.text, TOP_K)["general"]
    took, took_cpu = time.perf_counter() - began, time.thread_time() - began_cpu
    found = any(hit.passage.heading.endswith(f"-{one.passage}") for hit in hits)
    return took * 1000, took_cpu * 1000, found


def _two_at_once(index: Index, asked: Sequence[Asked]) -> list[float]:
    together = threading.Barrier(2)

    def ask(own: Sequence[Asked]) -> list[float]:
        together.wait()
        return [_ask(index, one)[0] for one in own]

    with ThreadPoolExecutor(2) as pool:
        return [took for part in pool.map(ask, (asked[::2], asked[1::2])) for took in part]


def _recall(base: SearchedBase, asked: Sequence[Asked]) -> float:
    questions = np.stack([one.vector for one in asked])
    count = len(base.passages)
    exact = faiss.ResultHeap(len(asked), NEAREST, keep_max=True)
    for first in range(0, count, _READ):
        vectors = passage_vectors(first, min(_READ, count - first))
        near = faiss.knn(questions, vectors, NEAREST, metric=faiss.METRIC_INNER_PRODUCT)
        exact.add_result(near[0], near[1] + first)
    exact.finalize()
    shares = []
    for vector, nearest in zip(questions, exact.I, strict=True):
        rows = base.rows.search(vector[np.newaxis], base.rows.ntotal)[1][0]
        found = rows[rows < count][:NEAREST]
        shares.append(len(np.intersect1d(found, nearest)) / NEAREST)
    return float(np.mean(shares))


def _lexical_s(base: SearchedBase) -> float:
    texts = [f"{one.heading}. {one.text}" for one in base.passages]
    began = time.perf_counter()
    build_lexical(texts)
    return time.perf_counter() - began


def _lexical_mb(base: SearchedBase) -> float:
    arrays = vars(base.lexical).values()
    return float(sum(array.nbytes for array in arrays)) / 2**20


def _kind(base: SearchedBase) -> str:
    if not isinstance(base.rows, NearRows):
        return "exact"
    lists = faiss.extract_index_ivf(base.rows.passages.base_index)
    return f"IVF, {lists.nprobe} of {lists.nlist} lists"


def _percentiles(values: Sequence[float]) -> tuple[float, float]:
    p50, p99 = np.percentile(list(values), (50, 99))
    return float(p50), float(p99)


def _memory_mb() -> float:
    return float(psutil.Process().memory_info().rss) / 2**20


def _say(text: str) -> None:
    print(f"  {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    print(json.dumps(asdict(measure(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))))
