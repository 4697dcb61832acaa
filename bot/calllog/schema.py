"""The call log's tables."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    DateTime,
    Dialect,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    quoted_name,
    text,
)
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlalchemy.types import TypeDecorator, TypeEngine

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


def create_schema(connection: Connection) -> None:
    """Create what is missing; safe when the worker and the admin do it at the same moment."""
    if connection.dialect.name == "postgresql":
        lock = text("SELECT pg_advisory_xact_lock(:key)")
        connection.execute(lock, {"key": _SCHEMA_LOCK})
    connection.execute(CreateTable(LOGS, if_not_exists=True))
    for index in INDEXES:
        connection.execute(CreateIndex(index, if_not_exists=True))
