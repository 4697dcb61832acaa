"""The figures of :mod:`bot.calllog.hours`, counted from the calls and answers themselves.

For what the kept figures do not tell apart: the hours before midnight of a day of UTC, calls that
are being deleted, and a call log that was written before there were figures.
"""

from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Float,
    Integer,
    Select,
    and_,
    case,
    cast,
    func,
    literal_column,
    select,
    union_all,
)

from bot.calllog.hours import LONGEST_MS, STEPS
from bot.calllog.schema import LOGS
from bot.calllog.turns import STAGE_COLUMNS, TURNS
from bot.records import STATUSES

Condition = ColumnElement[bool]
_HOUR_S: Final = 3600


def calls_by_hour(dialect: str, *conditions: Condition) -> Select[Any]:
    """The columns of ``log_hours`` for some calls."""
    hour = hour_of(LOGS.c.startTime, dialect).label("hour")
    counts = (_number(LOGS.c.status == status).label(status) for status in STATUSES)
    seconds = func.coalesce(func.sum(LOGS.c.durationS), 0.0, type_=Float).label("seconds")
    return select(hour, seconds, *counts).where(*conditions).group_by(hour)


def turns_by_hour(dialect: str, *conditions: Condition) -> Select[Any]:
    """The columns of ``turn_hours`` for some answers."""
    hour = hour_of(TURNS.c.at, dialect).label("hour")
    figures = {
        "turns": TURNS.c.line >= 0,
        "questions": and_(TURNS.c.control == "", TURNS.c.question != ""),
        "general": TURNS.c.source == "general",
        "tech": TURNS.c.source == "tech",
        "unanswered": TURNS.c.unanswered.is_(True),
        "cached": TURNS.c.cached.is_(True),
        "interrupted": TURNS.c.interrupted.is_(True),
        "failed": TURNS.c.fallbacks != "[]",
    }
    counts = (_number(condition).label(name) for name, condition in figures.items())
    columns: list[ColumnElement[Any]] = [hour, *counts]
    return select(*columns).where(*conditions).group_by(hour)


def stage_times(dialect: str, *conditions: Condition) -> Select[Any]:
    """The columns of ``stage_days`` for some answers."""
    hour = hour_of(TURNS.c.at, dialect).label("hour")
    columns: list[ColumnElement[Any]] = [hour, *(TURNS.c[name] for name in STAGE_COLUMNS.values())]
    turns = select(*columns).where(*conditions).cte("some")  # read once, not once a stage
    times = union_all(
        *(
            select(
                turns.c.hour,
                literal_column(f"'{stage}'").label("stage"),
                _bucket(turns.c[name], dialect).label("bucket"),
            ).where(turns.c[name].is_not(None))
            for stage, name in STAGE_COLUMNS.items()
        )
    ).subquery()
    key = (times.c.hour // 24).label("day"), times.c.stage, times.c.bucket
    return select(*key, func.count().label("times")).group_by(*key)


def hour_of(moment: ColumnElement[Any], dialect: str) -> ColumnElement[int]:
    """The hour of UTC since 1970 in which a moment is."""
    if dialect == "postgresql":
        hour: ColumnElement[int] = func.hour_of(moment, type_=Integer)
        return hour
    return cast(func.strftime("%s", moment), Integer) // _HOUR_S


def _number(condition: Condition) -> ColumnElement[int]:
    """How many rows meet a condition."""
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0, type_=Integer)


def _bucket(ms: ColumnElement[float], dialect: str) -> ColumnElement[int]:
    """:func:`bot.calllog.hours.bucket_of` as SQL."""
    if dialect == "postgresql":
        bucket: ColumnElement[int] = func.stage_bucket(ms, type_=Integer)
        return bucket
    whens = [(ms < up_to, cast(ms.op("/")(float(step)), Integer) * step) for up_to, step in STEPS]
    return case((ms < 0, 0), *whens, else_=LONGEST_MS)
