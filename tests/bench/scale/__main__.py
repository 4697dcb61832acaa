"""``make bench-scale``: the index at 1,000, 100,000 and 1,000,000 passages.

Markdown with synthetic texts goes the whole way: cut into passages, built, written, loaded and
asked. Only the vectors do not come from a model, which would take hours for the largest size.
A table on the screen and ``data/bench-scale.json``.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from tempfile import TemporaryDirectory
from typing import Any

from bot.records import now
from tests.bench.machine import machine
from tests.bench.scale.building import Building
from tests.bench.scale.searching import Searching
from tests.lab.worker import REPO

REPORT = REPO / "data" / "bench-scale.json"
SIZES = (1_000, 100_000, 1_000_000)
P99_AT_MOST_MS = 10.0
RECALL_AT_LEAST = 0.95
_ROWS = (
    ("vectors are found by", "{0.searching.kind}"),
    ("build without embedding, s", "{0.building.build_s:.1f}"),
    ("… of the processor, s", "{0.building.build_cpu_s:.1f}"),
    ("write to disk, s", "{0.building.write_s:.1f}"),
    ("size on disk, MB", "{0.building.disk_mb:.0f}"),
    ("memory while building, MB", "{0.building.peak_mb:.0f}"),
    ("load, s", "{0.searching.load_s:.1f}"),
    ("… of it postings, s", "{0.searching.lexical_s:.1f}"),
    ("memory when loaded, MB", "{0.searching.memory_mb:.0f}"),
    ("… of it postings, MB", "{0.searching.lexical_mb:.0f}"),
    ("search p50, ms", "{0.searching.p50:.2f}"),
    ("search p99, ms (≤ 10)", "{0.searching.p99:.2f}"),
    ("… of the processor p99, ms", "{0.searching.cpu_p99:.2f}"),
    ("two searches at once p50, ms", "{0.searching.two_p50:.2f}"),
    ("two searches at once p99, ms (≤ 10)", "{0.searching.two_p99:.2f}"),
    ("recall of the 10 nearest (≥ 0.95)", "{0.searching.recall:.3f}"),
    ("asked passage among 3 hits", "{0.searching.answered:.3f}"),
)


@dataclass(frozen=True)
class Measured:
    """One size."""

    size: int
    building: Building
    searching: Searching

    @property
    def met(self) -> bool:
        """Whether the issue's targets are."""
        slowest = max(self.searching.p99, self.searching.two_p99)
        return slowest <= P99_AT_MOST_MS and self.searching.recall >= RECALL_AT_LEAST


def main(argv: Sequence[str] | None = None) -> int:
    """Measure; 1 when a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.scale", description=__doc__)
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)), help="passages, by commas")
    parser.add_argument("--queries", type=int, default=1000, help="questions asked of each size")
    options = parser.parse_args(argv)
    load_before = os.getloadavg()[0]
    measured = [_measure(int(size), options.queries) for size in options.sizes.split(",")]
    load = f"load average before {load_before:.2f}, after {os.getloadavg()[0]:.2f}"
    print(f"\n{machine()}; {load}\n\n{_table(measured)}")
    REPORT.parent.mkdir(exist_ok=True)
    report = {
        "at": now().isoformat(timespec="seconds"),
        "machine": machine(),
        "load": load,
        "sizes": [asdict(one) | {"met": one.met} for one in measured],
    }
    REPORT.write_text(json.dumps(report, ensure_ascii=False, indent=1), encoding="utf-8")
    return 0 if all(one.met for one in measured) else 1


def _measure(size: int, queries: int) -> Measured:
    with TemporaryDirectory(prefix="bench-scale-") as folder:
        _say(f"{size} passages: build")
        building = Building(**_child("building", folder, size))
        _say(f"{size} passages: load and ask")
        searching = Searching(**_child("searching", folder, size, queries))
    return Measured(size, building, searching)


def _child(module: str, folder: str, *numbers: int) -> dict[str, Any]:
    """Run a part in a process of its own, so that its memory is its own."""
    command = [sys.executable, "-m", f"tests.bench.scale.{module}", folder, *map(str, numbers)]
    done = subprocess.run(command, cwd=REPO, stdout=subprocess.PIPE, text=True, check=True)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def _table(measured: Sequence[Measured]) -> str:
    """One column for each size."""
    rows = [["", *(f"{one.size:,}" for one in measured)], ["---", *("---:" for _ in measured)]]
    rows += [[name, *(form.format(one) for one in measured)] for name, form in _ROWS]
    rows.append(["met", *("yes" if one.met else "**no**" for one in measured)])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
