"""One size: build the index as ``bot.index`` does, and say what that took.

Run in a process of its own (``python -m tests.bench.scale.building FOLDER SIZE``), whose
memory is then that of a build; prints one line of JSON.
"""

import json
import resource
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from bot.records import now
from bot.retrieval import Base, Index
from bot.search.build import build_bases
from bot.search.indexfiles import FORMAT, Manifest, write_build
from tests.bench.scale.texts import markdown
from tests.bench.scale.vectors import SyntheticEmbedder

OTHER_BASE = 100
"""Sections of the other base, which every question is compared with as well."""


@dataclass(frozen=True)
class Building:
    """What a build took, without the embedding."""

    build_s: float
    build_cpu_s: float
    write_s: float
    disk_mb: float
    peak_mb: float
    """Resident memory at its highest."""


def build(folder: Path, size: int) -> Building:
    """Build bases of ``size`` and :data:`OTHER_BASE` sections into ``folder``."""
    embedder = SyntheticEmbedder()
    texts: dict[Base, str] = {"general": markdown(size), "tech": markdown(OTHER_BASE)}
    began, began_cpu = time.perf_counter(), time.process_time()
    parts = build_bases(texts, embedder, _show)
    built, built_cpu = time.perf_counter(), time.process_time()
    manifest = Manifest(FORMAT, folder.name, now().isoformat(), embedder.model_key, {}, {})
    write_build(folder, manifest, Index(folder.name, *parts))
    written = time.perf_counter()
    return Building(
        build_s=built - began - embedder.spent_s,
        build_cpu_s=built_cpu - began_cpu - embedder.spent_cpu_s,
        write_s=written - built,
        disk_mb=sum(file.stat().st_size for file in folder.iterdir()) / 2**20,
        peak_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10,
    )


def _show(done: int, of: int) -> None:
    if done % 100_000 < 32 or done == of:
        print(f"  {done} of {of} texts have vectors", file=sys.stderr, flush=True)


if __name__ == "__main__":
    print(json.dumps(asdict(build(Path(sys.argv[1]), int(sys.argv[2])))))
