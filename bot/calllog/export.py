"""All calls of a filter, one after the other, however many there are and however slow the reader.

Their numbers are read at once, eight bytes each; the calls some at a time, each time in a
transaction of its own, so that a download that takes an hour keeps nothing open.
"""

from array import array
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Connection,
    LargeBinary,
    any_,
    bindparam,
    cast,
    func,
    select,
)
from sqlalchemy.exc import DBAPIError

from bot.calllog.database import Database
from bot.calllog.filter import CallFilter
from bot.calllog.listing import listing_of
from bot.calllog.schema import LOGS

_AT_ONCE: Final = 500
_NUMBERS_AT_ONCE: Final = 10_000


class ExportedCall(NamedTuple):
    """One call as its row has it (:data:`bot.calllog.schema.LOGS`); a million are made soon."""

    id: int
    caller_id: str
    start_time: datetime
    end_time: datetime | None
    duration_s: float | None
    status: str
    sources: str
    first_question: str
    transcript_json: bytes
    """UTF-8."""


_COLUMNS: Final = (
    LOGS.c.id, LOGS.c.callerId, LOGS.c.startTime, LOGS.c.endTime, LOGS.c.durationS,
    LOGS.c.status, LOGS.c.sources, LOGS.c.firstQuestion,
)  # fmt: skip


def all_calls(database: Database, wanted: CallFilter) -> Iterator[ExportedCall]:
    """The calls that match now, in order; ``limit`` and ``offset`` do not count.

    One that is deleted meanwhile is left out.
    """
    return _read(database, _numbers(database, wanted))


def _read(database: Database, numbers: "array[int]") -> Iterator[ExportedCall]:
    """The calls of these numbers; the next are fetched while the reader has the last."""
    with ThreadPoolExecutor(1, thread_name_prefix="export") as reader:
        fetched = reader.submit(_fetch, database, numbers[:_AT_ONCE])
        for place in range(_AT_ONCE, len(numbers) + _AT_ONCE, _AT_ONCE):
            calls = fetched.result()
            fetched = reader.submit(_fetch, database, numbers[place : place + _AT_ONCE])
            yield from calls


def _fetch(database: Database, numbers: "array[int]") -> list[ExportedCall]:
    with database.connection() as connection:
        read = _in_binary if connection.dialect.name == "postgresql" else _as_kept
        found = {row[0]: row for row in read(connection, numbers)}
    there = (found[number] for number in numbers if number in found)
    return list(map(ExportedCall._make, there))


def _as_kept(connection: Connection, numbers: "array[int]") -> Iterable[Any]:
    wanted = select(*_COLUMNS, cast(LOGS.c.transcript_json, LargeBinary))
    return connection.execute(wanted.where(LOGS.c.id.in_(numbers)))


def _in_binary(connection: Connection, numbers: "array[int]") -> Iterable[Any]:
    """The same in PostgreSQL's binary form, in which SQLAlchemy has no way to ask for it.

    The dialogues as text, or as bytes written in text, take half as long again to read.
    """
    wanted = select(*_COLUMNS, func.convert_to(LOGS.c.transcript_json, "UTF8"))
    wanted = wanted.where(LOGS.c.id == any_(bindparam("numbers", type_=ARRAY(BigInteger))))
    statement = wanted.compile(connection)
    bound = statement.params | {"numbers": list(numbers)}
    dbapi = connection.dialect.loaded_dbapi
    cursor_of: Any = connection.connection.cursor
    try:
        with cursor_of(binary=True) as cursor:
            return list(cursor.execute(str(statement), bound))
    except dbapi.Error as error:
        raise DBAPIError(None, None, error) from error


def _numbers(database: Database, wanted: CallFilter) -> "array[int]":
    with database.connection() as connection:
        listing = listing_of(connection, wanted)
        # All are read anyway: those with the words first, and sorted then.
        listing = replace(listing, is_rare=listing.search is not None)
        streamed = connection.execution_options(yield_per=_NUMBERS_AT_ONCE)
        return array("q", streamed.execute(listing.ids()).scalars())
