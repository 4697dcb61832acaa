"""The database of the call log: opened once, prepared when it answers, used by any thread."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from bot.calllog.engine import open_engine
from bot.calllog.upgrade import ensure_schema
from bot.errors import AssistantError, SettingError

log = logging.getLogger(__name__)


class CallLogError(AssistantError):
    """The call log could not be read or written just now."""

    status = 503


class Database:
    """Transactions on one database.

    ``address`` is an SQLAlchemy URL. An address that can never work raises
    :class:`SettingError`, a database that is only away is said in the log and tried again at
    each use. ``wait_s`` is how long one statement may wait for a lock.
    """

    def __init__(self, address: str, wait_s: float) -> None:
        self._engine = open_engine(address, wait_s)
        self._is_ready = False
        self._try_schema()

    @property
    def is_ready(self) -> bool:
        """Whether the database has answered and its tables are there."""
        return self._is_ready

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

    def _try_schema(self) -> None:
        """Prepare the tables; an unreachable database is left for later, a wrong one refused."""
        try:
            self._ensure_schema()
        except OperationalError as error:
            log.warning("call log unreachable error=%s", _reason(error))
        except SQLAlchemyError as error:
            raise SettingError(f"DATABASE_URL: {_reason(error)}") from error

    def _ensure_schema(self) -> None:
        if self._is_ready:
            return
        with self._engine.begin() as connection:
            ensure_schema(connection)
        self._is_ready = True


def _reason(error: SQLAlchemyError) -> str:
    """One line without the statement and its values: they hold what callers said."""
    cause = getattr(error, "orig", None) or error
    return (str(cause).strip().splitlines() or [type(cause).__name__])[0][:200]
