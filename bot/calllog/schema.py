"""The call log's tables."""

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Float,
    Index,
    Integer,
    String,
    Table,
    Text,
    text,
)
from sqlalchemy.schema import CreateIndex, CreateTable

from bot.calllog.columns import METADATA, UtcTime, column
from bot.calllog.turns import TURN_INDEXES, TURNS

_SCHEMA_LOCK = 7_301_994_411
"""Key of the PostgreSQL advisory lock held while the schema is created (any fixed number)."""


LOGS = Table(
    "logs",
    METADATA,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    column("callerId", Text()),
    column("channelId", Text()),
    column("worker", Text()),
    column("startTime", UtcTime()),
    column("endTime", UtcTime(), nullable=True),
    column("updatedAt", UtcTime()),
    column("durationS", Float(), nullable=True),
    column("status", String(16)),
    column("sources", String(32)),
    column("firstQuestion", Text()),
    column("transcript_json", Text()),
    column("searchText", Text()),
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
    for table in (LOGS, TURNS):
        connection.execute(CreateTable(table, if_not_exists=True))
    for index in (*INDEXES, *TURN_INDEXES):
        connection.execute(CreateIndex(index, if_not_exists=True))
