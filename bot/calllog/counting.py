"""How many calls match, in all and for each status and source, at the price of one page.

Without words the days have been counted already (``log_days``), and only what the first and the
last day have outside the range is counted now. Calls with certain words are counted one by one,
so only up to a bound; beyond it a number is «at least».
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, func, select

from bot.calllog.deletions import Deleted
from bot.calllog.filter import SOURCES, CallFilter, Source
from bot.calllog.listing import Listing
from bot.calllog.schema import DAYS, LOGS
from bot.records import STATUSES, Status

BOUND: Final = 10_000
"""Calls with certain words are counted up to here."""

_LAST_MIDNIGHT: Final = datetime.combine(date.max, time.min, UTC)

Cells = Counter[tuple[str, str]]
"""Number of calls by (status, sources)."""


@dataclass(frozen=True)
class Counts:
    """How many calls match a filter.

    ``any_source`` is the number without regard to the source. ``by_status`` and ``by_source``
    count what each other choice would show, the rest of the filter being the same. Where
    ``is_exact`` (or ``facets_are_exact``) is false there are at least so many.
    """

    total: int
    any_source: int
    is_exact: bool = True
    by_status: dict[Status, int] = field(default_factory=dict)
    by_source: dict[Source, int] = field(default_factory=dict)
    facets_are_exact: bool = True


def count(connection: Connection, listing: Listing) -> Counts:
    """The counts for one page of a list."""
    wanted = listing.wanted
    everything = replace(listing, wanted=replace(wanted, status=None, source=None))
    if listing.search is None:
        return _counts(wanted, _counted(connection, everything), are_all=True)
    cells = _found(connection, everything)
    counts = _counts(wanted, cells, are_all=cells.total() <= BOUND)
    if counts.is_exact or not (wanted.status or wanted.source):
        return counts
    total = count_found(connection, listing, up_to=BOUND)
    return replace(counts, total=total, is_exact=total <= BOUND)


def count_exactly(connection: Connection, listing: Listing) -> int:
    """How many calls match, however long that takes."""
    if listing.search is None:
        return count(connection, listing).total
    return count_found(connection, listing, up_to=None)


def count_found(connection: Connection, listing: Listing, up_to: int | None) -> int:
    """How many calls a search finds, by counting them: no more than one more than ``up_to``."""
    found = _in_time(listing).countable().limit(up_to + 1 if up_to else None).subquery()
    return connection.execute(select(func.count()).select_from(found)).scalar_one()


def _counts(wanted: CallFilter, cells: Cells, *, are_all: bool) -> Counts:
    statuses = {name: _sum(cells, name, wanted.source) for name in STATUSES}
    sources = {name: _sum(cells, wanted.status, name) for name in SOURCES}
    total = _sum(cells, wanted.status, wanted.source)
    any_source = _sum(cells, wanted.status, None)
    return Counts(total, any_source, are_all, statuses, sources, are_all)


def _sum(cells: Cells, status: Status | None, source: Source | None) -> int:
    return sum(
        calls
        for (cell_status, sources), calls in cells.items()
        if status in (None, cell_status) and (source is None or source in (sources or "none"))
    )


def _in_time(listing: Listing) -> Listing:
    """The same calls in the order of time, which is the one to count along."""
    return replace(listing, wanted=replace(listing.wanted, sort="startTime"))


def _found(connection: Connection, listing: Listing) -> Cells:
    """Calls that a search finds, by (status, sources); some more than :data:`BOUND` at most."""
    found = _in_time(listing).unordered(LOGS.c.status, LOGS.c.sources)
    some = found.limit(BOUND + 1).subquery()
    cells = select(some.c.status, some.c.sources, func.count()).group_by(*some.c)
    return _as_cells(connection.execute(cells))


def _counted(connection: Connection, listing: Listing) -> Cells:
    """Calls of a range of time by (status, sources)."""
    wanted, deleted = listing.wanted, listing.deleted
    seen = replace(listing, deleted=Deleted())
    if deleted.up_to:  # all but the newest are being deleted
        return _group(connection, listing, [])
    cells = _whole_days(connection, wanted)
    for edge in _edges(wanted):
        cells += _group(connection, replace(seen, wanted=edge), [])
    if deleted.numbers:
        cells -= _group(connection, seen, [LOGS.c.id.in_(sorted(deleted.numbers))])
    return cells


def _whole_days(connection: Connection, wanted: CallFilter) -> Cells:
    days = select(DAYS.c.status, DAYS.c.sources, func.sum(DAYS.c.calls))
    if wanted.date_from:
        days = days.where(DAYS.c.day >= _next_midnight(wanted.date_from).date())
    if wanted.date_to:
        days = days.where(DAYS.c.day < wanted.date_to.astimezone(UTC).date())
    return _as_cells(connection.execute(days.group_by(DAYS.c.status, DAYS.c.sources)))


def _edges(wanted: CallFilter) -> Iterator[CallFilter]:
    """The parts of a range that are not whole days of UTC."""
    begin, end = wanted.date_from, wanted.date_to
    first = _next_midnight(begin) if begin else None
    last = _midnight(end) if end else None
    if first and last and first > last:  # the whole range is within a day
        yield wanted
        return
    if begin and first and begin < first:
        yield replace(wanted, date_to=first)
    if end and last and last < end:
        yield replace(wanted, date_from=last)


def _midnight(moment: datetime) -> datetime:
    """The beginning of its day of UTC."""
    return datetime.combine(moment.astimezone(UTC).date(), time.min, UTC)


def _next_midnight(moment: datetime) -> datetime:
    """The first midnight that is not before it."""
    begin = _midnight(moment)
    return begin if begin in (moment, _LAST_MIDNIGHT) else begin + timedelta(days=1)


def _group(connection: Connection, listing: Listing, also: list[ColumnElement[bool]]) -> Cells:
    cell = LOGS.c.status, LOGS.c.sources
    groups = _in_time(listing).unordered(*cell, func.count()).where(*also).group_by(*cell)
    return _as_cells(connection.execute(groups))


def _as_cells(rows: Iterable[Any]) -> Cells:
    return Counter({(status, sources): int(calls) for status, sources, calls in rows})
