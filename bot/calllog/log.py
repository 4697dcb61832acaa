"""How calls are written and read; what a database that is away costs: nothing.

The thread of a call writes it with short statements that give up soon. What could not be
written stays in memory and goes out with the next write, so a database that is locked or
away costs a call nothing.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from bot.calllog.engine import open_engine
from bot.calllog.filter import CallFilter, count_of, page_of, storable
from bot.calllog.row import LoggedCall, OpenCall, logged_call, seconds_between
from bot.calllog.schema import LOGS, create_schema
from bot.calllog.turns import add_turns
from bot.errors import AssistantError, SettingError
from bot.records import Line, now

_LARGEST_ID = 2**63 - 1
FinalStatus = Literal["Completed", "Failed", "NoInput", "Transferred", "Abandoned"]

log = logging.getLogger(__name__)


class CallLogError(AssistantError):
    """The call log could not be read or written just now."""

    status = 503


class CallLog:
    """The call log in one database, for any number of threads.

    ``database_address`` is an SQLAlchemy URL. The folder and the schema are created; an
    address that can never work raises :class:`SettingError`, a database that is only away is
    said in the log and tried again at each use. ``wait_s`` is how long one statement may wait
    for a lock. ``clock`` gives the present moment, aware.
    """

    def __init__(
        self, database_address: str, wait_s: float = 1.0, clock: Callable[[], datetime] = now
    ) -> None:
        self._engine = open_engine(database_address, wait_s)
        self._clock = clock
        self._lock = threading.Lock()
        self._schema_exists = False
        self._open: dict[int, OpenCall] = {}
        self._unwritten: list[OpenCall] = []
        self._unnumbered = 0
        self._try_schema()

    def start_call(self, caller_id: str, channel_id: str, worker: str) -> int:
        """Write a new call and return its number.

        Never fails: when the database does not answer, the number is negative, good for this
        process only, and the call gets into the database with a later write.
        """
        call = OpenCall(storable(caller_id), storable(channel_id), storable(worker), self._clock())
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
                self._write(waiting[0])
            except CallLogError:
                with self._lock:
                    self._unwritten += waiting
                return len(waiting)
            waiting.pop(0)
        return 0

    def close_orphans(self, worker: str) -> int:
        """Close as ``Failed`` what a killed worker of this name left open; how many there were.

        To be called at the start, before the first call. The end of such a call is the last
        time anything was written of it.
        """
        table = LOGS.c
        orphans = select(table.id, table.startTime, table.updatedAt).where(
            table.worker == storable(worker), table.status == "InProgress"
        )
        with self.connection() as connection:
            rows = connection.execute(orphans).all()
            for row in rows:
                ended = {"endTime": row.updatedAt, "status": "Failed"}
                ended["durationS"] = seconds_between(row.startTime, row.updatedAt)
                connection.execute(update(LOGS).where(table.id == row.id).values(ended))
        return len(rows)

    def calls(self, wanted: CallFilter) -> tuple[list[LoggedCall], int]:
        """One page of calls, and how many calls match on all pages together."""
        with self.connection() as connection:
            rows = connection.execute(page_of(wanted)).mappings().all()
            total = connection.execute(count_of(wanted)).scalar_one()
        return [logged_call(row) for row in rows], total

    def call(self, call_id: int) -> LoggedCall | None:
        """The call of that number, if there is one."""
        if not 0 < call_id <= _LARGEST_ID:
            return None
        with self.connection() as connection:
            found = connection.execute(select(LOGS).where(LOGS.c.id == call_id))
            row = found.mappings().one_or_none()
        return logged_call(row) if row else None

    def check(self) -> None:
        """Return when the database answers; raise :class:`CallLogError` when it does not."""
        with self.connection() as connection:
            connection.execute(select(LOGS.c.id).limit(1))

    def close(self) -> None:
        """Let go of the database's connections."""
        self._engine.dispose()

    def _number(self, call: OpenCall) -> int:
        """Keep a new call under its number."""
        with self._lock:
            if call.row_id is None:
                self._unnumbered -= 1
            number = self._unnumbered if call.row_id is None else call.row_id
            self._open[number] = call
        return number

    def _save(self, call: OpenCall) -> None:
        self._write(call)
        if self._unwritten:
            self.write_unwritten()

    def _write(self, call: OpenCall) -> None:
        row, turns = call.row(self._clock()), call.turns[call.turns_written :]
        number = call.row_id
        with self.connection() as connection:
            if number is None:
                number = connection.execute(insert(LOGS).returning(LOGS.c.id), row).scalar_one()
            else:
                connection.execute(update(LOGS).where(LOGS.c.id == number).values(row))
            add_turns(connection, number, turns)
        call.row_id, call.turns_written = number, call.turns_written + len(turns)

    def _try_schema(self) -> None:
        """Create the schema; an unreachable database is left for later, a wrong one is refused."""
        try:
            self._ensure_schema()
        except OperationalError as error:
            log.warning("call log unreachable error=%s", _reason(error))
        except SQLAlchemyError as error:
            raise SettingError(f"DATABASE_URL: {_reason(error)}") from error

    def _ensure_schema(self) -> None:
        if self._schema_exists:
            return
        with self._engine.begin() as connection:
            create_schema(connection)
        self._schema_exists = True

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """A transaction, committed at the end; every database error becomes ours."""
        try:
            self._ensure_schema()
            with self._engine.begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise CallLogError(f"the call log is not available: {_reason(error)}") from error


def _reason(error: SQLAlchemyError) -> str:
    """One line without the statement and its values: they hold what callers said."""
    cause = getattr(error, "orig", None) or error
    return (str(cause).strip().splitlines() or [type(cause).__name__])[0][:200]
