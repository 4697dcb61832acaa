"""Table ``recordings``: the sound that is kept of a call, or why there is none.

A row is written when the recording is finished. It does not go with its call, but is marked by a
trigger: whoever keeps the files takes those of marked rows away, and then the rows.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, get_args

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.calllog.columns import storable
from bot.calllog.schema import LOGS, RECORDINGS

State = Literal["kept", "lost", "expired", "unwanted"]
"""There is a file; there never was one; it was kept for its period; its call is gone."""
Trouble = Literal["", "disk_full", "disk_failed", "slow_disk", "killed"]
TROUBLES: Final[tuple[Trouble, ...]] = get_args(Trouble)
"""Why a recording ends before its call, or is not there; ``killed``: its process was."""
_AT_ONCE: Final = 200
_SAME_CALL: Final = timedelta(minutes=2)
"""A call and its recording begin within a fraction of that."""


@dataclass(frozen=True)
class Recording:
    """What is known of a call's recording.

    ``file`` is a name without its ending; ``peaks`` is its picture (:mod:`bot.recording.peaks`).
    """

    call_id: int
    file: str
    state: State
    trouble: Trouble
    began_at: datetime
    seconds: float = 0.0
    bytes: int = 0
    peaks: str = ""


_COLUMNS: Final = tuple(RECORDINGS.c)


def write_recording(connection: Connection, recording: Recording) -> bool:
    """Write a row, or the same row again; false when its call is gone.

    Where rows can be locked, whoever deletes the call waits, and marks the recording then.
    """
    call = select(LOGS.c.id).where(LOGS.c.id == recording.call_id)
    if connection.execute(call.with_for_update(read=True)).first() is None:
        return False
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    columns = RECORDINGS.c
    row = {
        columns.callId: recording.call_id, columns.file: recording.file,
        columns.state: recording.state, columns.trouble: recording.trouble,
        columns.beganAt: recording.began_at, columns.seconds: recording.seconds,
        columns.bytes: recording.bytes, columns.peaks: recording.peaks,
    }  # fmt: skip
    added = dialect.insert(RECORDINGS).values(row)
    connection.execute(added.on_conflict_do_update(index_elements=[columns.callId], set_=row))
    return True


def read_recording(connection: Connection, call_id: int) -> Recording | None:
    """The recording of a call, if it was finished."""
    return next(iter(_read(connection, (call_id,))), None)


def recorded_among(connection: Connection, calls: Sequence[int]) -> dict[int, float]:
    """The seconds of each recording that is kept of these calls."""
    return {one.call_id: one.seconds for one in _read(connection, calls) if one.state == "kept"}


def without_call(connection: Connection) -> list[tuple[int, str]]:
    """Calls that are gone, and the files of theirs that are still there; some of them."""
    wanted = select(RECORDINGS.c.callId, RECORDINGS.c.file)
    rows = connection.execute(wanted.where(RECORDINGS.c.state == "unwanted").limit(_AT_ONCE))
    return [(row.callId, row.file) for row in rows]


def forget(connection: Connection, calls: Iterable[int]) -> None:
    """Take rows away: their files are gone."""
    connection.execute(delete(RECORDINGS).where(RECORDINGS.c.callId.in_(list(calls))))


def older(connection: Connection, oldest_kept: datetime) -> list[tuple[int, str]]:
    """Recordings that began earlier, with their files; some of them."""
    wanted = select(RECORDINGS.c.callId, RECORDINGS.c.file).where(
        RECORDINGS.c.state == "kept", RECORDINGS.c.beganAt < oldest_kept
    )
    rows = connection.execute(wanted.order_by(RECORDINGS.c.beganAt).limit(_AT_ONCE))
    return [(row.callId, row.file) for row in rows]


def expire(connection: Connection, calls: Iterable[int]) -> None:
    """Their files are gone, and their pictures with them; that there was one is still told."""
    gone = {"state": "expired", "bytes": 0, "peaks": ""}
    connection.execute(update(RECORDINGS).where(RECORDINGS.c.callId.in_(list(calls))).values(gone))


def call_of(connection: Connection, channel_id: str, began_at: datetime) -> int | None:
    """The number of the call on a channel that began at about that time."""
    found = select(LOGS.c.id).where(
        LOGS.c.startTime.between(began_at - _SAME_CALL, began_at + _SAME_CALL),
        LOGS.c.channelId == storable(channel_id),
    )
    return connection.execute(found).scalars().first()


def _read(connection: Connection, calls: Sequence[int]) -> list[Recording]:
    rows = connection.execute(select(*_COLUMNS).where(RECORDINGS.c.callId.in_(calls)))
    return [
        Recording(
            call_id=row["callId"], file=row["file"], state=row["state"], trouble=row["trouble"],
            began_at=row["beganAt"], seconds=row["seconds"], bytes=row["bytes"],
            peaks=row["peaks"],
        )
        for row in rows.mappings()
    ]  # fmt: skip
