"""What reports are added up from: calls and answers of each hour, times of each day's stages.

Kept by triggers (``hours_sqlite.sql``, ``hours_postgresql.sql``) whoever writes, so that a report
on a million calls reads some thousands of rows. Hours and days are those of UTC, as numbers since
1970: whatever the operators' zone, its days are made of whole hours.
"""

from typing import Final

from sqlalchemy import BigInteger, Column, Float, Integer, String, Table

from bot.calllog.columns import METADATA, column
from bot.records import STATUSES

CALL_HOURS: Final = Table(
    "log_hours",
    METADATA,
    Column("hour", Integer(), primary_key=True, autoincrement=False),  # of the start
    column("seconds", Float()),  # of talk, in all calls that have ended
    *(column(status, Integer()) for status in STATUSES),
)
"""How many calls of each status began in an hour."""

TURN_FIGURES: Final = (
    "turns", "questions", "general", "tech", "unanswered", "cached", "interrupted", "failed",
)  # fmt: skip
"""Answers; those to questions (not small talk); those out of each base, out of none, out of the
cache, interrupted; those for which a service failed."""

TURN_HOURS: Final = Table(
    "turn_hours",
    METADATA,
    Column("hour", Integer(), primary_key=True, autoincrement=False),  # in which it began
    *(column(name, Integer()) for name in TURN_FIGURES),
)
"""How many answers there were in an hour."""

STAGE_DAYS: Final = Table(
    "stage_days",
    METADATA,
    Column("stage", String(16), primary_key=True),
    Column("bucket", Integer(), primary_key=True, autoincrement=False),
    Column("day", Integer(), primary_key=True, autoincrement=False),
    column("times", BigInteger()),
    sqlite_with_rowid=False,  # kept in the order in which it is added up
)
"""How often a stage took how long; ``bucket`` is its least milliseconds (:func:`bucket_of`)."""

LONGEST_MS: Final = 60_000
STEPS: Final = ((100, 5), (500, 20), (2_000, 50), (10_000, 250), (LONGEST_MS, 2_000))
"""Up to so many milliseconds, buckets are so wide: a fifth of the time at the most."""


def bucket_of(ms: float) -> int:
    """The bucket of a time; the SQL files say the same. All above a minute is one."""
    for up_to, step in STEPS:
        if ms < up_to:
            return max(0, int(ms // step) * step)
    return LONGEST_MS


def bucket_end(bucket: int) -> int:
    """Where the next bucket begins; the last one has no width."""
    return bucket + next((step for up_to, step in STEPS if bucket < up_to), 0)
