"""The tables as this version needs them: made when there are none, brought up when they are old.

Everything happens in one transaction under a lock, so it does not matter who opens the call log
first or is killed meanwhile. It adds columns, tables and indexes; what has to be read out of old
dialogues is left to :mod:`bot.calllog.backfill`.
"""

import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, delete, func, insert, inspect, select, text
from sqlalchemy.schema import CreateIndex, CreateTable

from bot.calllog.columns import METADATA
from bot.calllog.hours import CALL_HOURS, STAGE_DAYS, TURN_HOURS
from bot.calllog.recount import calls_by_hour, stage_times, turns_by_hour
from bot.calllog.schema import DAYS, LOGS, STATE
from bot.errors import SettingError

VERSION: Final = 5
_WITH_WORDS: Final = 2
"""Since then calls are found by their words and days are counted."""
_WITH_HOURS: Final = 3
"""Since then reports are added up from hours."""
_ALL: Final = ("", "hours_", "recordings_")
"""The files of a database, by how their names begin."""
_LOCK: Final = 7_301_994_411
"""Key of the PostgreSQL advisory lock held while the tables change (any fixed number)."""
_MADE: Final = re.compile(
    r"(?:CREATE (?:UNIQUE |VIRTUAL )?|ADD )(?:TABLE|INDEX|TRIGGER|COLUMN) (\w+)"
)
_OLD_INDEXES: Final = ("logs_by_start", "logs_by_status", "logs_by_worker")


@dataclass(frozen=True)
class Step:
    """One part of an upgrade: its place among all, from 1, and what is done."""

    number: int
    of: int
    doing: str


Work = tuple[str, Callable[[], object]]


def ensure_schema(connection: Connection, tell: Callable[[Step], None]) -> None:
    """Make the tables what this version needs; nothing but a look when they are.

    ``tell`` is told of each step of an upgrade before it is done: one may take a minute. Raises
    :class:`SettingError` when a later version of the program has changed the tables.
    """
    if _version(connection) == VERSION:
        return
    _lock(connection)
    version = _version(connection)
    if version > VERSION:
        raise SettingError("DATABASE_URL: the call log is of a later version of this program")
    if version == VERSION:
        return  # somebody else was faster
    was_there = inspect(connection).has_table(LOGS.name)
    steps = list(_upgrade(connection, version) if was_there else _added(connection, _ALL))
    for number, (doing, work) in enumerate(steps, start=1):
        if was_there:
            tell(Step(number, len(steps), doing))
        work()
    connection.execute(delete(STATE).where(STATE.c.name == "schema"))
    connection.execute(insert(STATE).values(name="schema", value=VERSION))


def _upgrade(connection: Connection, version: int) -> Iterator[Work]:
    if version < _WITH_WORDS:
        yield "renaming", partial(_bring_up, connection)
        yield from _added(connection, _ALL)
        yield "days", partial(_count_days, connection)
        yield "unread", partial(_leave_unread, connection)
    else:
        yield from _added(connection, _ALL[1:] if version < _WITH_HOURS else _ALL[2:])
    if version < _WITH_HOURS:
        yield from _hours(connection)


def _added(connection: Connection, scripts: Iterable[str]) -> Iterator[Work]:
    """Make what is missing, with what the files of this database say."""
    for table in METADATA.sorted_tables:
        yield table.name, partial(connection.execute, CreateTable(table, if_not_exists=True))
    for statement in (line for name in scripts for line in _statements(connection, name)):
        yield _named(statement), partial(_execute, connection, statement)
    for table in METADATA.sorted_tables:
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            made = CreateIndex(index, if_not_exists=True)
            yield str(index.name), partial(connection.execute, made)


def _execute(connection: Connection, statement: str) -> None:
    connection.exec_driver_sql(statement, execution_options={"no_parameters": True})


def _named(statement: str) -> str:
    """What a statement makes, for the log."""
    made = _MADE.search(statement)
    return made[1] if made else "tables"


def _version(connection: Connection) -> int:
    if not inspect(connection).has_table(STATE.name):
        return 0
    found = connection.execute(select(STATE.c.value).where(STATE.c.name == "schema"))
    return found.scalar() or 0


def _lock(connection: Connection) -> None:
    """Keep others from changing the tables until this transaction ends."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL statement_timeout = 0"))  # an index may take minutes
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    else:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _bring_up(connection: Connection) -> None:
    """Version 1 kept the text itself where the words are now.

    Renaming takes no time, however many calls there are.
    """
    connection.execute(text("ALTER TABLE logs RENAME COLUMN searchText TO lemmas"))
    for name in _OLD_INDEXES:
        connection.execute(text(f"DROP INDEX IF EXISTS {name}"))


def _statements(connection: Connection, name: str) -> Iterator[str]:
    """What a file of a database says, one statement after the other."""
    dialect = connection.dialect.name
    script = (Path(__file__).parent / f"{name}{dialect}.sql").read_text("utf-8")
    if dialect == "postgresql":
        yield script
        return
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def _count_days(connection: Connection) -> None:
    """Count the calls that were there before there were triggers."""
    if connection.dialect.name == "postgresql":
        day = func.date(func.timezone("UTC", LOGS.c.startTime))
    else:
        day = func.substr(LOGS.c.startTime, 1, 10)
    groups = select(day, LOGS.c.status, LOGS.c.sources, func.count()).group_by(
        day, LOGS.c.status, LOGS.c.sources
    )
    connection.execute(insert(DAYS).from_select(list(DAYS.c), groups))


def _hours(connection: Connection) -> Iterator[Work]:
    """Count the calls and answers that were there before there were triggers for reports."""
    dialect = connection.dialect.name
    for table, counted in (
        (CALL_HOURS, calls_by_hour(dialect)),
        (TURN_HOURS, turns_by_hour(dialect)),
        (STAGE_DAYS, stage_times(dialect)),
    ):
        columns = [column.name for column in counted.selected_columns]
        counting = insert(table).from_select(columns, counted)
        yield f"counting {table.name}", partial(connection.execute, counting)


def _leave_unread(connection: Connection) -> None:
    last = connection.execute(select(func.max(LOGS.c.id))).scalar() or 0
    connection.execute(insert(STATE).values(name="unread", value=last))
