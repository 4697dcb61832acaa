"""Work that outlasts a request: it runs in a thread, and everybody can see how far it is."""

import logging
import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import RLock, Thread
from typing import Protocol
from zoneinfo import ZoneInfo

from bot.errors import AssistantError, BusyError, ChangeError
from webadmin.jobrecords import Job, JobRecords, Pulse, new_process_name

log = logging.getLogger(__name__)

_INTERRUPTED = (
    "Программа была остановлена, работа не закончена. Проверьте, что получилось, и начните заново."
)
_ID_BYTES = 8


class Report(Protocol):
    """How a job tells its progress: steps made, steps in all, what it is doing."""

    def __call__(self, done: int, of: int, words: str = "", /) -> None:
        """Tell it; cheap, and safe to call as often as the work likes."""


Work = Callable[[Report], str]
"""Does the work and returns the message for operators; raises what is in its way."""


class Jobs:
    """The jobs of the admin. Thread-safe; several processes may share the folder.

    A job that has ended is kept until ``kept`` younger ones have. A job that was running when
    its process ended, in whatever way, is told as ``interrupted``: its work is not resumed, and
    nothing is claimed of how much was done.
    """

    def __init__(
        self, folder: Path, clock: Callable[[], datetime], zone: ZoneInfo, kept: int = 50
    ) -> None:
        self._clock = clock
        self._zone = zone
        self._kept = kept
        self._records = JobRecords(folder)
        self._process = new_process_name()
        self._pulse = Pulse(folder, self._process)
        self._own: dict[str, Job] = {}
        self._lock = RLock()

    def start(self, kind: str, author: str, work: Work, *, title: str) -> Job:
        """Start ``work`` in a thread; ``title`` names it for operators.

        Raises :class:`bot.errors.BusyError` while a job of this kind runs.
        """
        with self._lock:
            self._refuse_second(kind)
            job = Job(secrets.token_hex(_ID_BYTES), kind, title, author, self._process, self._now())
            self._keep(job)
            self._own[job.id] = job
            self._sweep()
        Thread(target=self._run, args=(job.id, work), name=f"job-{kind}", daemon=True).start()
        log.info("event=job_started job=%s kind=%s", job.id, kind)
        return job

    def get(self, job_id: str) -> Job | None:
        """The job with that id."""
        own = self._own.get(job_id)
        if own:
            return own
        found = self._records.read(job_id)
        return self._as_it_is(found) if found else None

    def recent(self) -> list[Job]:
        """The jobs that are known, the youngest first."""
        with self._lock:
            own = list(self._own.values())
        others = (job for job in self._records.read_all() if job.process != self._process)
        known = [*own, *map(self._as_it_is, others)]
        return sorted(known, key=lambda job: job.started_at, reverse=True)

    def latest(self, kind: str) -> Job | None:
        """The youngest job of a kind, for the page where such jobs are started."""
        return next((job for job in self.recent() if job.kind == kind), None)

    def _now(self) -> datetime:
        """The clock's time, but later than any job that this process has started."""
        last = max((job.started_at for job in self._own.values()), default=None)
        moment = self._clock()
        return moment if last is None or moment > last else last + timedelta(microseconds=1)

    def _refuse_second(self, kind: str) -> None:
        for job in self.recent():
            if job.kind == kind and not job.has_ended:
                since = job.started_at.astimezone(self._zone)
                raise BusyError(
                    f"«{job.title}» уже выполняется: начал {job.author} в {since:%H:%M:%S}. "
                    "Дождитесь конца и повторите."
                )

    def _keep(self, job: Job) -> None:
        try:
            self._records.write(job)
        except OSError as error:
            raise ChangeError(f"Работа не начата: диск не пишет ({error.strerror}).") from error

    def _sweep(self) -> None:
        ended = [job for job in self.recent() if job.has_ended]
        for job in ended[self._kept :]:
            self._records.forget(job)
            self._own.pop(job.id, None)

    def _as_it_is(self, job: Job) -> Job:
        """A job of another process; one that died has not told that its jobs ended."""
        if job.has_ended or self._pulse.is_alive(job.process):
            return job
        ended = self._records.read(job.id) or job  # it may have ended in between
        if ended.has_ended:
            return ended
        return replace(ended, state="interrupted", message=_INTERRUPTED)

    def _run(self, job_id: str, work: Work) -> None:
        self._change(job_id, state="running")

        def report(done: int, of: int, words: str = "", /) -> None:
            self._change(job_id, done=done, of=of, words=words or self._own[job_id].words)

        try:
            message = work(report)
        except AssistantError as error:
            log.warning("event=job_failed job=%s error=%s", job_id, error)
            self._end(job_id, state="failed", message=str(error))
        except Exception:  # a thread's edge: the operator must not wait for ever
            log.exception("event=job_crashed job=%s", job_id)
            told = f"Внутренняя ошибка. Её подробности в журнале программы под номером {job_id}."
            self._end(job_id, state="failed", message=told)
        else:
            log.info("event=job_done job=%s", job_id)
            self._end(job_id, state="done", message=message)

    def _end(self, job_id: str, **changes: object) -> None:
        self._change(job_id, ended_at=self._clock(), **changes)
        try:
            self._records.write(self._own[job_id])
        except OSError as error:  # this process still knows; after it nobody will
            log.error("event=job_not_kept job=%s error=%s", job_id, error)

    def _change(self, job_id: str, **changes: object) -> None:
        with self._lock:
            self._own[job_id] = replace(self._own[job_id], **changes)  # type: ignore[arg-type]
