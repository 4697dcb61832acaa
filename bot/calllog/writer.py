"""Writes the calls of a worker in a thread of its own: no caller ever waits for the database.

What could not be written stays in memory, in order, and is tried again until it can; what is
still unwritten when the worker stops goes to a file, from which the next worker takes it up.
"""

import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from bot.calllog.database import CallLogError
from bot.calllog.log import CallLog, FinalStatus
from bot.calllog.row import OpenCall
from bot.calllog.unwritten import UnwrittenFile
from bot.records import Line, now

log = logging.getLogger(__name__)

RETRY_S: Final = 0.5
NUMBER_WAIT_S: Final = 0.1
"""A new call waits so long for its number, unless it is known that there will be none."""
CLOSE_S: Final = 3.0
LAST_STATEMENT_S: Final = 2.0
STEP: Final = timedelta(seconds=1)
"""Wall and steady clock drift apart by less in any call: more, and the clock was set."""


@dataclass(frozen=True)
class _Change:
    """What has happened in a call: a line was said, or it ended, or (neither) it began."""

    call: OpenCall
    line: Line | None = None
    status: FinalStatus | None = None
    ended_at: datetime | None = None
    tried: threading.Event | None = None
    """Set after the first attempt to write it."""


@dataclass(frozen=True)
class _Writing:
    """A call that goes on; ``began_s`` is of the steady clock."""

    call: OpenCall
    began_s: float


class CallWriter:
    """The write side of the call log for calls on the telephone. Thread-safe.

    ``unwritten`` is where an earlier worker left what it could not write.

    Durations and the order of lines are those of ``steady`` seconds, so that a clock that is set
    in the middle of a call (``clock``, the wall's) changes neither.
    """

    def __init__(
        self,
        calllog: CallLog,
        unwritten: UnwrittenFile,
        clock: Callable[[], datetime] = now,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._calllog = calllog
        self._file = unwritten
        self._clock = clock
        self._steady = steady
        self._lock = threading.Lock()
        self._going: dict[int, _Writing] = {}
        self._unnumbered = 0
        self._changes: queue.SimpleQueue[_Change | None] = queue.SimpleQueue()
        self._dirty: dict[OpenCall, None] = dict.fromkeys(unwritten.read())
        """Calls whose rows are behind; the thread's own, like what follows."""
        self._answers = True
        """Whether the database was quick when it was last used."""
        self._away_since: float | None = None
        self._close_at: float | None = None
        self._next_try = 0.0
        self._thread = threading.Thread(target=self._run, name="log-writer", daemon=True)
        self._thread.start()

    def start_call(self, caller_id: str, channel_id: str, worker: str) -> int:
        """Put a new call on record and return its number.

        It is negative, and good for this process only, while the database does not answer.
        """
        writing = _Writing(
            OpenCall.begun(caller_id, channel_id, worker, self._clock()), self._steady()
        )
        call, tried = writing.call, threading.Event()
        self._changes.put(_Change(call, tried=tried))
        if self._answers:
            self._answers = tried.wait(NUMBER_WAIT_S)
        with self._lock:
            if (number := call.row_id) is None:
                self._unnumbered -= 1
                number = self._unnumbered
            self._going[number] = writing
        return number

    def append(self, call_id: int, line: Line) -> None:
        """Add a line to a call; only the call's own thread does this."""
        with self._lock:
            writing = self._going[call_id]
        self._changes.put(_Change(writing.call, line=self._on_time(line, writing)))

    def end_call(self, call_id: int, status: FinalStatus) -> None:
        """Close a call; closing it twice changes nothing."""
        with self._lock:
            writing = self._going.pop(call_id, None)
        if writing is not None:
            ended_at = self._present(writing)
            self._changes.put(_Change(writing.call, status=status, ended_at=ended_at))

    def close(self) -> None:
        """Write what can be written within a few seconds, and leave the rest in the file."""
        self._changes.put(None)
        self._thread.join(CLOSE_S + LAST_STATEMENT_S)
        while not self._changes.empty():  # the thread is held up by a database that hangs
            self._enter(self._changes.get())
        self._file.write(list(self._dirty))

    def _present(self, writing: _Writing) -> datetime:
        """Now, on the clock as it was set when the call began."""
        elapsed = timedelta(seconds=self._steady() - writing.began_s)
        return writing.call.start_time + elapsed

    def _on_time(self, line: Line, writing: _Writing) -> Line:
        """The line with the moment that the call's own clock gives it."""
        present = self._present(writing)
        step = self._clock() - present
        at = line.at - step if abs(step) > STEP else line.at
        return replace(line, at=min(max(at, writing.call.start_time), present))

    def _run(self) -> None:
        """The thread: until it is closed and everything is written, or its time is over."""
        while self._dirty or self._close_at is None:
            if self._close_at is not None and self._steady() >= self._close_at:
                return
            try:
                tried = self._take_changes()
                self._write()
            except Exception:  # the edge of the thread: one call must not take the others along
                log.exception("call log writer crashed")
                self._put_off(list(self._dirty)[:1])
                continue
            for event in tried:
                event.set()

    def _take_changes(self) -> list[threading.Event]:
        """Wait for changes, or for the next attempt, and enter them into their calls."""
        tried: list[threading.Event] = []
        try:
            change = self._changes.get(timeout=self._wait_s())
            while True:
                self._enter(change)
                if change is not None and change.tried is not None:
                    tried.append(change.tried)
                change = self._changes.get_nowait()
        except queue.Empty:
            return tried

    def _wait_s(self) -> float | None:
        if not self._dirty:
            return None
        next_try = self._next_try if self._close_at is None else min(self._next_try, self._close_at)
        return max(0.0, next_try - self._steady())

    def _enter(self, change: _Change | None) -> None:
        if change is None:
            self._close_at, self._next_try = self._steady() + CLOSE_S, 0.0
            return
        call = change.call
        if change.line is not None:
            call.add(change.line)
        if change.status is not None:
            call.status, call.end_time = change.status, change.ended_at
        self._dirty[call] = None

    def _write(self) -> None:
        if self._steady() < self._next_try:
            return
        for call in list(self._dirty):
            try:
                self._calllog.save(call)
            except CallLogError as error:
                self._put_off([call])
                self._say_away(error)
                return
            del self._dirty[call]
            self._written()

    def _put_off(self, failed: Sequence[OpenCall]) -> None:
        """The others come first at the next attempt: it may be this call alone that fails."""
        for call in failed:
            self._dirty[call] = self._dirty.pop(call)
        self._next_try = self._steady() + RETRY_S

    def _say_away(self, error: CallLogError) -> None:
        self._answers = False
        if self._away_since is None:
            self._away_since = self._steady()
            log.error("call log away error=%s lines=kept", error)

    def _written(self) -> None:
        self._answers = True
        if self._away_since is not None:
            away_s, self._away_since = self._steady() - self._away_since, None
            log.info("call log back seconds=%.1f", away_s)
        if not self._dirty:
            self._file.remove()
