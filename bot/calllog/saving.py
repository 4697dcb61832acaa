"""Brings the row of a call that is being written up to date, and adds its new turns."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Update, insert, select, update

from bot.calllog.row import OpenCall
from bot.calllog.schema import LOGS
from bot.calllog.turns import add_turns


@dataclass(frozen=True)
class Saved:
    """What the database has of a call once the transaction is committed."""

    number: int
    turns_written: int
    columns: Mapping[str, Any]


def write_call(connection: Connection, call: OpenCall, at: datetime) -> Saved:
    """Write what the row of a call does not say yet.

    A call that an operator has deleted while it goes on stays deleted.
    """
    changes, turns = call.changes(at), call.turns[call.turns_written :]
    number = call.row_id
    if number is None and call.tried:
        number = _written_before(connection, call)
    call.tried = True
    if number is None:
        number = connection.execute(insert(LOGS).returning(LOGS.c.id), changes).scalar_one()
        add_turns(connection, number, turns)
    elif connection.execute(row_of(number).values(changes)).rowcount:
        add_turns(connection, number, turns)
    return Saved(number, len(call.turns), changes)


def row_of(number: int) -> Update:
    """The statement that changes one row."""
    return update(LOGS).where(LOGS.c.id == number)


def _written_before(connection: Connection, call: OpenCall) -> int | None:
    """The row whose commit succeeded although its answer was lost on the way."""
    found = select(LOGS.c.id).where(
        LOGS.c.startTime == call.start_time,
        LOGS.c.channelId == call.channel_id,
        LOGS.c.worker == call.worker,
    )
    return connection.execute(found).scalars().first()
