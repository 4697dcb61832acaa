"""Who may change what, across processes; a lock goes with the process that holds it.

Building takes seconds to hours and is done by one process at a time. Publishing takes
milliseconds and is done under a lock of its own, so that a changed setting need not wait for
an index that somebody is building.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.errors import BusyError

BUILD_LOCK = ".build.lock"
PUBLISH_LOCK = ".publish.lock"


@contextmanager
def building(directory: Path) -> Iterator[None]:
    """Change the bases alone; :class:`BusyError` while another process does."""
    busy = f"{directory}: базы сейчас меняет другой процесс (python -m bot.index?), повторите позже"
    with _locked(directory / BUILD_LOCK, wait=False, busy=busy):
        yield


@contextmanager
def publishing(directory: Path, *, wait: bool = True) -> Iterator[None]:
    """Publish alone; without ``wait`` :class:`BusyError` while another process does."""
    with _locked(directory / PUBLISH_LOCK, wait=wait, busy=f"{directory}: публикуется выпуск"):
        yield


@contextmanager
def _locked(path: Path, *, wait: bool, busy: str) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError as error:
            raise BusyError(busy) from error
        yield
