"""``make bench-scale``: a million calls in SQLite and in PostgreSQL, asked through the admin.

The calls are made (ten to twenty minutes in each database), gunicorn serves the admin with its own
configuration, and every view is asked for twenty times. A table on the screen and
``data/bench-scale-calls.json``. One database after the other: 13 GB of disk in SQLite.
"""

import argparse
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.calllog import CallLog
from bot.records import now
from tests.bench.machine import machine
from tests.bench.scale_calls.asking import Asked, ask
from tests.bench.scale_calls.download import Downloaded, download
from tests.bench.scale_calls.fill import fill
from tests.bench.scale_calls.views import Views
from tests.lab.admin import Admin
from tests.lab.ports import free_port
from tests.lab.postgres import PostgresServer, postgres_programs
from tests.lab.worker import REPO, lab_environment

REPORT = REPO / "data" / "bench-scale-calls.json"
KINDS = ("sqlite", "postgresql")


@dataclass(frozen=True)
class Measured:
    """One database."""

    database: str
    calls: int
    fill_s: float | None
    """``None`` when the calls were there already."""
    asked: list[Asked]
    downloaded: Downloaded
    load: str

    @property
    def met(self) -> bool:
        """Whether the issue's targets are."""
        return self.downloaded.met and all(one.met for one in self.asked)

    def as_json(self) -> dict[str, Any]:
        """For the report."""
        return {
            "database": self.database,
            "calls": self.calls,
            "fill_s": self.fill_s,
            "load": self.load,
            "views": [one.as_json() for one in self.asked],
            "csv": self.downloaded.as_json(),
            "met": self.met,
        }


def main(argv: Sequence[str] | None = None) -> int:
    """Measure; 1 when a target is missed."""
    options = _options(argv)
    if not options.calls:
        _say("no calls asked for (CALLS=0): skipped")
        return 0
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # leave nothing running
    measured = [
        _measure(address, options.calls, options.times)
        for kind in options.databases.split(",")
        for address in _addresses(kind)
    ]
    print(f"\n{machine()}\n")
    for one in measured:
        print(_table(one))
    REPORT.parent.mkdir(exist_ok=True)
    report = {
        "at": now().isoformat(timespec="seconds"),
        "machine": machine(),
        "databases": [one.as_json() for one in measured],
    }
    REPORT.write_text(json.dumps(report, ensure_ascii=False, indent=1), encoding="utf-8")
    return 0 if all(one.met for one in measured) else 1


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.scale_calls", description=__doc__)
    parser.add_argument("--calls", type=int, default=1_000_000, help="calls in each; 0: skip")
    parser.add_argument("--times", type=int, default=20, help="how often each view is asked for")
    parser.add_argument(
        "--databases",
        default=",".join(KINDS),
        help="sqlite, postgresql or addresses of databases, by commas; one that is filled stays so",
    )
    return parser.parse_args(argv)


def _addresses(kind: str) -> Iterator[str]:
    """The address of an empty database, while it is measured; or the one that was given."""
    if kind == "sqlite":
        with tempfile.TemporaryDirectory(prefix="bench-scale-calls-") as folder:
            yield f"sqlite:///{folder}/log.sqlite"
    elif kind == "postgresql":
        with _postgresql() as server:
            yield server.address
    else:
        yield kind


@contextmanager
def _postgresql() -> Iterator[PostgresServer]:
    programs = postgres_programs()
    if programs is None:
        raise SystemExit("no PostgreSQL server is installed: run make setup")
    server = PostgresServer(programs)
    try:
        server.start()
        yield server
    finally:
        server.remove()


def _measure(address: str, calls: int, times: int) -> Measured:
    database = address.partition(":")[0]
    fill_s = _fill(address, calls)
    load_before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="bench-admin-") as folder:
        environment = lab_environment(Path(folder), free_port()) | {"DATABASE_URL": address}
        with Admin(environment, free_port()) as admin:
            asked = []
            for one in ask(admin.url, Views(calls, times)):
                _say(f"{database}: {one.kind}: {one.name}: p95 {one.p95:.0f} ms")
                asked.append(one)
            _say(f"{database}: download all calls")
            downloaded = download(admin.url)
    load = f"load average before {load_before:.2f}, after {os.getloadavg()[0]:.2f}"
    return Measured(database, calls, fill_s, asked, downloaded, load)


def _fill(address: str, calls: int) -> float | None:
    log = CallLog(address, wait_s=600)
    newest = log.newest()
    log.close()
    if newest:
        return None
    _say(f"{address.partition(':')[0]}: make {calls:,} calls")
    return fill(address, calls)


def _table(measured: Measured) -> str:
    downloaded = measured.downloaded
    lines = [
        f"**{measured.database}**, {measured.calls:,} calls; {measured.load}; "
        + (f"made in {measured.fill_s:.0f} s" if measured.fill_s else "made before"),
        "",
        "| view | first, ms | p50 | p95 | target | processor, ms | met |",
        "|---|---:|---:|---:|---:|---:|---|",
        *map(_row, measured.asked),
        "",
        f"CSV of all: {downloaded.rows:,} rows, {downloaded.megabytes:,.0f} MB, "
        f"{downloaded.rows_a_second:,.0f} rows/s (≥ 20,000), first byte after "
        f"{downloaded.first_byte_s:.2f} s, processor {downloaded.cpu_s:.0f} s, memory "
        f"+{downloaded.memory_mb:.0f} MB (≤ 100) on {downloaded.memory_before_mb:.0f} MB: "
        + ("met" if downloaded.met else "**missed**"),
        "",
    ]
    return "\n".join(lines)


def _row(one: Asked) -> str:
    verdict = "yes" if one.met else "**no**"
    return (
        f"| {one.kind}: {one.name} | {one.first:.0f} | {one.p50:.0f} | {one.p95:.0f} "
        f"| ≤ {one.at_most:.0f} | {one.cpu:.0f} | {verdict} |"
    )


def _say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
