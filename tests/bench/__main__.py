"""``make bench``: a table on the screen and ``data/bench.json``.

Everything runs on this machine beside what is measured: Asterisk, the callers, the
services' stand-ins. The load average before and after is printed with the figures.
``--only 4,5,6`` measures some of the behaviours of conversation.md, by their numbers.
"""

import argparse
import json
import os
import re
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.records import now
from bot.softphone.phone import Phone
from tests.bench.figures import HEADER, Figure, NotMetError, failed
from tests.bench.load import CALLS
from tests.bench.machine import machine
from tests.bench.sections import SECTIONS, Section, Stage
from tests.lab.asterisk import Asterisk
from tests.lab.redis import RedisServer
from tests.lab.worker import REPO

LAST = 100
"""Where rows stand that belong to no behaviour."""
REPORT = REPO / "data" / "bench.json"


def main(argv: Sequence[str] | None = None) -> int:
    """Measure; 1 when a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--runs", type=int, default=1, help="runs of 24 turns each")
    parser.add_argument("--calls", type=int, default=CALLS, help="calls at once")
    rows = sorted({row for section in SECTIONS for row in section.rows}, key=_by_number)
    parser.add_argument("--only", help=f"some of {', '.join(rows)}, separated by commas")
    options = parser.parse_args(argv)
    wanted = set(options.only.split(",")) if options.only else set(rows)
    if unknown := wanted - set(rows):
        parser.error(f"there is no row {', '.join(sorted(unknown))}")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # leave nothing running
    load_before = os.getloadavg()[0]
    with TemporaryDirectory(prefix="bench-") as folder:
        figures = _measure(Path(folder), wanted, options.runs, options.calls)
    load = f"load average before {load_before:.2f}, after {os.getloadavg()[0]:.2f}"
    print(f"\n{machine()}; {load}\n\n{HEADER}")
    for one in figures:
        print(one.row())
    if not options.only:
        _keep(figures, load)
    return 1 if any(one.met is False for one in figures) else 0


def _by_number(row: str) -> tuple[bool, int, str]:
    return not row.isdigit(), int(row) if row.isdigit() else 0, row


def _keep(figures: list[Figure], load: str) -> None:
    REPORT.parent.mkdir(exist_ok=True)
    report = {
        "at": now().isoformat(timespec="seconds"),
        "machine": machine(),
        "load": load,
        "figures": [one.as_json() for one in figures],
    }
    REPORT.write_text(json.dumps(report, ensure_ascii=False, indent=1), encoding="utf-8")


def _measure(folder: Path, wanted: set[str], runs: int, calls: int) -> list[Figure]:
    """Every wanted section, in an order in which neighbours share a worker."""
    figures: list[Figure] = []
    with (
        RedisServer() as redis,
        Asterisk() as asterisk,
        Phone(asterisk.sip_server) as phone,
        Stage(redis, asterisk, phone, folder, runs, calls) as stage,
    ):
        for section in SECTIONS:
            if not wanted.isdisjoint(section.rows):
                figures += _section(section, stage)
    return _in_order(figures)


def _in_order(figures: list[Figure]) -> list[Figure]:
    """By the numbers of the behaviours; rows that begin with «…» stay below theirs."""
    groups: list[tuple[int, list[Figure]]] = []
    for one in figures:
        number = re.match(r"\d+(?= )", one.name)
        if one.name.startswith("…") and groups:
            groups[-1][1].append(one)
        elif number and " calls at once" not in one.name:
            groups.append((int(number.group()), [one]))
        else:
            groups.append((LAST, [one]))
    return [one for _, group in sorted(groups, key=lambda group: group[0]) for one in group]


def _section(section: Section, stage: Stage) -> list[Figure]:
    """One section's rows, also shown at once; a behaviour that is not there is a row as well."""
    print(f"{time.strftime('%H:%M:%S')} {', '.join(section.rows)}: {section.name}", flush=True)
    try:
        figures = section.measure(stage)
    except NotMetError as error:
        figures = [failed(f"{section.rows[0]} {section.name}", error)]
    for one in figures:
        print(f"         {one.row()}", flush=True)
    return figures


if __name__ == "__main__":
    sys.exit(main())
