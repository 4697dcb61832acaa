"""Calls of an earlier version: what they are found by, and their turns, read from their text.

Done in the background, the newest calls first and some at a time, so that nobody waits; killed at
any moment, it goes on where it was.
"""

import json
import logging
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, delete, select, text, update

from bot.calllog.callernumber import pieces_of
from bot.calllog.database import Database
from bot.calllog.schema import LOGS, STATE
from bot.calllog.turns import add_turns, turns_of
from bot.calllog.words import lemmas_of

log = logging.getLogger(__name__)

_AT_ONCE: Final = 50
_UNREAD: Final = STATE.c.name == "unread"


@dataclass(frozen=True)
class _ReadCall:
    number: int
    lemmas: str
    turns: list[dict[str, Any]]


def read_some(database: Database) -> bool:
    """Read some of the calls that are still unread; whether there were any.

    The words are looked up before the lock is taken.
    """
    with database.connection() as connection:
        up_to = connection.execute(select(STATE.c.value).where(_UNREAD)).scalar()
        if up_to is None:
            return False
        columns = LOGS.c.id, LOGS.c.callerId, LOGS.c.transcript_json
        unread = select(*columns).where(LOGS.c.id <= up_to).order_by(LOGS.c.id.desc())
        rows = connection.execute(unread.limit(_AT_ONCE)).all()
    calls = [_read(*row) for row in rows]
    with database.connection() as connection:
        if _is_still(connection, up_to):
            _write(connection, calls)
    return True


def _is_still(connection: Connection, up_to: int) -> bool:
    """Take the lock; whether nobody else has read these calls meanwhile."""
    unread = select(STATE.c.value).where(_UNREAD)
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        unread = unread.with_for_update()
    return connection.execute(unread).scalar() == up_to


def _write(connection: Connection, calls: list[_ReadCall]) -> None:
    for call in calls:
        row = update(LOGS).where(LOGS.c.id == call.number)
        connection.execute(row.values(lemmas=call.lemmas))
        if connection.dialect.name == "sqlite":  # no trigger does it for an unread call
            connection.execute(_PUT_IN, {"number": call.number})
        add_turns(connection, call.number, call.turns)
    if calls:
        connection.execute(update(STATE).where(_UNREAD).values(value=calls[-1].number - 1))
    else:
        connection.execute(delete(STATE).where(_UNREAD))
        log.info("event=old_calls_read")


_PUT_IN: Final = text(
    "INSERT INTO logs_words (rowid, words) SELECT timeKey, words FROM logs WHERE id = :number"
)


def _read(number: int, caller_id: str, transcript_json: str) -> _ReadCall:
    lines = _lines(transcript_json)
    said = (word for line in lines for word in lemmas_of(str(line.get("text", ""))))
    lemmas = " ".join(dict.fromkeys((*pieces_of(caller_id), *said)))
    try:
        turns = list(turns_of(lines))
    except (KeyError, ValueError, TypeError) as error:
        log.warning("event=old_call_without_turns call_id=%d error=%r", number, error)
        turns = []
    return _ReadCall(number, lemmas, turns)


def _lines(transcript_json: str) -> list[dict[str, Any]]:
    """The lines of a dialogue; none of one that is damaged."""
    try:
        lines = json.loads(transcript_json)
    except ValueError:
        return []
    return [line for line in lines if isinstance(line, dict)] if isinstance(lines, list) else []
