"""One call as a row of the call log: while it is written, and as it is read."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from sqlalchemy.engine import RowMapping

from bot.calllog.callernumber import pieces_of
from bot.calllog.columns import storable
from bot.calllog.listing import joined_sources
from bot.calllog.turns import turns_of
from bot.calllog.words import lemmas_of
from bot.records import Line, Status, line_as_json
from bot.retrieval import Base

_MOST_WORDS = 10_000
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


@dataclass(frozen=True)
class ListedCall:
    """One call as a list shows it, without its dialogue; times are UTC."""

    id: int
    caller_id: str
    start_time: datetime
    end_time: datetime | None
    duration_s: float | None
    status: Status
    sources: tuple[Base, ...]
    first_question: str


LISTED_COLUMNS = (
    "id", "callerId", "startTime", "endTime", "durationS", "status", "sources", "firstQuestion",
)  # fmt: skip
"""What :class:`ListedCall` is made of."""
LOGGED_COLUMNS = (*LISTED_COLUMNS, "channelId", "worker", "transcript_json")
"""What :class:`LoggedCall` is made of."""


@dataclass(frozen=True)
class LoggedCall(ListedCall):
    """One call with all that the database has of it."""

    channel_id: str
    worker: str
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


@dataclass(eq=False)
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
    found_by: dict[str, None] = field(default_factory=dict)
    """Words, in the order in which they were first said."""
    written: dict[str, Any] = field(default_factory=dict)
    """The columns as the database has them."""
    turns_written: int = 0
    tried: bool = False
    """Whether the row may be there although the answer that it is was lost."""

    def __post_init__(self) -> None:
        self._find_by(pieces_of(self.caller_id))

    @classmethod
    def begun(cls, caller_id: str, channel_id: str, worker: str, at: datetime) -> Self:
        """A new call, its texts made such as a database can hold.

        A caller's number is whatever a telephone sent: what would end a line does not get in.
        """
        number = _CONTROL.sub("\ufffd", storable(caller_id))
        return cls(number, storable(channel_id), storable(worker), at)

    def add(self, line: Line) -> None:
        """One more line, kept as the text it will be stored as."""
        self._add(storable(json.dumps(line_as_json(line), ensure_ascii=False)))

    def _add(self, stored: str) -> None:
        line = json.loads(stored)
        self.lines.append(line)
        self.lines_json.append(stored)
        self.turns += turns_of(self.lines, len(self.lines) - 1)
        words = storable(line["text"])
        self._find_by(lemmas_of(words))
        if line["role"] == "user" and not self.first_question:
            self.first_question = words
        if line["source"]:
            self.sources |= {line["source"]}

    def as_kept(self) -> dict[str, Any]:
        """The call as JSON, from which :meth:`kept` makes it again."""
        return {
            "callerId": self.caller_id,
            "channelId": self.channel_id,
            "worker": self.worker,
            "startTime": self.start_time.isoformat(),
            "endTime": self.end_time.isoformat() if self.end_time else None,
            "status": self.status,
            "id": self.row_id,
            "lines": self.lines_json,
        }

    @classmethod
    def kept(cls, fields: Mapping[str, Any]) -> Self:
        """The call that :meth:`as_kept` told of; ``KeyError`` or ``ValueError`` for anything else.

        One that was not over then was left by a worker that ended.
        """
        started = datetime.fromisoformat(fields["startTime"])
        call = cls(fields["callerId"], fields["channelId"], fields["worker"], started)
        for stored in fields["lines"]:
            call._add(stored)
        ended, call.row_id, call.tried = fields["endTime"], fields["id"], True
        call.status = fields["status"] if ended else "Failed"
        call.end_time = datetime.fromisoformat(ended) if ended else started
        return call

    def changes(self, updated_at: datetime) -> dict[str, Any]:
        """The columns that the database does not have yet: of a new call, all."""
        row = self._row() | {"updatedAt": updated_at}
        return {name: value for name, value in row.items() if self._is_new(name, value)}

    def _is_new(self, name: str, value: object) -> bool:
        return name not in self.written or self.written[name] != value

    def _row(self) -> dict[str, Any]:
        return {
            "callerId": self.caller_id,
            "channelId": self.channel_id,
            "worker": self.worker,
            "startTime": self.start_time,
            "endTime": self.end_time,
            "durationS": seconds_between(self.start_time, self.end_time) if self.end_time else None,
            "status": self.status,
            "sources": joined_sources(self.sources),
            "firstQuestion": self.first_question,
            "lemmas": " ".join(self.found_by),
            "transcript_json": "[" + ",".join(self.lines_json) + "]",
        }

    def _find_by(self, words: Iterable[str]) -> None:
        """A call that goes on for hours is found by its first ten thousand words."""
        for word in words:
            if len(self.found_by) < _MOST_WORDS:
                self.found_by[word] = None


def listed_call(row: RowMapping) -> ListedCall:
    """The call that :data:`LISTED_COLUMNS` of a row describe."""
    return ListedCall(**_listed(row))


def logged_call(row: RowMapping) -> LoggedCall:
    """The call that :data:`LOGGED_COLUMNS` of a row describe."""
    return LoggedCall(
        **_listed(row),
        channel_id=row["channelId"],
        worker=row["worker"],
        transcript_json=row["transcript_json"],
    )


def _listed(row: RowMapping) -> dict[str, Any]:
    return {
        "id": row["id"],
        "caller_id": row["callerId"],
        "start_time": row["startTime"],
        "end_time": row["endTime"],
        "duration_s": row["durationS"],
        "status": row["status"],
        "sources": tuple(row["sources"].split()),
        "first_question": row["firstQuestion"],
    }


def seconds_between(start: datetime, end: datetime) -> float:
    """Seconds from one moment to another, to the millisecond."""
    return round((end - start).total_seconds(), 3)


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")
