"""Reports on the calls of some days: added up from what triggers keep for each hour.

A hundred days or ten years are some thousands of rows. A day is one of the operators' zone; where
that is not whole hours from UTC, an hour belongs to the day in which it begins.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, FromClause, Select, func, select

from bot.calllog.deletions import Deleted, read_deleted
from bot.calllog.hours import CALL_HOURS, TURN_FIGURES, TURN_HOURS
from bot.calllog.localhours import (
    DAY_HOURS,
    Stretch,
    day_of,
    hour_number,
    midnight,
    stretches,
)
from bot.calllog.recount import calls_by_hour, turns_by_hour
from bot.calllog.schema import LOGS
from bot.calllog.stagetimes import StageFigure, read_stages
from bot.calllog.turns import TURNS
from bot.records import STATUSES, Status

_CALL_FIGURES: Final = ("seconds", *STATUSES)


@dataclass(frozen=True)
class Figures:
    """What happened in some time; ``seconds`` is the talk in all calls that have ended.

    ``turns`` are answers; the numbers below are parts of them. ``failed`` are answers for which a
    service failed and a stand-by was used.
    """

    by_status: Mapping[Status, int]
    seconds: float = 0.0
    turns: int = 0
    questions: int = 0
    """Answers to questions, not to small talk."""
    general: int = 0
    tech: int = 0
    unanswered: int = 0
    cached: int = 0
    interrupted: int = 0
    failed: int = 0

    @property
    def calls(self) -> int:
        """How many calls began."""
        return sum(self.by_status.values())

    @property
    def mean_s(self) -> float | None:
        """Mean duration of the calls that have ended; ``None`` without any."""
        ended = self.calls - self.by_status.get("InProgress", 0)
        return self.seconds / ended if ended > 0 else None


@dataclass(frozen=True)
class Report:
    """The calls of some days. A day without any is not among ``days``, which are in order."""

    total: Figures
    days: Mapping[date, Figures]
    by_hour: tuple[int, ...]
    """Calls that began in each hour of the day, from 0 to 23."""
    stages: tuple[StageFigure, ...]


def read_report(
    connection: Connection, zone: ZoneInfo, first: date | None = None, last: date | None = None
) -> Report:
    """The report on the days from ``first`` to ``last``, both included; open where ``None``."""
    begin, end = _bounds(zone, first, last)
    deleted = read_deleted(connection)
    sums = _sums(connection, zone, (begin, end), deleted)
    return Report(
        total=_figures(sums.total),
        days=sums.by_day(),
        by_hour=tuple(sums.hours[hour] for hour in range(DAY_HOURS)),
        stages=tuple(read_stages(connection, begin, end, deleted)),
    )


def read_days(connection: Connection, zone: ZoneInfo, first: date) -> Mapping[date, Figures]:
    """The figures of each day since ``first``, for whoever wants to know what has changed."""
    bounds = _bounds(zone, first, None)
    return _sums(connection, zone, bounds, read_deleted(connection)).by_day()


def _bounds(
    zone: ZoneInfo, first: date | None, last: date | None
) -> tuple[datetime | None, datetime | None]:
    return (
        midnight(zone, first) if first else None,
        midnight(zone, last + timedelta(days=1)) if last else None,
    )


def _sums(
    connection: Connection,
    zone: ZoneInfo,
    bounds: tuple[datetime | None, datetime | None],
    deleted: Deleted,
) -> "_Sums":
    parts, sums = _parts(connection, deleted), _Sums()
    for stretch in stretches(zone, *_hours(connection, *bounds)):
        for part in parts:
            part.add(connection, stretch, sums)
    return sums


@dataclass
class _Sums:
    """Figures by the number of the local day, calls by the local hour."""

    days: dict[int, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    hours: Counter[int] = field(default_factory=Counter)

    def by_day(self) -> dict[date, Figures]:
        return {day_of(number): _figures(self.days[number]) for number in sorted(self.days)}

    @property
    def total(self) -> Counter[str]:
        every: Counter[str] = Counter()
        for day in self.days.values():
            every.update(day)
        return every


@dataclass(frozen=True)
class _Part:
    """Figures by hour that are added, or taken away with a ``sign`` of -1."""

    calls: FromClause
    turns: FromClause
    sign: int = 1

    def add(self, connection: Connection, stretch: Stretch, sums: _Sums) -> None:
        for table, names in ((self.calls, _CALL_FIGURES), (self.turns, TURN_FIGURES)):
            for day, *numbers in connection.execute(_by_day(table, names, stretch)):
                signed = (self.sign * (number or 0) for number in numbers)
                sums.days[day].update(dict(zip(names, signed, strict=True)))
        for hour, calls in connection.execute(_by_hour_of_day(self.calls, stretch)):
            sums.hours[hour] += self.sign * int(calls)


def _parts(connection: Connection, deleted: Deleted) -> list[_Part]:
    """What is kept, without the calls that nobody shall see any more."""
    dialect, call, turn = connection.dialect.name, LOGS.c.id, TURNS.c.callId
    if deleted.up_to:  # all but the newest are being deleted
        calls = calls_by_hour(dialect, *deleted.conditions(call)).subquery()
        return [_Part(calls, turns_by_hour(dialect, *deleted.conditions(turn)).subquery())]
    kept = _Part(CALL_HOURS, TURN_HOURS)
    if not deleted.numbers:
        return [kept]
    numbers = sorted(deleted.numbers)
    calls = calls_by_hour(dialect, call.in_(numbers)).subquery()
    return [kept, _Part(calls, turns_by_hour(dialect, turn.in_(numbers)).subquery(), sign=-1)]


def _hours(connection: Connection, begin: datetime | None, end: datetime | None) -> tuple[int, int]:
    """The hours to look at: no more than there are calls or answers of."""
    known = [
        number
        for table in (CALL_HOURS, TURN_HOURS)
        for number in connection.execute(
            select(func.min(table.c.hour), func.max(table.c.hour))
        ).one()
        if number is not None
    ]
    if not known:
        return 0, 0
    first, after = min(known), max(known) + 1
    return (
        max(first, hour_number(begin)) if begin else first,
        min(after, hour_number(end)) if end else after,
    )


def _by_day(table: FromClause, names: tuple[str, ...], stretch: Stretch) -> Select[Any]:
    day = (_local(table, stretch) // DAY_HOURS).label("day")
    columns: list[ColumnElement[Any]] = [day, *(func.sum(table.c[name]) for name in names)]
    return _within(select(*columns), table, stretch).group_by(day)


def _by_hour_of_day(table: FromClause, stretch: Stretch) -> Select[Any]:
    hour = (_local(table, stretch) % DAY_HOURS).label("hour_of_day")
    calls = func.sum(sum((table.c[status] for status in STATUSES[1:]), table.c[STATUSES[0]]))
    columns: list[ColumnElement[Any]] = [hour, calls]
    return _within(select(*columns), table, stretch).group_by(hour)


def _local(table: FromClause, stretch: Stretch) -> ColumnElement[int]:
    local: ColumnElement[int] = table.c.hour + stretch.offset
    return local


def _within(query: Select[Any], table: FromClause, stretch: Stretch) -> Select[Any]:
    return query.where(table.c.hour >= stretch.begin, table.c.hour < stretch.end)


def _figures(sums: Mapping[str, float]) -> Figures:
    by_status = {status: int(sums.get(status, 0)) for status in STATUSES}
    turns = {name: int(sums.get(name, 0)) for name in TURN_FIGURES}
    return Figures(by_status, float(sums.get("seconds", 0)), **turns)
