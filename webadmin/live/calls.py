"""The calls that the call log has in progress, as the live page shows them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.engine import RowMapping

from bot.calllog.deletions import read_deleted
from bot.calllog.reading import is_number
from bot.calllog.schema import LOGS
from bot.records import Status
from webadmin.logs.dialogue import BrokenTranscriptError, ShownLine, shown_lines
from webadmin.ws.routes import CHANNEL as TYPED


@dataclass(frozen=True)
class LiveCall:
    """One call with what was said so far; times are UTC."""

    id: int
    caller_id: str
    channel_id: str
    worker: str
    started_at: datetime
    updated_at: datetime
    status: Status
    lines: tuple[ShownLine, ...] = ()

    @property
    def is_typed(self) -> bool:
        """Whether it is a dialogue of ``/ws``: there is no telephone to command."""
        return self.channel_id == TYPED

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        return self.status != "InProgress"

    @property
    def app(self) -> str:
        """The ARI application of the worker that has it (:mod:`bot.runtime` names workers)."""
        return self.worker.rpartition("@")[0]


_HEAD = (
    LOGS.c.id, LOGS.c.callerId, LOGS.c.channelId, LOGS.c.worker, LOGS.c.startTime,
    LOGS.c.updatedAt, LOGS.c.status,
)  # fmt: skip


def read_in_progress(connection: Connection) -> list[LiveCall]:
    """The calls in progress without their dialogues, the oldest first."""
    unseen = read_deleted(connection).conditions(LOGS.c.id)
    wanted = select(*_HEAD).where(LOGS.c.status == "InProgress", *unseen)
    rows = connection.execute(wanted.order_by(LOGS.c.startTime, LOGS.c.id)).mappings()
    return [_call(row) for row in rows]


def read_with_dialogue(connection: Connection, numbers: Collection[int]) -> dict[int, LiveCall]:
    """These calls as they are now, in progress or not; those that were deleted are left out."""
    numbers = [number for number in numbers if is_number(number)]
    if not numbers:
        return {}
    unseen = read_deleted(connection).conditions(LOGS.c.id)
    wanted = select(*_HEAD, LOGS.c.transcript_json).where(LOGS.c.id.in_(numbers), *unseen)
    rows = connection.execute(wanted).mappings()
    return {row["id"]: _call(row, _lines(row["transcript_json"])) for row in rows}


def _lines(transcript_json: str) -> tuple[ShownLine, ...]:
    """A broken record hides no other call; its own page tells of it."""
    try:
        return shown_lines(transcript_json)
    except BrokenTranscriptError:
        return ()


def _call(row: RowMapping, lines: tuple[ShownLine, ...] = ()) -> LiveCall:
    return LiveCall(
        id=row["id"],
        caller_id=row["callerId"],
        channel_id=row["channelId"],
        worker=row["worker"],
        started_at=row["startTime"],
        updated_at=row["updatedAt"],
        status=row["status"],
        lines=lines,
    )
