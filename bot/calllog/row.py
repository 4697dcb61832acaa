"""One call as a row of the call log: while it is written, and as it is read."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.engine import RowMapping

from bot.calllog.filter import joined_sources, searchable, storable
from bot.calllog.turns import turns_of
from bot.records import BotLine, Line, Status, UserLine, line_as_json
from bot.retrieval import Base


@dataclass(frozen=True)
class LoggedCall:
    """One call as the database has it; times are UTC."""

    id: int
    caller_id: str
    channel_id: str
    worker: str
    start_time: datetime
    end_time: datetime | None
    duration_s: float | None
    status: Status
    sources: tuple[Base, ...]
    first_question: str
    transcript_json: str

    def as_json(self) -> dict[str, Any]:
        """The call as in contract.md, with times in ISO 8601 UTC."""
        return {
            "id": self.id,
            "callerId": self.caller_id,
            "startTime": _iso(self.start_time),
            "endTime": _iso(self.end_time) if self.end_time else None,
            "status": self.status,
            "transcript_json": self.transcript_json,
            "channelId": self.channel_id,
            "worker": self.worker,
            "durationS": self.duration_s,
            "sources": list(self.sources),
            "firstQuestion": self.first_question,
        }


@dataclass
class OpenCall:
    """A call being written: all that its row says, so that any write brings the row up to date."""

    caller_id: str
    channel_id: str
    worker: str
    start_time: datetime
    row_id: int | None = None
    end_time: datetime | None = None
    status: Status = "InProgress"
    sources: frozenset[Base] = frozenset()
    first_question: str = ""
    lines: list[dict[str, Any]] = field(default_factory=list)
    lines_json: list[str] = field(default_factory=list)
    turns: list[dict[str, Any]] = field(default_factory=list)
    turns_written: int = 0
    said: list[str] = field(default_factory=list)

    def add(self, line: Line) -> None:
        """One more line, kept as the text it will be stored as."""
        written = storable(json.dumps(line_as_json(line), ensure_ascii=False))
        self.lines.append(json.loads(written))
        self.lines_json.append(written)
        self.turns += turns_of(self.lines, len(self.lines) - 1)
        self.said.append(searchable(line.text))
        if isinstance(line, UserLine) and not self.first_question:
            self.first_question = storable(line.text)
        if isinstance(line, BotLine) and line.trace and line.trace.source:
            self.sources |= {line.trace.source}

    def row(self, updated_at: datetime) -> dict[str, Any]:
        """The whole row, so that one write makes up for any that failed."""
        return {
            "callerId": self.caller_id,
            "channelId": self.channel_id,
            "worker": self.worker,
            "startTime": self.start_time,
            "endTime": self.end_time,
            "updatedAt": updated_at,
            "durationS": seconds_between(self.start_time, self.end_time) if self.end_time else None,
            "status": self.status,
            "sources": joined_sources(self.sources),
            "firstQuestion": self.first_question,
            "transcript_json": "[" + ",".join(self.lines_json) + "]",
            "searchText": "\n".join(self.said),
        }


def logged_call(row: RowMapping) -> LoggedCall:
    """The call that a row of the table describes."""
    return LoggedCall(
        id=row["id"],
        caller_id=row["callerId"],
        channel_id=row["channelId"],
        worker=row["worker"],
        start_time=row["startTime"],
        end_time=row["endTime"],
        duration_s=row["durationS"],
        status=row["status"],
        sources=tuple(row["sources"].split()),
        first_question=row["firstQuestion"],
        transcript_json=row["transcript_json"],
    )


def seconds_between(start: datetime, end: datetime) -> float:
    """Seconds from one moment to another, to the millisecond."""
    return round((end - start).total_seconds(), 3)


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")
