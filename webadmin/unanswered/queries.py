"""The groups of unanswered questions, read from what the admin remembers."""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Final, Literal

from webadmin.questions.store import QuestionStore, day_bounds

State = Literal["open", "answered", "resolved"]
_WORDINGS: Final = 5
_CALLS: Final = 5


@dataclass(frozen=True)
class Check:
    """What the assistant said when the question was last tried."""

    at: datetime
    release: int
    is_answered: bool
    source: str
    score: float | None
    answer: str


@dataclass(frozen=True)
class Resolution:
    """Who said that nothing more is to be done, and when."""

    at: datetime
    author: str


@dataclass(frozen=True)
class Group:
    """Questions of one meaning that were not answered, or badly, in some days.

    ``lost``: after so many of them the caller left. ``wordings`` and ``calls`` are the most
    frequent and the latest, only of a group that is shown.
    """

    id: int
    refused: int
    weak: int
    lost: int
    last_at: datetime
    check: Check | None = None
    resolution: Resolution | None = None
    wordings: tuple[str, ...] = field(default=())
    calls: tuple[int, ...] = field(default=())

    @property
    def times(self) -> int:
        """How often it was asked in vain."""
        return self.refused + self.weak

    @property
    def state(self) -> State:
        """What is to be done: a question that was asked in vain again is open again."""
        if self.resolution and self.last_at <= self.resolution.at:
            return "resolved"
        if self.check and self.check.is_answered and self.last_at <= self.check.at:
            return "answered"
        return "open"

    @property
    def is_back(self) -> bool:
        """Whether it was resolved once and was asked in vain again."""
        return self.resolution is not None and self.state == "open"


def read_groups(store: QuestionStore, first: date | None, last: date | None) -> list[Group]:
    """The groups of some days, in no order, without wordings and calls."""
    with store.connection() as connection:
        rows = connection.execute(
            "SELECT grp, sum(refused) AS refused, sum(weak) AS weak, sum(lost) AS lost,"
            " max(last_at) AS last_at FROM refused JOIN forms ON id = form"
            " WHERE day BETWEEN ? AND ? GROUP BY grp",
            day_bounds(first, last),
        ).fetchall()
        return _with_marks(connection, map(_group, rows))


def read_group(store: QuestionStore, number: int) -> Group | None:
    """One group over all time, whole; ``None`` when there is none of that number."""
    with store.connection() as connection:
        rows = connection.execute(
            "SELECT grp, sum(refused) AS refused, sum(weak) AS weak, sum(lost) AS lost,"
            " max(last_at) AS last_at FROM forms JOIN refused ON form = id"
            " WHERE grp = ? GROUP BY grp",
            (number,),
        ).fetchall()
        groups = _with_marks(connection, map(_group, rows))
    return with_details(store, groups)[0] if groups else None


def with_details(store: QuestionStore, groups: Sequence[Group]) -> list[Group]:
    """The same groups with their wordings and the calls they were asked in last."""
    with store.connection() as connection:
        return [
            replace(
                group,
                wordings=_column(
                    connection,
                    "SELECT example FROM forms JOIN refused ON form = id WHERE grp = ?"
                    " GROUP BY id ORDER BY sum(refused + weak) DESC, id LIMIT ?",
                    (group.id, _WORDINGS),
                ),
                calls=_column(
                    connection,
                    "SELECT last_call FROM forms JOIN refused ON form = id WHERE grp = ?"
                    " GROUP BY last_call ORDER BY max(last_at) DESC LIMIT ?",
                    (group.id, _CALLS),
                ),
            )
            for group in groups
        ]


def _with_marks(connection: sqlite3.Connection, groups: Iterable[Group]) -> list[Group]:
    """With what operators did about them.

    Whether that still holds depends on the last time a question was asked, even if that was
    not in the days chosen.
    """
    checks = {row["grp"]: _check(row) for row in connection.execute("SELECT * FROM checks")}
    resolved = {
        row["grp"]: Resolution(datetime.fromisoformat(row["at"]), row["author"])
        for row in connection.execute("SELECT * FROM resolved")
    }
    marked = [
        replace(group, check=checks.get(group.id), resolution=resolved.get(group.id))
        for group in groups
    ]
    return [
        replace(group, last_at=_last(connection, group))
        if group.check or group.resolution
        else group
        for group in marked
    ]


def _last(connection: sqlite3.Connection, group: Group) -> datetime:
    row = connection.execute(
        "SELECT max(last_at) FROM forms JOIN refused ON form = id WHERE grp = ?", (group.id,)
    ).fetchone()
    return datetime.fromisoformat(row[0])


def _group(row: sqlite3.Row) -> Group:
    at = datetime.fromisoformat(row["last_at"])
    return Group(row["grp"], row["refused"], row["weak"], row["lost"], at)


def _check(row: sqlite3.Row) -> Check:
    return Check(
        datetime.fromisoformat(row["at"]), row["release"], bool(row["is_answered"]),
        row["source"], row["score"], row["answer"],
    )  # fmt: skip


def _column(connection: sqlite3.Connection, query: str, values: tuple[int, ...]) -> tuple[Any, ...]:
    return tuple(row[0] for row in connection.execute(query, values))
