"""Which calls are asked for, in which order, as a value and as SQL."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from sqlalchemy import ColumnElement, Select, UnaryExpression, func, select

from bot.calllog.schema import LOGS
from bot.records import Status
from bot.retrieval import BASES, Base

Source = Literal["general", "tech", "none"]
SortKey = Literal["startTime", "endTime", "durationS", "status", "callerId", "id"]
SORT_KEYS: tuple[SortKey, ...] = get_args(SortKey)
SOURCES: tuple[Source, ...] = get_args(Source)
Order = Literal["asc", "desc"]


@dataclass(frozen=True)
class CallFilter:
    """A question to the call log; the default is the newest hundred calls.

    ``date_from`` is included, ``date_to`` is not; both are aware and compared with the start
    of the call. ``q`` is words that must all occur in what was said, in any case, е or ё;
    ``caller`` is a part of the caller's number. ``source`` ``none`` means calls in which no
    base was used.
    """

    q: str = ""
    date_from: datetime | None = None
    date_to: datetime | None = None
    status: Status | None = None
    source: Source | None = None
    caller: str = ""
    sort: SortKey = "startTime"
    order: Order = "desc"
    limit: int = 100
    offset: int = 0


def storable(words: str) -> str:
    """The text without what a database cannot hold: NUL (PostgreSQL) and lone surrogates."""
    return words.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def searchable(words: str) -> str:
    """The form in which texts and questions to them are compared: lower case, ё as е."""
    return re.sub(r"\s+", " ", storable(words).casefold().replace("ё", "е")).strip()


def joined_sources(sources: frozenset[Base]) -> str:
    """The ``sources`` column: names in one fixed order, so that a set has one spelling."""
    return " ".join(base for base in BASES if base in sources)


def page_of(wanted: CallFilter) -> Select[Any]:
    """The calls of one page, in order; calls without a value for the sort key come last."""
    column = LOGS.c[wanted.sort]
    return (
        select(LOGS)
        .where(*_conditions(wanted))
        .order_by(_directed(column, wanted.order).nulls_last(), _directed(LOGS.c.id, wanted.order))
        .limit(wanted.limit)
        .offset(wanted.offset)
    )


def count_of(wanted: CallFilter) -> Select[int]:
    """How many calls there are on all pages together."""
    return select(func.count()).select_from(LOGS).where(*_conditions(wanted))


def _directed(column: ColumnElement[Any], order: Order) -> UnaryExpression[Any]:
    return column.asc() if order == "asc" else column.desc()


def _conditions(wanted: CallFilter) -> list[ColumnElement[bool]]:
    table = LOGS.c
    found = [table.searchText.contains(word, autoescape=True) for word in _words(wanted.q)]
    if wanted.date_from:
        found.append(table.startTime >= wanted.date_from)
    if wanted.date_to:
        found.append(table.startTime < wanted.date_to)
    if wanted.status:
        found.append(table.status == wanted.status)
    if wanted.source:
        found.append(table.sources.in_(_spellings(wanted.source)))
    if wanted.caller:
        caller = storable(wanted.caller).lower()
        found.append(func.lower(table.callerId).contains(caller, autoescape=True))
    return found


def _words(q: str) -> list[str]:
    return searchable(q).split()


def _spellings(source: Source) -> list[str]:
    """Every value of the ``sources`` column that contains ``source``."""
    if source == "none":
        return [""]
    other: Base = BASES[1] if source == BASES[0] else BASES[0]
    return [source, joined_sources(frozenset((source, other)))]
