"""The database of the call log: opened once, prepared when it answers, used by any thread."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from bot.calllog.engine import open_engine
from bot.calllog.preparing import CallLogError as CallLogError  # what our users catch
from bot.calllog.preparing import Preparation, UpgradingError
from bot.errors import SettingError

log = logging.getLogger(__name__)

_PATIENCE_S: Final = 10.0
"""So long the first users wait for the tables: enough for all but large call logs."""


class Database:
    """Transactions on one database.

    ``address`` is an SQLAlchemy URL; one that can never work raises :class:`SettingError`.
    ``wait_s`` is how long one statement may wait for a lock.
    """

    def __init__(self, address: str, wait_s: float) -> None:
        self._engine = open_engine(address, wait_s)
        self._lock = threading.Lock()
        self._preparation: Preparation | None = None
        self._is_ready = False
        self._then: Callable[[], None] = _nothing

    def prepare(self, then: Callable[[], None]) -> None:
        """Make the tables, or bring them up; ``then`` is called when they are ready.

        That may be later: a database that is only away, or whose upgrade takes long, is said in
        the log and tried again at each use. One that can never work raises :class:`SettingError`.
        """
        self._then = then
        try:
            self._ensure_schema()
        except UpgradingError:
            log.warning("event=log_upgrade_goes_on")
        except OperationalError as error:
            log.warning("call log unreachable error=%s", _reason(error))
        except SQLAlchemyError as error:
            raise SettingError(f"DATABASE_URL: {_reason(error)}") from error

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """A transaction, committed at the end; every database error becomes ours."""
        try:
            self._ensure_schema()
            with self._engine.begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise CallLogError(f"the call log is not available: {_reason(error)}") from error

    def close(self) -> None:
        """Let go of the database's connections."""
        self._engine.dispose()

    def _ensure_schema(self) -> None:
        if self._is_ready:
            return
        with self._lock:
            if self._preparation is None:
                self._preparation = Preparation(self._engine, self._then, _PATIENCE_S)
            preparation = self._preparation
        try:
            preparation.wait()
        except (SQLAlchemyError, SettingError):
            self._forget(preparation)
            raise
        self._is_ready = True

    def _forget(self, failed: Preparation) -> None:
        """The next use shall try again."""
        with self._lock:
            if self._preparation is failed:
                self._preparation = None


def _nothing() -> None:
    """Nobody waits for the tables."""


def _reason(error: SQLAlchemyError) -> str:
    """One line without the statement and its values: they hold what callers said."""
    cause = getattr(error, "orig", None) or error
    return (str(cause).strip().splitlines() or [type(cause).__name__])[0][:200]
