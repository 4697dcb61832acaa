"""Calls as they are read: a page of the list, one call, its neighbours, those in progress."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Select, func, select

from bot.calllog.asked import asked_words
from bot.calllog.counting import BOUND, Counts, count, count_exactly
from bot.calllog.deletions import read_deleted
from bot.calllog.excerpt import Excerpt, best_excerpt
from bot.calllog.filter import CallFilter
from bot.calllog.listing import Listing, listing_of
from bot.calllog.row import (
    LISTED_COLUMNS,
    LOGGED_COLUMNS,
    ListedCall,
    LoggedCall,
    listed_call,
    logged_call,
)
from bot.calllog.schema import LOGS

LARGEST_NUMBER: Final = 2**63 - 1
_LOGGED: Final = tuple(LOGS.c[name] for name in LOGGED_COLUMNS)
_LISTED: Final = tuple(LOGS.c[name] for name in LISTED_COLUMNS)
AnyCall = TypeVar("AnyCall", bound=ListedCall)
_FEW: Final = 5_000
"""So many calls are sorted sooner than an index of all is gone through."""


@dataclass(frozen=True)
class Page:
    """One page of the list: the calls, and how many there are on all pages.

    ``excerpts`` show why a search found a call, by its number.
    """

    calls: list[ListedCall]
    counts: Counts
    excerpts: dict[int, Excerpt] = field(default_factory=dict)


@dataclass(frozen=True)
class Neighbours:
    """The calls next to one in the order of a list; ``None`` at its ends.

    ``place`` is where the call itself stands, from 1: ``None`` when the filter leaves it out, or
    when counting would take too long. ``counts`` are those of the list.
    """

    previous: int | None
    next: int | None
    place: int | None = None
    counts: Counts = field(default_factory=lambda: Counts(0, 0))


def is_number(call_id: int) -> bool:
    """Whether a call can have that number."""
    return 0 < call_id <= LARGEST_NUMBER


def read_page(connection: Connection, wanted: CallFilter) -> Page:
    """A page without the dialogues themselves."""
    listing, counts = _counted(connection, wanted)
    numbers = _numbers(connection, listing, counts)
    rows = connection.execute(select(*_LISTED).where(LOGS.c.id.in_(numbers))).mappings()
    calls = _in_order(numbers, map(listed_call, rows))
    return Page(calls, counts, _excerpts(connection, wanted, numbers))


def read_calls(connection: Connection, wanted: CallFilter) -> tuple[list[LoggedCall], int]:
    """The calls of a page with their dialogues, and exactly how many match on all pages."""
    listing, counts = _counted(connection, wanted)
    numbers = _numbers(connection, listing, counts)
    rows = connection.execute(select(*_LOGGED).where(LOGS.c.id.in_(numbers))).mappings()
    calls = _in_order(numbers, map(logged_call, rows))
    return calls, counts.total if counts.is_exact else count_exactly(connection, listing)


def read_call(connection: Connection, call_id: int) -> LoggedCall | None:
    """The call of that number, if there is one."""
    if not is_number(call_id) or call_id in read_deleted(connection):
        return None
    found = connection.execute(select(*_LOGGED).where(LOGS.c.id == call_id))
    row = found.mappings().one_or_none()
    return logged_call(row) if row else None


def read_neighbours(
    connection: Connection, wanted: CallFilter, call_id: int, up_to: int = BOUND
) -> Neighbours:
    """What stands before and after a call in the list of a filter.

    The call itself need not match (any more). There are no neighbours of a call that is not there.
    No more than ``up_to`` calls from either end are counted for its place.
    """
    if not is_number(call_id):
        return Neighbours(None, None)
    listing, counts = _counted(connection, wanted)
    key = connection.execute(select(*listing.key_columns).where(LOGS.c.id == call_id)).first()
    if key is None:
        return Neighbours(None, None)
    return Neighbours(
        previous=_first(connection, listing, key, is_reversed=True),
        next=_first(connection, listing, key, is_reversed=False),
        place=_place(connection, listing, counts, key, up_to),
        counts=counts,
    )


def read_in_progress(connection: Connection) -> list[ListedCall]:
    """The calls that are going on now, the oldest first."""
    listing = listing_of(connection, CallFilter(status="InProgress", order="asc"))
    numbers = list(connection.execute(listing.ids()).scalars())
    rows = connection.execute(select(*_LISTED).where(LOGS.c.id.in_(numbers))).mappings()
    return _in_order(numbers, map(listed_call, rows))


def read_newer(connection: Connection, wanted: CallFilter, than: int) -> int:
    """How many calls of a filter have a higher number; cheap, as they are few."""
    listing = listing_of(connection, replace(wanted, sort="id"))
    newer = listing.unordered(LOGS.c.id).where(LOGS.c.id > than).limit(BOUND)
    return len(connection.execute(newer).all())


def _first(
    connection: Connection, listing: Listing, key: Sequence[Any], *, is_reversed: bool
) -> int | None:
    for step in listing.next_to(key, is_reversed=is_reversed):
        number: int | None = connection.execute(step).scalar()
        if number is not None:
            return number
    return None


def _place(
    connection: Connection, listing: Listing, counts: Counts, key: Sequence[Any], up_to: int
) -> int | None:
    """The place of a call, counted from the end that is nearer.

    Among very many calls with the same words it is not told: counting them would take too long.
    """
    if listing.search is not None and not listing.is_rare:
        return None
    itself = listing.unordered(LOGS.c.id).where(LOGS.c.id == key[-1])
    if connection.execute(itself).first() is None:
        return None
    before = _count(connection, listing.next_to(key, is_reversed=True), up_to)
    if before <= up_to:
        return before + 1
    after = _count(connection, listing.next_to(key, is_reversed=False), up_to)
    return counts.total - after if after <= up_to and counts.is_exact else None


def _count(connection: Connection, steps: Iterable[Select[Any]], up_to: int) -> int:
    """How many calls all steps find together; some more than ``up_to`` at most."""
    number = 0
    for step in steps:
        some = step.limit(up_to + 1).subquery()
        number += connection.execute(select(func.count()).select_from(some)).scalar_one()
    return number


def _counted(connection: Connection, wanted: CallFilter) -> tuple[Listing, Counts]:
    """The list of a filter and its counts, which tell how it is best read."""
    listing = listing_of(connection, wanted)
    counts = count(connection, listing)
    few = BOUND if listing.search else _FEW
    return replace(listing, is_rare=counts.is_exact and counts.any_source <= few), counts


def _numbers(connection: Connection, listing: Listing, counts: Counts) -> list[int]:
    """The numbers of the calls on a page.

    A page of the second half is counted from the end: skipping costs as much as reading.
    """
    begin, limit = listing.wanted.offset, listing.wanted.limit
    if not counts.is_exact or begin < counts.total / 2:
        page = listing.ids().offset(begin).limit(limit)
        return list(connection.execute(page).scalars())
    end = min(begin + limit, counts.total)
    page = listing.ids(is_reversed=True).offset(counts.total - end).limit(max(0, end - begin))
    return list(connection.execute(page).scalars())[::-1]


def _in_order(numbers: Sequence[int], calls: Iterable[AnyCall]) -> list[AnyCall]:
    """The calls as their numbers stand; one that has gone in between is left out."""
    known = {call.id: call for call in calls}
    return [known[number] for number in numbers if number in known]


def _excerpts(
    connection: Connection, wanted: CallFilter, numbers: Sequence[int]
) -> dict[int, Excerpt]:
    if not wanted.q.strip():
        return {}
    asked = asked_words(wanted.q)
    rows = connection.execute(
        select(LOGS.c.id, LOGS.c.transcript_json).where(LOGS.c.id.in_(numbers))
    )
    found = ((row.id, best_excerpt(row.transcript_json, asked)) for row in rows)
    return {number: excerpt for number, excerpt in found if excerpt}
