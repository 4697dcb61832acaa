"""All calls of a filter, one after the other, however many there are and however slow the reader.

Their numbers are read at once, eight bytes each; the calls some at a time, each time in a
transaction of its own, so that a download that takes an hour keeps nothing open.
"""

from array import array
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from sqlalchemy import select

from bot.calllog.database import Database
from bot.calllog.filter import CallFilter
from bot.calllog.listing import listing_of
from bot.calllog.row import LOGGED_COLUMNS, LoggedCall, logged_call
from bot.calllog.schema import LOGS

_LOGGED: Final = tuple(LOGS.c[name] for name in LOGGED_COLUMNS)
_AT_ONCE: Final = 500
_NUMBERS_AT_ONCE: Final = 10_000


def all_calls(database: Database, wanted: CallFilter) -> Iterator[LoggedCall]:
    """The calls that match now, in order; ``limit`` and ``offset`` do not count.

    One that is deleted meanwhile is left out.
    """
    return _read(database, _numbers(database, wanted))


def _read(database: Database, numbers: "array[int]") -> Iterator[LoggedCall]:
    for begin in range(0, len(numbers), _AT_ONCE):
        some = numbers[begin : begin + _AT_ONCE]
        with database.connection() as connection:
            rows = connection.execute(select(*_LOGGED).where(LOGS.c.id.in_(some))).mappings()
            found = {row["id"]: row for row in rows}
        yield from (logged_call(found[number]) for number in some if number in found)


def _numbers(database: Database, wanted: CallFilter) -> "array[int]":
    with database.connection() as connection:
        listing = listing_of(connection, wanted)
        # All are read anyway: those with the words first, and sorted then.
        listing = replace(listing, is_rare=listing.search is not None)
        streamed = connection.execution_options(yield_per=_NUMBERS_AT_ONCE)
        return array("q", streamed.execute(listing.ids()).scalars())
