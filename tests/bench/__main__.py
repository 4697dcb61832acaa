"""``make bench``: a table on the screen and ``data/bench.json``.

Everything runs on this machine beside what is measured: Asterisk, the callers, the
services' stand-ins. The load average before and after is printed with the figures.
"""

import argparse
import json
import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.records import now
from bot.softphone.phone import Phone
from tests.bench.figures import HEADER, Figure, figure
from tests.bench.load import CALLS, measure_load
from tests.bench.local import measure_local
from tests.bench.machine import machine
from tests.bench.services import Services
from tests.bench.turns import (
    Caller,
    measure_interruptions,
    measure_repeated,
    measure_turns,
    turn_figures,
)
from tests.lab.asterisk import Asterisk
from tests.lab.humanspeech import human_speech
from tests.lab.redis import RedisServer
from tests.lab.worker import REPO, Worker

REPORT = REPO / "data" / "bench.json"


def main(argv: Sequence[str] | None = None) -> int:
    """Measure; 1 when a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--runs", type=int, default=3, help="runs of 20 turns each")
    parser.add_argument("--calls", type=int, default=CALLS, help="calls at once")
    options = parser.parse_args(argv)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # leave nothing running
    load_before = os.getloadavg()[0]
    with TemporaryDirectory(prefix="bench-") as folder:
        figures = _measure(Path(folder), options.runs, options.calls)
    load = f"load average before {load_before:.2f}, after {os.getloadavg()[0]:.2f}"
    print(f"\n{machine()}; {load}\n\n{HEADER}")
    for one in figures:
        print(one.row())
    REPORT.parent.mkdir(exist_ok=True)
    report = {
        "at": now().isoformat(timespec="seconds"),
        "machine": machine(),
        "load": load,
        "figures": [one.as_json() for one in figures],
    }
    REPORT.write_text(json.dumps(report, ensure_ascii=False, indent=1), encoding="utf-8")
    return 1 if any(one.met is False for one in figures) else 0


def _measure(folder: Path, runs: int, calls: int) -> list[Figure]:
    words = human_speech("call-fwd-on-busy")
    (folder / "cloud").mkdir()
    (folder / "local").mkdir()
    with RedisServer() as redis, Asterisk() as asterisk, Phone(asterisk.sip_server) as phone:
        shared = asterisk.environment() | {"REDIS_URL": redis.url}
        with (
            Services() as services,
            Worker(shared | services.environment, folder / "cloud") as worker,
        ):
            caller = Caller(services, worker, phone, words)
            measure_turns(caller, 4)  # the first turns open connections
            turns = []
            for run in range(runs):
                _say(f"20 turns, run {run + 1} of {runs}")
                turns += measure_turns(caller, 20)
            figures = turn_figures(turns)
            _say("a repeated question")
            figures += measure_repeated(caller, 10)
            _say("20 interruptions")
            figures.append(measure_interruptions(caller, 20))
            figures.append(_setup_figure(worker))
            _say(f"{calls} calls at once")
            figures += measure_load(caller, calls)
        with Worker(shared, folder / "local") as worker:
            _say("the local stack")
            figures += measure_local(worker, phone)
    return figures


def _setup_figure(worker: Worker) -> Figure:
    waits = [float(line.rsplit("setup_ms=", 1)[1]) for line in worker.output if "setup_ms=" in line]
    return figure("call arrives → first sample of the greeting sent", "ms", waits, p95_at_most=150)


def _say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
