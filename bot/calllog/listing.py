"""Calls in the order in which they are listed, as SQL that a million calls answer at once.

Numbers of calls come first, out of an index that holds all the filter asks; the calls themselves
are read for one page only. PostgreSQL knows how common words and values are and chooses its own
way. SQLite does not, and is told to go along the index of the order, along the words, or along
what is filtered by: ``+column`` is left out of its choice of an index
(https://sqlite.org/optoverview.html, section 2.1).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Dialect,
    Select,
    UnaryExpression,
    and_,
    func,
    or_,
    select,
)
from sqlalchemy.sql.operators import custom_op

from bot.calllog.deletions import Deleted, read_deleted
from bot.calllog.filter import CallFilter, SortKey, Source
from bot.calllog.schema import LOGS
from bot.calllog.search import FOUND, TIME_KEY, Search, marks_of, search_of
from bot.retrieval import BASES, Base

_ORDERS: Final[dict[SortKey, tuple[str, ...]]] = {
    "startTime": ("startTime", "id"),
    "endTime": ("endTime", "id"),
    "durationS": ("durationS", "id"),
    "status": ("status", "startTime", "id"),
    "callerId": ("callerId", "id"),
    "id": ("id",),
}
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LARGEST: Final = 2**63 - 1
_IN_A_MS: Final = 1_000_000
"""Time keys of one millisecond (sqlite.sql)."""


@dataclass(frozen=True)
class Listing:
    """The calls of a filter in one database, without the deleted ones.

    ``is_rare`` says that they are few enough to be found first and sorted then.
    """

    wanted: CallFilter
    dialect: Dialect
    deleted: Deleted
    search: Search | None
    is_rare: bool = False

    def ids(self, *, is_reversed: bool = False) -> Select[Any]:
        """The numbers of all these calls in order, or from the last to the first."""
        order = [
            _directed(column, self._is_down(is_reversed), nulls_first=is_reversed)
            for column in self._by()
        ]
        return self.unordered(LOGS.c.id).order_by(*order)

    def unordered(self, *columns: ColumnElement[Any]) -> Select[Any]:
        """Columns of all these calls, in any order."""
        found = select(*columns).where(*self.deleted.conditions(LOGS.c.id))
        if self.search is None:
            return found.where(*self._filters())
        found = found.where(*self.search.check(self.dialect))
        condition = self.search.condition(self.dialect, tuple(marks_of(self.wanted)))
        if self.goes_along_words:
            found = found.select_from(FOUND.join(LOGS, FOUND.c.rowid == TIME_KEY))
            return found.where(condition, *self._time_keys())
        if self.dialect.name == "sqlite":
            probe = select(FOUND.c.rowid).where(condition, FOUND.c.rowid == TIME_KEY)
            condition = probe.exists()
        return found.where(condition, *self._filters())

    def countable(self) -> Select[Any]:
        """A row for each of these calls, for as little as possible."""
        search = self.search if self.goes_along_words and not self.deleted else None
        if search is None or search.check(self.dialect):
            return self.unordered(LOGS.c.id)
        condition = search.condition(self.dialect, tuple(marks_of(self.wanted)))
        return select(FOUND.c.rowid).where(condition, *self._time_keys())

    def next_to(self, key: Sequence[Any], *, is_reversed: bool) -> list[Select[Any]]:
        """The number of the call that follows in order (or precedes): the first that has one.

        ``key`` are the call's own values of :attr:`key_columns`.
        """
        is_down = self._is_down(is_reversed)
        ids = self.ids(is_reversed=is_reversed).limit(1).where(*self._beside(key, is_down))
        steps = _beyond(self.key_columns, key, is_down=is_down, nulls_first=is_reversed)
        return [ids.where(step) for step in steps]

    def _beside(self, key: Sequence[Any], is_down: bool) -> list[ColumnElement[bool]]:
        """Where in the words to go on from, so that what lies on the other side is not read."""
        if not self.goes_along_words or self.wanted.sort != "startTime":
            return []
        first = _time_key(key[0])
        return [FOUND.c.rowid < first + _IN_A_MS if is_down else FOUND.c.rowid >= first]

    @property
    def key_columns(self) -> list[ColumnElement[Any]]:
        """What the order is made of; the call's number comes last."""
        return [LOGS.c[name] for name in _ORDERS[self.wanted.sort]]

    def _by(self) -> list[ColumnElement[Any]]:
        """The key as the database is to sort by it."""
        if self.goes_along_words and self.wanted.sort == "startTime":
            return [FOUND.c.rowid]
        if self.is_rare:
            return [self._aside(column) for column in self.key_columns]
        return self.key_columns

    def _is_down(self, is_reversed: bool) -> bool:
        return (self.wanted.order == "desc") != is_reversed

    @property
    def goes_along_words(self) -> bool:
        """Whether SQLite starts with the calls that have the words."""
        return (
            self.dialect.name == "sqlite"
            and self.search is not None
            and (self.is_rare or self.wanted.sort == "startTime")
        )

    def _filters(self) -> list[ColumnElement[bool]]:
        wanted, filters = self.wanted, []
        start, status = self._filtered("startTime"), self._filtered("status")
        if wanted.date_from:
            filters.append(start >= wanted.date_from)
        if wanted.date_to:
            filters.append(start < wanted.date_to)
        if wanted.status:
            filters.append(status == wanted.status)
        if wanted.source:
            filters.append(LOGS.c.sources.in_(_spellings(wanted.source)))
        return filters

    def _filtered(self, name: str) -> ColumnElement[Any]:
        """A column to filter by; aside where SQLite shall go another way."""
        goes_by_it = self.is_rare or self.wanted.sort in ("startTime", name)
        if self.dialect.name != "sqlite" or goes_by_it:
            return LOGS.c[name]
        return self._aside(LOGS.c[name])

    def _aside(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        """The column's value where no index of the column shall be used."""
        if self.dialect.name == "sqlite":
            return UnaryExpression(column, operator=custom_op("+"), type_=column.type)
        return func.coalesce(column, column)

    def _time_keys(self) -> list[ColumnElement[bool]]:
        """The dates as bounds of the words' rows (sqlite.sql)."""
        bounds = []
        if self.wanted.date_from:
            bounds.append(FOUND.c.rowid >= _time_key(self.wanted.date_from))
        if self.wanted.date_to:
            bounds.append(FOUND.c.rowid < _time_key(self.wanted.date_to))
        return bounds


def listing_of(connection: Connection, wanted: CallFilter) -> Listing:
    """The list of a filter, as things are now."""
    deleted, search = read_deleted(connection), search_of(connection, wanted)
    return Listing(wanted, connection.dialect, deleted, search)


def _time_key(moment: datetime) -> int:
    key = (moment - _EPOCH) // timedelta(milliseconds=1) * _IN_A_MS
    return max(-_LARGEST, min(key, _LARGEST))


def _directed(
    column: ColumnElement[Any], is_down: bool, *, nulls_first: bool
) -> UnaryExpression[Any]:
    directed = column.desc() if is_down else column.asc()
    # Saying where NULL goes makes SQLite sort all that was found, though a rowid never is NULL.
    if column is FOUND.c.rowid or not getattr(column, "nullable", True):
        return directed
    return directed.nulls_first() if nulls_first else directed.nulls_last()


def _beyond(
    columns: Sequence[ColumnElement[Any]], key: Sequence[Any], *, is_down: bool, nulls_first: bool
) -> list[ColumnElement[bool]]:
    """Conditions for the rows beyond ``key``, the nearest rows first."""
    first, value = columns[0], key[0]
    if value is None:
        among = and_(first.is_(None), _step(columns[-1], key[-1], is_down))
        return [among, first.is_not(None)] if nulls_first else [among]
    at = _same_or_step(columns, key, is_down)
    is_nullable = getattr(first, "nullable", False)
    return [at, first.is_(None)] if is_nullable and not nulls_first else [at]


def _same_or_step(
    columns: Sequence[ColumnElement[Any]], key: Sequence[Any], is_down: bool
) -> ColumnElement[bool]:
    """``(a, b) > (x, y)`` spelt out, with the bound on the first column for its index."""
    step = _step(columns[-1], key[-1], is_down)
    for column, value in reversed(list(zip(columns[:-1], key[:-1], strict=True))):
        step = or_(_step(column, value, is_down), and_(column == value, step))
    first = columns[0] <= key[0] if is_down else columns[0] >= key[0]
    return and_(first, step)


def _step(column: ColumnElement[Any], value: Any, is_down: bool) -> ColumnElement[bool]:
    step: ColumnElement[bool] = column < value if is_down else column > value
    return step


def _spellings(source: Source) -> list[str]:
    """Every value of the ``sources`` column that contains ``source``."""
    if source == "none":
        return [""]
    other: Base = BASES[1] if source == BASES[0] else BASES[0]
    return [source, joined_sources(frozenset((source, other)))]


def joined_sources(sources: frozenset[Base]) -> str:
    """The ``sources`` column: names in one fixed order, so that a set has one spelling."""
    return " ".join(base for base in BASES if base in sources)
