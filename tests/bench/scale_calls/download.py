"""Download every call as CSV from a running admin: rows a second, and the memory that takes."""

import threading
from dataclasses import asdict, dataclass
from time import perf_counter
from typing import Any

import psutil
import requests

from tests.bench.scale_calls.asking import servers_cpu_s

ROWS_A_SECOND_AT_LEAST = 20_000
MEMORY_MB_AT_MOST = 100
_PIECE = 1 << 20
_LOOK_EVERY_S = 0.05


@dataclass(frozen=True)
class Downloaded:
    """One download of all calls."""

    rows: int
    megabytes: float
    seconds: float
    first_byte_s: float
    cpu_s: float
    """Of the admin and its database together."""
    memory_before_mb: float
    """Resident, of the admin."""
    memory_peak_mb: float

    @property
    def rows_a_second(self) -> float:
        """Rows that came in a second."""
        return self.rows / self.seconds

    @property
    def memory_mb(self) -> float:
        """What the download added to the admin's memory at its highest."""
        return self.memory_peak_mb - self.memory_before_mb

    @property
    def met(self) -> bool:
        """Whether it is within the issue's targets."""
        is_fast = self.rows_a_second >= ROWS_A_SECOND_AT_LEAST
        return is_fast and self.memory_mb <= MEMORY_MB_AT_MOST

    def as_json(self) -> dict[str, Any]:
        """For the report."""
        named = {"rows_a_second": self.rows_a_second, "memory_mb": self.memory_mb}
        return asdict(self) | named | {"met": self.met}


def download(address: str) -> Downloaded:
    """Read ``/logs/csv`` to its end and keep nothing of it."""
    before_mb, cpu_s = admin_memory_mb(), servers_cpu_s()
    done = threading.Event()
    peak = [before_mb]
    watch = threading.Thread(target=_watch, args=(done, peak))
    watch.start()
    began = perf_counter()
    try:
        first, ended_rows, size = _read(address)
    finally:
        done.set()
        watch.join()
    return Downloaded(
        rows=ended_rows - 1,  # the heading
        megabytes=size / 1e6,
        seconds=perf_counter() - began,
        first_byte_s=first - began,
        cpu_s=servers_cpu_s() - cpu_s,
        memory_before_mb=before_mb,
        memory_peak_mb=max(peak),
    )


def _read(address: str) -> tuple[float, int, int]:
    """When the first bytes came, the ends of rows (the only CR LF there are), all bytes."""
    rows = size = 0
    first = 0.0
    asked = requests.get(
        f"{address}/logs/csv", stream=True, timeout=120, headers={"Accept-Encoding": "identity"}
    )
    with asked as answer:
        answer.raise_for_status()
        for piece in answer.iter_content(_PIECE):
            first = first or perf_counter()
            rows += piece.count(b"\r\n")
            size += len(piece)
    return first, rows, size


def _watch(done: threading.Event, peak: list[float]) -> None:
    while not done.wait(_LOOK_EVERY_S):
        peak.append(admin_memory_mb())


def admin_memory_mb() -> float:
    """Resident memory of gunicorn's worker: the largest of gunicorn's processes."""
    return max(map(_gunicorn_mb, psutil.Process().children(recursive=True)), default=0.0)


def _gunicorn_mb(process: psutil.Process) -> float:
    """Nothing of any other process, or of one that has just ended."""
    try:
        if any("gunicorn" in argument for argument in process.cmdline()):
            size: int = process.memory_info().rss
            return size / 2**20
    except psutil.NoSuchProcess:
        pass
    return 0.0
