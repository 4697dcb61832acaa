"""Many calls at once in one worker process: lateness of frames, memory, latency."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import psutil
import requests

from tests.bench.figures import Figure, figure
from tests.bench.turns import PATIENCE_S, Caller
from tests.lab.worker import Worker

CALLS = 50
TURN_EVERY_S = 10.0
TURNS_EACH = 4


def measure_load(caller: Caller, calls: int = CALLS) -> list[Figure]:
    """``calls`` callers, each asking every ten seconds."""
    one = caller.dial()
    caller.prepare()
    caller.ask(one)
    one.hangup()
    time.sleep(1.0)
    before_mb = _memory_mb(caller.worker)
    late_before = lateness(caller.worker)
    waits: list[float] = []
    asking = threading.Lock()
    with ThreadPoolExecutor(calls) as pool:
        done = [pool.submit(_caller, caller, waits, asking, n / calls) for n in range(calls)]
        time.sleep(TURN_EVERY_S * TURNS_EACH * 0.8)
        during_mb = _memory_mb(caller.worker)
        failures = [error for one in done if (error := one.exception()) is not None]
    late_after = lateness(caller.worker)
    if failures:
        raise RuntimeError(f"{len(failures)} of {calls} callers failed: {failures[0]}")
    per_call_mb = (during_mb - before_mb) / calls
    p99_ms = percentile_ms(late_before, late_after, 0.99)
    p50_ms = percentile_ms(late_before, late_after, 0.50)
    return [
        figure(f"{calls} calls at once: end of question → first sound", "s", waits),
        Figure(
            f"{calls} calls at once: frame lateness (p50, p99)", "ms", p50_ms, p99_ms,
            late_after["+Inf"] - late_before["+Inf"], "p99 ≤ 60 ms", p99_ms <= 60,
        ),
        Figure("memory of one more call", "MB", per_call_mb, per_call_mb, calls, "≤ 2 MB",
               per_call_mb <= 2),
        Figure("memory of the worker without calls", "MB", before_mb, before_mb, 1),
    ]  # fmt: skip


def _caller(caller: Caller, waits: list[float], asking: threading.Lock, offset: float) -> None:
    """One caller's call: a turn every ten seconds, out of step with the others."""
    time.sleep(offset * TURN_EVERY_S)
    call = caller.dial()
    for _ in range(TURNS_EACH):
        began_at = time.monotonic()
        with asking:  # the questions' order among callers does not matter, their number does
            caller.prepare()
        asked_at, heard_at = caller.ask(call)
        waits.append(heard_at - asked_at)
        call.wait_quiet(0.8, PATIENCE_S)
        time.sleep(max(0.0, TURN_EVERY_S - (time.monotonic() - began_at)))
    call.hangup()


def _memory_mb(worker: Worker) -> float:
    """The worker's own memory; its voices' processes are not counted."""
    if worker.process is None:
        raise RuntimeError("the worker is not running")
    return float(psutil.Process(worker.process.pid).memory_info().rss) / 2**20


def lateness(worker: Worker) -> dict[str, int]:
    """Frames handled by upper bound of their lateness, cumulative."""
    text = requests.get(f"http://127.0.0.1:{worker.metrics_port}/metrics", timeout=10).text
    counts = {}
    for line in text.splitlines():
        if line.startswith("bot_frame_lateness_seconds_bucket"):
            bound = line.split('le="')[1].split('"')[0]
            counts[bound] = int(float(line.split()[-1]))
    return counts


def percentile_ms(before: dict[str, int], after: dict[str, int], share: float) -> float:
    """The upper bound of the bucket in which that share of the frames is reached."""
    total = after["+Inf"] - before["+Inf"]
    for bound, count in after.items():
        if count - before[bound] >= share * total:
            return float(bound) * 1000
    return float("inf")
