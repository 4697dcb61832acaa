"""The time of a report cut into days, weeks or months: no more than a chart shows well."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Final, Literal

from bot.calllog.reporting import Figures
from bot.records import STATUSES
from webadmin.reports.period import Period

Step = Literal["day", "week", "month"]
_MOST_DAYS: Final = 62
_MOST_WEEKS: Final = 62 * 7
_ADDED: Final = tuple(one.name for one in fields(Figures) if one.name != "by_status")


@dataclass(frozen=True)
class Span:
    """Some days of a report, and what happened in them."""

    period: Period
    label: str
    figures: Figures


def spans(days: Mapping[date, Figures], period: Period) -> tuple[Step, list[Span]]:
    """All spans from the first to the last day, also those in which nobody called."""
    if not days:
        return "day", []
    first, last = period.first or min(days), period.last or max(days)
    step = _step((last - first).days + 1)
    return step, [
        Span(one, _label(one, step), _added(days, one)) for one in _cut(first, last, step)
    ]


def _step(days: int) -> Step:
    if days <= _MOST_DAYS:
        return "day"
    return "week" if days <= _MOST_WEEKS else "month"


def _cut(first: date, last: date, step: Step) -> Iterator[Period]:
    begin = first
    while begin <= last:
        end = min(_end(begin, step), last)
        yield Period(begin, end)
        begin = end + timedelta(days=1)


def _end(begin: date, step: Step) -> date:
    if step == "day":
        return begin
    if step == "week":
        return begin + timedelta(days=6 - begin.weekday())
    following = (begin.replace(day=28) + timedelta(days=4)).replace(day=1)
    return following - timedelta(days=1)


def _label(period: Period, step: Step) -> str:
    if step == "month":
        return f"{period.first:%m.%Y}"
    if step == "day":
        return f"{period.first:%d.%m}"
    return f"{period.first:%d.%m}–{period.last:%d.%m.%Y}"


def _added(days: Mapping[date, Figures], period: Period) -> Figures:
    inside = list(_within(days, period))
    by_status = {status: sum(one.by_status[status] for one in inside) for status in STATUSES}
    return Figures(
        by_status, **{name: sum(getattr(one, name) for one in inside) for name in _ADDED}
    )


def _within(days: Mapping[date, Figures], period: Period) -> Iterator[Figures]:
    day = period.first
    while day and period.last and day <= period.last:
        if day in days:
            yield days[day]
        day += timedelta(days=1)
