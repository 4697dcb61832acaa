"""The call log's tables, as SQLite and PostgreSQL have them alike."""

from sqlalchemy import BigInteger, Column, Date, Float, Index, Integer, String, Table, Text

from bot.calllog.columns import METADATA, UtcTime, column

_NUMBER = BigInteger().with_variant(Integer, "sqlite")

LOGS = Table(
    "logs",
    METADATA,
    Column("id", _NUMBER, primary_key=True),
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
    column("lemmas", Text()),  # what the call is found by (bot.calllog.words), joined by blanks
    column("transcript_json", Text()),
    sqlite_autoincrement=True,  # the number of a deleted call is never given to another
)
IN_TIME = Index("logs_in_time", LOGS.c.startTime, LOGS.c.id, LOGS.c.status, LOGS.c.sources)
BY_STATUS = Index("logs_by_outcome", LOGS.c.status, LOGS.c.startTime, LOGS.c.id, LOGS.c.sources)
BY_DURATION = Index(
    "logs_by_duration",
    LOGS.c.durationS, LOGS.c.id, LOGS.c.status, LOGS.c.sources, LOGS.c.startTime,
)  # fmt: skip
BY_END = Index(
    "logs_by_end", LOGS.c.endTime, LOGS.c.id, LOGS.c.status, LOGS.c.sources, LOGS.c.startTime
)
BY_CALLER = Index(
    "logs_by_caller", LOGS.c.callerId, LOGS.c.id, LOGS.c.status, LOGS.c.sources, LOGS.c.startTime
)
"""One for each order in which calls are listed; each holds all that a filter without words asks,
so that the calls themselves are read for one page only."""

DAYS = Table(
    "log_days",
    METADATA,
    Column("day", Date(), primary_key=True),  # of the start, UTC
    Column("status", String(16), primary_key=True),
    Column("sources", String(32), primary_key=True),
    column("calls", Integer()),
)
"""How many calls there are of each day, status and set of sources: kept by triggers."""

DELETIONS = Table(
    "log_deletions",
    METADATA,
    Column("id", _NUMBER, primary_key=True),
    column("at", UtcTime()),  # since when nobody sees these calls
    column("callId", BigInteger(), nullable=True),  # this call …
    column("upToId", BigInteger(), nullable=True),  # … or all calls up to this one
    sqlite_autoincrement=True,
)
"""Deletions that can still be undone, or that are being carried out."""

RECORDINGS = Table(
    "recordings",
    METADATA,
    Column("callId", BigInteger(), primary_key=True, autoincrement=False, quote=False),
    column("file", Text()),  # in RECORDINGS_PATH, without its ending
    column("state", String(8)),  # bot.calllog.recordings.State
    column("trouble", String(16)),
    column("beganAt", UtcTime()),
    column("seconds", Float()),
    column("bytes", BigInteger()),
    column("peaks", Text()),  # the picture: two bytes for each part of it, in hexadecimal
)
"""The sound that is kept of calls (:mod:`bot.calllog.recordings`)."""
RECORDINGS_IN_TIME = Index("recordings_in_time", RECORDINGS.c.state, RECORDINGS.c.beganAt)

STATE = Table(
    "log_state",
    METADATA,
    Column("name", String(32), primary_key=True),
    column("value", BigInteger()),
)
"""``schema``: the version of the tables. ``unread``: calls up to this number were written by an
earlier version; what they are found by, and their turns, are still to be read from their text."""
