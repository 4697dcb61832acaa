"""The call log of one process: calls as they are written, lists and calls as they are read.

Statements are short and give up soon. What could not be written stays in memory and goes out
with the next write. Calls on the telephone do not wait even that long: bot.calllog.writer.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, func, select

from bot.calllog import deletions, reading
from bot.calllog.columns import storable
from bot.calllog.database import CallLogError, Database
from bot.calllog.deletions import Deletion
from bot.calllog.export import ExportedCall, all_calls
from bot.calllog.filter import CallFilter
from bot.calllog.reading import Neighbours, Page
from bot.calllog.retention import Period, Retention
from bot.calllog.row import ListedCall, LoggedCall, OpenCall, seconds_between
from bot.calllog.saving import row_of, write_call
from bot.calllog.schema import LOGS
from bot.calllog.upkeep import Upkeep
from bot.calllog.words import warm_up
from bot.records import Line, now

FinalStatus = Literal["Completed", "Failed", "NoInput", "Transferred", "Abandoned"]

log = logging.getLogger(__name__)


class CallLog:
    """The call log in one database, for any number of threads.

    ``database_address`` is an SQLAlchemy URL. The folder and the schema are created; an
    address that can never work raises :class:`SettingError`, a database that is only away, or that
    is brought up for minutes, is said in the log. ``wait_s`` is how long one statement may wait
    for a lock. ``clock`` gives the present moment, aware. With a ``period``, calls are deleted
    when they have been kept for it.
    """

    def __init__(
        self,
        database_address: str,
        wait_s: float = 1.0,
        clock: Callable[[], datetime] = now,
        period: Period | None = None,
    ) -> None:
        self._database = Database(database_address, wait_s)
        self._upkeep = Upkeep(self._database, clock)
        self._retention = Retention(self._database, period, clock) if period else None
        self._clock = clock
        self._lock = threading.Lock()
        self._open: dict[int, OpenCall] = {}
        self._unwritten: list[OpenCall] = []
        self._unnumbered = 0
        warm_up()
        self._database.prepare(then=self._upkeep.wake)
        if self._retention:
            self._retention.start()

    def start_call(self, caller_id: str, channel_id: str, worker: str) -> int:
        """Write a new call and return its number.

        Never fails: when the database does not answer, the number is negative, good for this
        process only, and the call gets into the database with a later write.
        """
        call = OpenCall.begun(caller_id, channel_id, worker, self._clock())
        failure = None
        try:
            self._save(call)
        except CallLogError as error:
            failure = error
        number = self._number(call)
        if failure:
            log.warning("call not logged yet call_id=%d error=%s", number, failure)
        return number

    def append(self, call_id: int, line: Line) -> None:
        """Add a line to a call; only the call's own thread does this.

        Raises :class:`CallLogError` when it could not be written now. Nothing is lost by
        that: the line is written with the next append, or with the end.
        """
        with self._lock:
            call = self._open.get(call_id)
        if call is None:
            raise CallLogError(f"call {call_id} is not being written by this process")
        call.add(line)
        self._save(call)

    def end_call(self, call_id: int, status: FinalStatus) -> None:
        """Close a call; closing it twice changes nothing.

        Raises :class:`CallLogError` when it could not be written now; it is then written
        after the next successful write of any call, or by :meth:`write_unwritten`.
        """
        with self._lock:
            call = self._open.pop(call_id, None)
        if call is None:
            return
        call.status, call.end_time = status, self._clock()
        try:
            self._save(call)
        except CallLogError:
            with self._lock:
                self._unwritten.append(call)
            raise

    def write_unwritten(self) -> int:
        """Try again to write ended calls; how many are still not written (0 is good)."""
        with self._lock:
            waiting, self._unwritten = self._unwritten, []
        while waiting:
            try:
                self.save(waiting[0])
            except CallLogError:
                with self._lock:
                    self._unwritten += waiting
                return len(waiting)
            waiting.pop(0)
        return 0

    def close_orphans(self, *workers: str) -> int:
        """Close as ``Failed`` what killed workers of these names left open; how many there were.

        To be called at the start, before the first call. The end of such a call is the last
        time anything was written of it.
        """
        table = LOGS.c
        orphans = select(table.id, table.startTime, table.updatedAt).where(
            table.worker.in_([storable(worker) for worker in workers]),
            table.status == "InProgress",
        )
        with self.connection() as connection:
            rows = connection.execute(orphans).all()
            for row in rows:
                ended_at = max(row.startTime, row.updatedAt)  # the clock may have been set back
                ended = {"endTime": ended_at, "status": "Failed"}
                ended["durationS"] = seconds_between(row.startTime, ended_at)
                connection.execute(row_of(row.id).values(ended))
        return len(rows)

    def save(self, call: OpenCall) -> None:
        """Bring the row of a call up to date; raises :class:`CallLogError` when it cannot now."""
        with self.connection() as connection:
            saved = write_call(connection, call, self._clock())
        call.row_id, call.turns_written = saved.number, saved.turns_written
        call.written |= saved.columns

    def page(self, wanted: CallFilter) -> Page:
        """One page of the list, without dialogues, with the counts of every choice."""
        with self.connection() as connection:
            return reading.read_page(connection, wanted)

    def calls(self, wanted: CallFilter) -> tuple[list[LoggedCall], int]:
        """One page of calls with their dialogues, and how many match on all pages together."""
        with self.connection() as connection:
            return reading.read_calls(connection, wanted)

    def call(self, call_id: int) -> LoggedCall | None:
        """The call of that number, if there is one."""
        with self.connection() as connection:
            return reading.read_call(connection, call_id)

    def all_calls(self, wanted: CallFilter) -> Iterator[ExportedCall]:
        """Every call of a filter, on whatever page, one after the other."""
        return all_calls(self._database, wanted)

    def neighbours(self, wanted: CallFilter, call_id: int) -> Neighbours:
        """The calls before and after a call in the list of a filter (its page does not matter)."""
        with self.connection() as connection:
            return reading.read_neighbours(connection, wanted, call_id)

    def in_progress(self) -> list[ListedCall]:
        """The calls that are going on now, the oldest first."""
        with self.connection() as connection:
            return reading.read_in_progress(connection)

    def newer(self, wanted: CallFilter, than: int) -> int:
        """How many calls of a filter have come since the call of that number."""
        with self.connection() as connection:
            return reading.read_newer(connection, wanted, than)

    def delete_call(self, call_id: int) -> Deletion | None:
        """Delete a call, even one that goes on; ``None`` when there is none of that number.

        Nobody sees it any more from now on, and after ten seconds it is gone.
        """
        if not reading.is_number(call_id):
            return None
        with self.connection() as connection:
            deletion = deletions.delete_one(connection, call_id, self._clock())
        self._upkeep.wake()
        return deletion

    def delete_calls(self) -> Deletion:
        """Delete all calls that there are now, in the same way."""
        with self.connection() as connection:
            deletion = deletions.delete_all(connection, self._clock())
        self._upkeep.wake()
        return deletion

    def deletions(self) -> list[Deletion]:
        """What can still be taken back, the latest first."""
        with self.connection() as connection:
            return deletions.undoable(connection, self._clock())

    def newest(self) -> int:
        """The number of the newest call; 0 when there is none."""
        with self.connection() as connection:
            return connection.execute(select(func.max(LOGS.c.id))).scalar() or 0

    def undo(self, deletion: int) -> bool:
        """Take a deletion back; whether there was one whose ten seconds were not over."""
        if not reading.is_number(deletion):
            return False
        with self.connection() as connection:
            return deletions.take_back(connection, deletion, self._clock())

    def next_expiry(self) -> datetime | None:
        """When the next call has been kept for its period; ``None`` when that is never."""
        return self._retention.next_due() if self._retention else None

    def connection(self) -> AbstractContextManager[Connection]:
        """A transaction for whoever counts the tables in other ways.

        Committed at the end; database errors become :class:`CallLogError`. Calls that are being
        deleted must be left out: :func:`bot.calllog.deletions.read_deleted`.
        """
        return self._database.connection()

    def check(self) -> None:
        """Return when the database answers; raise :class:`CallLogError` when it does not."""
        with self.connection() as connection:
            connection.execute(select(LOGS.c.id).limit(1))

    def close(self) -> None:
        """Let go of the database's connections."""
        self._upkeep.stop()
        if self._retention:
            self._retention.stop()
        self._database.close()

    def _number(self, call: OpenCall) -> int:
        """Keep a new call under its number."""
        with self._lock:
            if call.row_id is None:
                self._unnumbered -= 1
            number = self._unnumbered if call.row_id is None else call.row_id
            self._open[number] = call
        return number

    def _save(self, call: OpenCall) -> None:
        self.save(call)
        if self._unwritten:
            self.write_unwritten()
