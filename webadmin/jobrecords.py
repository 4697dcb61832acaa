"""Jobs as they are told and kept: one JSON file each, and who of the processes still lives."""

import fcntl
import json
import logging
import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Literal

from pydantic import TypeAdapter, ValidationError

from bot.durable import put_in_place, write_beside

log = logging.getLogger(__name__)

State = Literal["queued", "running", "done", "failed", "interrupted"]
_ENDED: tuple[State, ...] = ("done", "failed", "interrupted")


@dataclass(frozen=True)
class Job:
    """Long work that somebody started, as far as it has come.

    ``done`` of ``of`` steps are made, 0 of 0 while nobody can tell. ``words`` say what is being
    done, ``message`` how it ended. ``process`` is the process that runs it. Times are UTC.
    """

    id: str
    kind: str
    title: str
    author: str
    process: str
    started_at: datetime
    state: State = "queued"
    done: int = 0
    of: int = 0
    words: str = ""
    message: str = ""
    ended_at: datetime | None = None

    @property
    def has_ended(self) -> bool:
        """Nothing more will happen to it."""
        return self.state in _ENDED

    def as_json(self) -> dict[str, Any]:
        """The job for programs; ``started_at`` and ``ended_at`` in ISO 8601."""
        fields = asdict(self)
        del fields["process"]
        for name in ("started_at", "ended_at"):
            fields[name] = fields[name].isoformat() if fields[name] else None
        return fields


_JOB = TypeAdapter(Job)


class JobRecords:
    """The folder of job files. A file is written whole; one that is damaged counts as absent."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, job: Job) -> None:
        """Keep the job; raises :class:`OSError`."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._path(job.id)
        put_in_place(write_beside(path, _JOB.dump_json(job, indent=1)), path)

    def read(self, job_id: str) -> Job | None:
        """The job with that id, which may be any text."""
        path = self._path(job_id)
        return _read(path) if path in self._files() else None

    def read_all(self) -> list[Job]:
        """Every job that is kept, in no order."""
        return [job for job in map(_read, self._files()) if job]

    def forget(self, job: Job) -> None:
        """Keep the job no longer."""
        self._path(job.id).unlink(missing_ok=True)

    def _path(self, job_id: str) -> Path:
        return self._folder / f"{job_id}.json"

    def _files(self) -> list[Path]:
        return list(self._folder.glob("*.json"))


class Pulse:
    """Tells whether a process lives: a file that it keeps locked until it ends, however it does."""

    def __init__(self, folder: Path, process: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._own = self._locked(self._path(process))
        for left in folder.glob("*.alive"):
            self.is_alive(left.stem)

    def is_alive(self, process: str) -> bool:
        """Whether that process still runs; what a dead one left is removed."""
        path = self._path(process)
        try:
            with path.open() as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
                path.unlink(missing_ok=True)  # before the lock goes: see _locked
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        return False

    def _locked(self, path: Path) -> IO[str]:
        while True:
            file = path.open("w")
            fcntl.flock(file, fcntl.LOCK_EX)
            with suppress(FileNotFoundError):
                if os.path.samestat(path.stat(), os.fstat(file.fileno())):
                    return file
            file.close()  # another process took it for a dead one's before it was locked

    def _path(self, process: str) -> Path:
        return self._folder / f"{process}.alive"


def new_process_name() -> str:
    """A name that no other process has or had."""
    return f"{os.getpid()}-{os.urandom(4).hex()}"


def _read(path: Path) -> Job | None:
    try:
        return _JOB.validate_python(json.loads(path.read_bytes()))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, ValidationError) as error:
        log.warning("event=job_unreadable file=%s error=%r", path.name, error)
        return None
