"""Building the index from the two knowledge bases: ``python -m bot.index``.

A build is written beside the one in service and swapped in by one rename; whatever goes
wrong before that leaves the old one in service.
"""

import argparse
import fcntl
import hashlib
import os
import shutil
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from bot.embeddings import Embedder
from bot.embeddings.choose import choose_embedder
from bot.errors import AssistantError, KnowledgeError
from bot.records import now
from bot.retrieval import Base, Index
from bot.search.build import Progress, build_bases
from bot.search.indexfiles import (
    BUILDS,
    CURRENT,
    FORMAT,
    Manifest,
    load_index,
    read_manifest,
    write_build,
)
from bot.search.knowledge import check_base
from bot.settings import Settings, load_settings

_LOCK = ".build.lock"


@dataclass(frozen=True)
class IndexState:
    """Whether the index in service is that of the bases as they are now, and if not, why."""

    status: Literal["fresh", "stale", "missing", "corrupt"]
    why: str


def check_index(directory: Path, sources: Mapping[Base, Path], model_key: str) -> IndexState:
    """Compare the index in service with its bases and the model; reads all of its files."""
    if not os.path.lexists(directory / CURRENT):
        return IndexState("missing", "there is no index yet")
    try:
        manifest = read_manifest(directory)
        reasons = _differences(manifest, sources, model_key)
        if reasons:
            return IndexState("stale", "; ".join(reasons))
        load_index(directory, model_key)
    except KnowledgeError as error:
        return IndexState("corrupt", str(error))
    return IndexState("fresh", f"build {manifest.build_id}")


def _differences(manifest: Manifest, sources: Mapping[Base, Path], model_key: str) -> list[str]:
    reasons = []
    if manifest.format != FORMAT:
        reasons.append("it was built by another version of the program")
    if manifest.model_key != model_key:
        reasons.append(f"it was built with {manifest.model_key}, the settings say {model_key}")
    for kb, path in sources.items():
        if not path.exists():
            reasons.append(f"{path} is missing")
        elif manifest.sources.get(kb) != hashlib.sha256(path.read_bytes()).hexdigest():
            reasons.append(f"{path} has changed")
    return reasons


def build_index(
    directory: Path,
    sources: Mapping[Base, Path],
    embedder: Embedder,
    at: datetime,
    progress: Progress = lambda done: None,
) -> str:
    """Build an index of the bases and put it in service; returns the build's id.

    Keeps the build that was in service before and removes older ones. Raises
    :class:`KnowledgeError` for an unusable base or when another build is running, and what
    the embedder raises; the index in service is then as it was.
    """
    with _building(directory):
        texts, digests = _read(sources)
        bases, scale, background = build_bases(texts, embedder, progress)
        build_id = _build_id(at, [*digests.values(), embedder.model_key])
        manifest = Manifest(FORMAT, build_id, at.isoformat(), embedder.model_key, digests, {})
        folder = directory / BUILDS / build_id
        folder.mkdir(parents=True)
        previous = _in_service(directory)
        try:
            write_build(folder, manifest, Index(build_id, bases, scale, background))
            _swap(directory, build_id)
        finally:
            _sweep(directory, {_in_service(directory), previous})
        return build_id


def _read(sources: Mapping[Base, Path]) -> tuple[dict[Base, str], dict[str, str]]:
    """The text of each base, and the checksums of exactly the bytes it came from."""
    texts: dict[Base, str] = {}
    digests: dict[str, str] = {}
    for kb, path in sources.items():
        try:
            data = path.read_bytes()
            texts[kb] = check_base(data)
        except OSError as error:
            raise KnowledgeError(f"{path}: файл не читается: {error.strerror}") from error
        except KnowledgeError as error:
            raise KnowledgeError(f"{path}: {error}") from error
        digests[kb] = hashlib.sha256(data).hexdigest()
    return texts, digests


def _build_id(at: datetime, inputs: Sequence[str]) -> str:
    digest = hashlib.sha256("\n".join(inputs).encode()).hexdigest()
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%S%f}-{digest[:8]}"


@contextmanager
def _building(directory: Path) -> Iterator[None]:
    """Only one build at a time, also across processes; the lock goes with its process."""
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / _LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise KnowledgeError(f"{directory}: another build of the index is running") from error
        yield


def _in_service(directory: Path) -> str:
    try:
        return Path(os.readlink(directory / CURRENT)).name
    except OSError:
        return ""


def _swap(directory: Path, build_id: str) -> None:
    link = directory / f".{CURRENT}"
    link.unlink(missing_ok=True)
    link.symlink_to(Path(BUILDS) / build_id)
    link.replace(directory / CURRENT)


def _sweep(directory: Path, kept: set[str]) -> None:
    """Remove builds that nobody needs, also those that a crash left unfinished."""
    for folder in (directory / BUILDS).iterdir():
        if folder.name not in kept:
            shutil.rmtree(folder, ignore_errors=True)


def sources_of(settings: Settings) -> dict[Base, Path]:
    """The files of the two bases."""
    return {"general": settings.knowledge_base_path, "tech": settings.knowledge_base2_path}


def main(argv: Sequence[str] | None = None) -> int:
    """The command; 0 when the index is fresh in the end, 1 with one line that says why not."""
    parser = argparse.ArgumentParser(prog="python -m bot.index", description=__doc__)
    parser.add_argument("--check", action="store_true", help="only say whether it is stale")
    parser.add_argument("--force", action="store_true", help="build even if nothing has changed")
    options = parser.parse_args(argv)
    try:
        return _run(load_settings(), options.check, options.force)
    except (AssistantError, OSError) as error:
        print(f"index: {error}", file=sys.stderr)
        return 1


def _run(settings: Settings, only_check: bool, force: bool) -> int:
    embedder = choose_embedder(settings)
    directory, sources = settings.persist_directory, sources_of(settings)
    state = check_index(directory, sources, embedder.model_key)
    print(f"index: {state.status}: {state.why}")
    if only_check or (state.status == "fresh" and not force):
        return 0 if state.status == "fresh" else 1
    started = time.monotonic()
    build_id = build_index(directory, sources, embedder, now(), _show)
    print(f"index: built {build_id} in {time.monotonic() - started:.1f} s")
    return 0


def _show(done: int) -> None:
    if sys.stdout.isatty():
        print(f"\rembedding: {done} texts ", end="", flush=True)


if __name__ == "__main__":
    sys.exit(main())
