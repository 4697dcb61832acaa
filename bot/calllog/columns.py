"""What the columns of the call log's tables have in common."""

from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Column, DateTime, Dialect, MetaData, String, quoted_name
from sqlalchemy.types import TypeDecorator, TypeEngine

METADATA: Final = MetaData()
"""The tables of the call log."""


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


def column(name: str, kind: TypeEngine[Any], *, nullable: bool = False) -> Column[Any]:
    """A column whose name is never quoted, so that ``SELECT callerId`` works on PostgreSQL too.

    PostgreSQL folds unquoted names to lower case; a quoted ``"callerId"`` could only be
    read by asking for it in quotes.
    """
    return Column(quoted_name(name, quote=False), kind, nullable=nullable)


def storable(words: str) -> str:
    """The text without what a database cannot hold: NUL (PostgreSQL) and lone surrogates."""
    return words.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")
