"""How long calls are kept: older ones are deleted for good, some at a time, day by day.

A call is kept for so many whole days after the day on which it began, counted in the operators'
zone, so all calls of one day go in the same night. There is no way back, unlike with
:mod:`bot.calllog.deletions`. What a call is found by, its turns and its share of the day counts go
with it (the triggers of sqlite.sql and postgresql.sql).
"""

import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, delete, func, select

from bot.calllog.database import CallLogError, Database
from bot.calllog.schema import DAYS, LOGS
from bot.settings import Settings

log = logging.getLogger(__name__)

_AT_ONCE: Final = 200
"""Calls deleted in one transaction: some 50 ms under the lock."""
_PAUSE_S: Final = 0.05
"""Between two transactions, so that whoever waits for the lock gets it."""
_LOOK_S: Final = 600.0
"""Between two looks at the clock when nothing is due: a machine may sleep, or its clock be set."""
_RETRY_S: Final = 30.0


@dataclass(frozen=True)
class Period:
    """So many whole days of a zone; at least one."""

    days: int
    zone: ZoneInfo

    def oldest_kept(self, now: datetime) -> datetime:
        """Calls that began before this moment (UTC) are to be deleted now."""
        return self._midnight(now.astimezone(self.zone).date() - timedelta(days=self.days))

    def due(self, began: datetime) -> datetime:
        """When a call that began then is to be deleted, UTC."""
        return self._midnight(began.astimezone(self.zone).date() + timedelta(days=self.days + 1))

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time.min, self.zone).astimezone(UTC)


def period_of(settings: Settings) -> Period | None:
    """The period that the settings ask for; ``None`` to keep calls for ever."""
    days = settings.retention_days_calls
    return Period(days, settings.zone) if days else None


def period_of_recordings(settings: Settings) -> Period | None:
    """The same of recordings, which never outlive their calls."""
    days = settings.retention_days_recordings
    return Period(days, settings.zone) if days else None


def delete_some_old(connection: Connection, oldest_kept: datetime) -> int:
    """Delete some of the calls that began earlier; how many.

    Those that another process is deleting at this moment are left to it.
    """
    some = select(LOGS.c.id).where(LOGS.c.startTime < oldest_kept).order_by(LOGS.c.startTime)
    found = connection.execute(some.limit(_AT_ONCE).with_for_update(skip_locked=True))
    numbers = list(found.scalars())
    if not numbers:
        _forget_days(connection, oldest_kept)
        return 0
    # SQLite locks no rows: another process may have deleted them since.
    return connection.execute(delete(LOGS).where(LOGS.c.id.in_(numbers))).rowcount


def oldest_call(connection: Connection) -> datetime | None:
    """When the oldest call began."""
    return connection.execute(select(func.min(LOGS.c.startTime))).scalar()


def _forget_days(connection: Connection, oldest_kept: datetime) -> None:
    """Days of which no call is left count nothing any more."""
    over = DAYS.c.day < oldest_kept.date(), DAYS.c.calls == 0
    connection.execute(delete(DAYS).where(*over))


class Retention:
    """A thread that deletes what has been kept for its whole period, each night and at the start.

    Any number of processes may have one.
    """

    def __init__(self, database: Database, period: Period, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._period = period
        self._clock = clock
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="log-retention", daemon=True)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """Leave off between two transactions, and wait for that."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()

    def next_due(self) -> datetime | None:
        """When the next call is to be deleted, which may be now; ``None`` when there are none."""
        with self._database.connection() as connection:
            began = oldest_call(connection)
        return self._period.due(began) if began else None

    def _run(self) -> None:
        wait_s = 0.0
        while not self._stopped.wait(wait_s):
            wait_s = self._try_all()

    def _try_all(self) -> float:
        """Delete what is due; seconds until the next look."""
        try:
            deleted = sum(self._some_by_some())
        except CallLogError as error:
            log.warning("event=retention_waits error=%s", error)
            return _RETRY_S
        if deleted:
            log.info("event=old_calls_deleted calls=%d days=%d", deleted, self._period.days)
        return _LOOK_S

    def _some_by_some(self) -> Iterator[int]:
        while not self._stopped.is_set():
            with self._database.connection() as connection:
                number = delete_some_old(connection, self._period.oldest_kept(self._clock()))
            if not number:
                return
            yield number
            self._stopped.wait(_PAUSE_S)
