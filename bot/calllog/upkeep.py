"""What the call log does by itself: deletions whose time is over, calls of an earlier version."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Final

from bot.calllog.backfill import read_some
from bot.calllog.database import CallLogError, Database
from bot.calllog.deletions import carry_out_some, next_due

log = logging.getLogger(__name__)

_PAUSE_S: Final = 0.02
"""Between two pieces of work, so that whoever waits for the lock gets it."""
_RETRY_S: Final = 5.0


class Upkeep:
    """A thread that lives while there is something to do, and only then."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stopped = threading.Event()
        self._again = False

    def wake(self) -> None:
        """There may be something to do; returns at once."""
        with self._lock:
            self._again = self._thread is not None
            if self._thread is None and not self._stopped.is_set():
                self._thread = threading.Thread(target=self._run, name="log-upkeep", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """Leave off between two pieces of work, and wait for that."""
        self._stopped.set()
        with self._lock:
            thread = self._thread
        if thread is not None:
            thread.join()

    def _run(self) -> None:
        while not self._stopped.is_set():
            wait_s = self._try_step()
            if wait_s is not None:
                self._stopped.wait(wait_s)
            elif self._is_over():
                return

    def _is_over(self) -> bool:
        """End the thread, unless it was woken since it began to look."""
        with self._lock:
            if not self._again:
                self._thread = None
                return True
            self._again = False
            return False

    def _try_step(self) -> float | None:
        try:
            return self._step()
        except CallLogError as error:
            log.warning("event=log_upkeep_waits error=%s", error)
            return _RETRY_S

    def _step(self) -> float | None:
        """Do a piece of work; seconds until the next, ``None`` when there is none."""
        now = self._clock()
        with self._database.connection() as connection:
            if carry_out_some(connection, now):
                return _PAUSE_S
            due = next_due(connection)
        if read_some(self._database):
            return _PAUSE_S
        return max(0.0, (due - now).total_seconds()) if due else None
