"""Calls that were deleted: unseen at once, wanted back for ten seconds, and then gone.

A deletion is first a line in ``log_deletions``: everything that reads leaves its calls out, and
undoing it takes the line away. When its time is over the calls themselves are deleted, some at a
time, so that a call in progress never waits for the database.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, select

from bot.calllog.schema import DELETIONS, LOGS

UNDO: Final = timedelta(seconds=10)
"""How long a deletion can be undone."""
_AT_ONCE: Final = 200
"""Calls deleted in one transaction: some 50 ms under the lock."""


@dataclass(frozen=True)
class Deleted:
    """The calls that nobody shall see any more: some, and all up to a number."""

    numbers: frozenset[int] = frozenset()
    up_to: int = 0

    def __bool__(self) -> bool:
        return bool(self.numbers or self.up_to)

    def __contains__(self, call_id: int) -> bool:
        return call_id <= self.up_to or call_id in self.numbers

    def conditions(self, call_id: ColumnElement[Any]) -> list[ColumnElement[bool]]:
        """SQL for «not deleted», about the column with the call's number; mostly none."""
        found: list[ColumnElement[bool]] = []
        if self.up_to:
            found.append(call_id > self.up_to)
        if self.numbers:
            found.append(call_id.not_in(sorted(self.numbers)))
        return found


@dataclass(frozen=True)
class Deletion:
    """A deletion that can be undone, by its ``number``, before ``until``.

    It is of one call or of all there were.
    """

    number: int
    until: datetime
    call_id: int | None


def read_deleted(connection: Connection) -> Deleted:
    """What is deleted now and still there."""
    rows = connection.execute(select(DELETIONS.c.callId, DELETIONS.c.upToId)).all()
    return Deleted(
        numbers=frozenset(row.callId for row in rows if row.callId is not None),
        up_to=max((row.upToId for row in rows if row.upToId is not None), default=0),
    )


def delete_one(connection: Connection, call_id: int, now: datetime) -> Deletion | None:
    """Delete a call; ``None`` when there is none of that number."""
    if call_id in read_deleted(connection):
        return None
    if connection.execute(select(LOGS.c.id).where(LOGS.c.id == call_id)).first() is None:
        return None
    return _add(connection, now, callId=call_id)


def delete_all(connection: Connection, now: datetime) -> Deletion:
    """Delete all calls that there are; later ones stay."""
    last = connection.execute(select(func.max(LOGS.c.id))).scalar() or 0
    return _add(connection, now, upToId=last)


def _add(connection: Connection, now: datetime, **chosen: int) -> Deletion:
    added = insert(DELETIONS).returning(DELETIONS.c.id)
    number = connection.execute(added, {"at": now, **chosen}).scalar_one()
    return Deletion(number, now + UNDO, chosen.get("callId"))


def undoable(connection: Connection, now: datetime) -> list[Deletion]:
    """The deletions that can still be taken back, the latest first."""
    still = select(DELETIONS).where(DELETIONS.c.at > now - UNDO).order_by(DELETIONS.c.at.desc())
    rows = connection.execute(still)
    return [Deletion(row.id, row.at + UNDO, row.callId) for row in rows]


def take_back(connection: Connection, number: int, now: datetime) -> bool:
    """Undo a deletion; whether that was still possible."""
    still = and_(DELETIONS.c.id == number, DELETIONS.c.at > now - UNDO)
    return connection.execute(delete(DELETIONS).where(still)).rowcount > 0


def next_due(connection: Connection) -> datetime | None:
    """When the next deletion has to be carried out, which may be in the past."""
    oldest = select(DELETIONS.c.at).order_by(DELETIONS.c.at).limit(1)
    at = connection.execute(oldest).scalar()
    return at + UNDO if at else None


def carry_out_some(connection: Connection, now: datetime) -> bool:
    """Delete some of the calls whose time is over; whether there was anything to do."""
    due = select(DELETIONS).where(DELETIONS.c.at <= now - UNDO).order_by(DELETIONS.c.at).limit(1)
    deletion = connection.execute(due).one_or_none()
    if deletion is None:
        return False
    is_one = deletion.callId is not None
    chosen = LOGS.c.id == deletion.callId if is_one else LOGS.c.id <= deletion.upToId
    some = select(LOGS.c.id).where(chosen).order_by(LOGS.c.id).limit(_AT_ONCE)
    numbers = list(connection.execute(some).scalars())
    if numbers:
        connection.execute(delete(LOGS).where(LOGS.c.id.in_(numbers)))
    if len(numbers) < _AT_ONCE:
        connection.execute(delete(DELETIONS).where(DELETIONS.c.id == deletion.id))
    return True
