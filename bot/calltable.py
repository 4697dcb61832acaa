"""The call log's table and the database behind it: a SQLite file or a PostgreSQL server."""

import os
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    BigInteger,
    Column,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    event,
    make_url,
    quoted_name,
    text,
)
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlalchemy.types import TypeDecorator, TypeEngine

from bot.errors import SettingError

_SCHEMA_LOCK = 7_301_994_411
"""Key of the PostgreSQL advisory lock held while the schema is created (any fixed number)."""


class UtcTime(TypeDecorator[datetime]):
    """A moment: aware in Python, UTC in the database, to the millisecond.

    PostgreSQL keeps ``timestamptz``; SQLite keeps ``2025-08-01 09:30:00.000+00:00``, which
    sorts as text, is understood by SQLite's own date functions and names its zone to
    whoever reads the file.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Text on SQLite, the type itself elsewhere."""
        kind = String(32) if dialect.name == "sqlite" else DateTime(timezone=True)
        return dialect.type_descriptor(kind)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """A Python moment as the database takes it."""
        if value is None:
            return None
        moment = value.astimezone(UTC)
        moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
        if dialect.name == "sqlite":
            return moment.isoformat(sep=" ", timespec="milliseconds")
        return moment

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """A stored moment as Python takes it."""
        if value is None:
            return None
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _column(name: str, kind: TypeEngine[Any], *, nullable: bool = False) -> Column[Any]:
    """A column whose name is never quoted, so that ``SELECT callerId`` works on PostgreSQL too.

    PostgreSQL folds unquoted names to lower case; a quoted ``"callerId"`` could only be
    read by asking for it in quotes.
    """
    return Column(quoted_name(name, quote=False), kind, nullable=nullable)


LOGS = Table(
    "logs",
    MetaData(),
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    _column("callerId", Text()),
    _column("channelId", Text()),
    _column("worker", Text()),
    _column("startTime", UtcTime()),
    _column("endTime", UtcTime(), nullable=True),
    _column("updatedAt", UtcTime()),
    _column("durationS", Float(), nullable=True),
    _column("status", String(16)),
    _column("sources", String(32)),
    _column("firstQuestion", Text()),
    _column("transcript_json", Text()),
    _column("searchText", Text()),
    sqlite_autoincrement=True,  # the number of a deleted call is never given to another
)
INDEXES = (
    Index("logs_by_start", LOGS.c.startTime),
    Index("logs_by_status", LOGS.c.status, LOGS.c.startTime),
    Index("logs_by_worker", LOGS.c.worker, LOGS.c.status),
)


def open_engine(address: str, wait_s: float) -> Engine:
    """An engine for ``address`` whose statements give up after about ``wait_s`` seconds.

    Creates the folder of a SQLite file. Raises :class:`SettingError` when the address can
    never work; says nothing of a server that is only unreachable now.
    """
    url = _checked_url(address)
    if url.get_backend_name() == "sqlite":
        return _sqlite_engine(url, wait_s)
    return _postgresql_engine(url, wait_s)


def create_schema(connection: Connection) -> None:
    """Create what is missing; safe when the worker and the admin do it at the same moment."""
    if connection.dialect.name == "postgresql":
        lock = text("SELECT pg_advisory_xact_lock(:key)")
        connection.execute(lock, {"key": _SCHEMA_LOCK})
    connection.execute(CreateTable(LOGS, if_not_exists=True))
    for index in INDEXES:
        connection.execute(CreateIndex(index, if_not_exists=True))


def _checked_url(address: str) -> URL:
    try:
        url = make_url(address)
    except ArgumentError:
        # The message is not passed on: it repeats the address with its password.
        raise SettingError("DATABASE_URL: not a database address") from None
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        raise SettingError("DATABASE_URL: must start with sqlite:/// or postgresql+psycopg://")
    return url


def _sqlite_engine(url: URL, wait_s: float) -> Engine:
    if not url.database or url.database == ":memory:":
        raise SettingError("DATABASE_URL: SQLite needs a file, as in sqlite:///data/log.sqlite")
    _prepare_folder(Path(url.database))
    engine = create_engine(url, pool_timeout=wait_s, connect_args={"timeout": wait_s})

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")

    return engine


def _prepare_folder(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingError(f"DB_PATH: {path.parent}: {error.strerror}") from error
    if path.is_dir():
        raise SettingError(f"DB_PATH: {path} is a folder")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise SettingError(f"DB_PATH: {path} cannot be written")


def _postgresql_engine(url: URL, wait_s: float) -> Engine:
    limit_ms = round(wait_s * 1000)
    options = f"-c statement_timeout={limit_ms} -c lock_timeout={limit_ms}"
    connect_args = {"connect_timeout": max(2, round(wait_s)), "options": options}
    try:
        return create_engine(
            url,
            pool_timeout=wait_s,
            pool_pre_ping=True,  # a restarted server costs nobody a turn
            connect_args=connect_args,
        )
    except (ImportError, NoSuchModuleError) as error:
        raise SettingError(f"DATABASE_URL: {url.drivername} is not installed") from error
