"""Which release each worker answers from, told to others by files beside the releases.

A worker writes its file when it takes a release up, and holds a lock as long as it lives: the
admin thus knows whether what was published is what callers get, and since when.
"""

import fcntl
import json
import logging
import os
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Self

from pydantic import TypeAdapter, ValidationError

from bot.records import now

log = logging.getLogger(__name__)

FOLDER = "workers"
_NOTE = ".json"
_LOCK = ".alive"


@dataclass(frozen=True)
class TakenUp:
    """What a worker answers from: the number of the release, and since when (UTC)."""

    worker: str
    release: int
    at: datetime


@dataclass(frozen=True)
class WorkerState:
    """What a worker told last, and whether it still runs."""

    taken_up: TakenUp
    is_running: bool


_TAKEN_UP = TypeAdapter(TakenUp)


class TakeUps:
    """Tells which release this process answers from, until it is closed or the process ends.

    For :class:`bot.releases.serving.ReleaseFolder`. What workers left that run no more is
    removed: the last of them stay until a worker starts.
    """

    def __init__(self, directory: Path, worker: str, clock: Callable[[], datetime] = now) -> None:
        """``worker`` is the name that operators see. Raises :class:`OSError`."""
        self._folder = directory / FOLDER
        self._folder.mkdir(parents=True, exist_ok=True)
        self._worker = worker
        self._clock = clock
        self._id = f"{os.getpid()}-{os.urandom(4).hex()}"
        for name in _left_behind(self._folder):
            _remove(self._folder, name)
        self._lock = _locked(self._folder / f"{self._id}{_LOCK}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._lock)

    def __call__(self, release: int) -> None:
        """This process answers from ``release`` from now on; failing to tell is only logged."""
        told = {**asdict(TakenUp(self._worker, release, self._clock()))}
        path = self._folder / f"{self._id}{_NOTE}"
        beside = path.with_name(f".{path.name}")
        try:
            beside.write_text(json.dumps(told, default=datetime.isoformat), "utf-8")
            beside.replace(path)
        except OSError as error:
            log.error("event=take_up_not_told release=%d error=%s", release, error)


def worker_states(directory: Path) -> list[WorkerState]:
    """What the workers of this folder answer from; those that run first, then by their names."""
    folder = directory / FOLDER
    found = [
        WorkerState(taken_up, _is_locked(folder / f"{path.stem}{_LOCK}"))
        for path in folder.glob(f"[!.]*{_NOTE}")
        if (taken_up := _read(path))
    ]
    return sorted(found, key=lambda state: (not state.is_running, state.taken_up.worker))


def _read(path: Path) -> TakenUp | None:
    try:
        return _TAKEN_UP.validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        log.warning("event=take_up_unreadable file=%s error=%r", path.name, error)
        return None


def _locked(path: Path) -> int:
    """Make a file that is locked from the moment it is seen; its descriptor holds the lock."""
    beside = path.with_name(f".{path.name}")
    descriptor = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o644)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    beside.replace(path)
    return descriptor


def _is_locked(path: Path) -> bool:
    try:
        with path.open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def _left_behind(folder: Path) -> Iterator[str]:
    names = {path.stem for path in folder.iterdir() if not path.name.startswith(".")}
    return (name for name in names if not _is_locked(folder / f"{name}{_LOCK}"))


def _remove(folder: Path, name: str) -> None:
    for suffix in (_NOTE, _LOCK):
        (folder / f"{name}{suffix}").unlink(missing_ok=True)
