"""A search among the words of the calls, as each database is asked."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Dialect,
    and_,
    func,
    literal,
    literal_column,
    select,
    table,
)
from sqlalchemy import column as sql_column
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.types import Boolean

from bot.calllog.asked import AskedWord, AskedWords, asked_words
from bot.calllog.callernumber import NumberPart, number_part
from bot.calllog.columns import storable
from bot.calllog.filter import CallFilter
from bot.calllog.schema import LOGS

FOUND: Final = table("logs_words", sql_column("rowid"))
"""SQLite: the calls that have the words, numbered by :data:`TIME_KEY` (sqlite.sql)."""
TIME_KEY: Final[ColumnElement[int]] = literal_column("logs.timeKey")
_VOCABULARY: Final = table("logs_vocabulary", sql_column("term"))
_NOTHING: Final = AskedWord(("s:nothing",), is_beginning=False)
_LAST: Final = "\U0010ffff"
_MOST_ENDINGS: Final = 200
"""Words with one beginning that are looked for."""


@dataclass(frozen=True)
class _Language:
    """How a database spells an expression of words."""

    quote: str
    beginning: str
    all_of: str
    one_of: str

    def word(self, word: AskedWord) -> str:
        ending = self.beginning if word.is_beginning else ""
        return self.any(f"{self.quote}{form}{self.quote}{ending}" for form in word.forms)

    def all(self, terms: Iterable[str]) -> str:
        return self.all_of.join(terms)

    def any(self, terms: Iterable[str]) -> str:
        return f"({self.one_of.join(terms)})"


_FTS5: Final = _Language('"', "*", " AND ", " OR ")
_TSQUERY: Final = _Language("'", ":*", " & ", " | ")


@dataclass(frozen=True)
class Search:
    """What must be among the words of a call: said words, pieces of the caller's number."""

    asked: AskedWords | None
    part: NumberPart | None

    def condition(self, dialect: Dialect, marks: Sequence[str]) -> ColumnElement[bool]:
        """True for calls that have the words; on SQLite about :data:`FOUND`, else ``LOGS``.

        ``marks`` are further words, for the call's status and sources.
        """
        if dialect.name == "sqlite":
            expression = self._expression(_FTS5, marks)
            return literal_column("logs_words").op("MATCH", return_type=Boolean())(expression)
        query = literal(self._expression(_TSQUERY, marks)).cast(TSQUERY)
        return literal_column("logs.words").op("@@", return_type=Boolean())(query)

    def check(self, dialect: Dialect) -> list[ColumnElement[bool]]:
        """What the pieces of a number do not tell: whether they stand side by side in it."""
        if self.part is None or self.part.is_certain:
            return []
        if dialect.name == "sqlite":
            return [func.instr(func.folded(LOGS.c.callerId), self.part.folded) > 0]
        return [func.strpos(func.lower(LOGS.c.callerId), self.part.folded) > 0]

    def _expression(self, language: _Language, marks: Sequence[str]) -> str:
        exact = (*(self.part.pieces if self.part else ()), *marks)
        others = (language.word(AskedWord((word,), is_beginning=False)) for word in exact)
        return language.all((*self._said(language), *others))

    def _said(self, language: _Language) -> Iterable[str]:
        if self.asked is None:
            return
        readings = self.asked.readings or ((_NOTHING,),)
        said = (language.all(map(language.word, words)) for words in readings)
        yield language.any(f"({words})" for words in said)


def search_of(connection: Connection, wanted: CallFilter) -> Search | None:
    """The search that a filter asks for, if it does."""
    if not wanted.q.strip() and not wanted.caller:
        return None
    asked = asked_words(wanted.q) if wanted.q.strip() else None
    if asked and connection.dialect.name == "sqlite":
        asked = _spelt_out(connection, asked)
    part = number_part(storable(wanted.caller)) if wanted.caller else None
    return Search(asked, part)


def marks_of(wanted: CallFilter) -> Iterator[str]:
    """The words that stand for a status and a source (sqlite.sql, postgresql.sql)."""
    if wanted.status:
        yield f"s:{wanted.status.lower()}"
    if wanted.source:
        yield f"b:{wanted.source}"


def _spelt_out(connection: Connection, asked: AskedWords) -> AskedWords:
    """Beginnings as the words that begin so.

    FTS5 would collect all calls of all these words before it gave the first (a second for a
    common one); of words it reads on while it is asked.
    """
    return AskedWords(
        tuple(tuple(_endings(connection, word) for word in words) for words in asked.readings)
    )


def _endings(connection: Connection, word: AskedWord) -> AskedWord:
    if not word.is_beginning:
        return word
    words = (ending for form in word.forms for ending in _beginning_with(connection, form))
    return AskedWord((*word.forms, *islice(words, _MOST_ENDINGS)), is_beginning=False)


def _beginning_with(connection: Connection, form: str) -> Iterator[str]:
    """One beginning at a time: for two in one query FTS5 goes through its whole vocabulary."""
    term = _VOCABULARY.c.term
    begins = and_(term >= form, term < form + _LAST)
    yield from connection.execute(select(term).where(begins).limit(_MOST_ENDINGS)).scalars().all()
