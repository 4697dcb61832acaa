"""The questions that a new threshold is tried on: last week's, else the golden ones."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select

from bot.calllog.deletions import read_deleted
from bot.calllog.turns import SCORE_COLUMNS, TURNS
from bot.golden import GoldenQuestion
from bot.llm import Exchange
from bot.normalize import normalize
from bot.retrieval import Base
from bot.search.folding import fold
from webadmin.settings.scorebook import Scores, key_of

WEEK = timedelta(days=7)
_WORD = re.compile(r"[^\W_]")
MOST_TURNS = 5000
"""The latest answers that are looked at: reading them takes some 50 ms."""


@dataclass(frozen=True)
class Question:
    """A question, however often it was asked, and how it may be asked again."""

    text: str
    key: str
    rewritten: str = ""
    """What it was searched for, when that was something else."""
    history: tuple[Exchange, ...] = ()
    times: int = 1
    call_id: int | None = None
    """The latest call in which it was asked."""
    recorded: Mapping[int, Scores] = field(default_factory=dict)
    """What the bases made of it, by the number of the release that was asked."""


def week_questions(connection: Connection, now: datetime) -> tuple[list[Question], bool]:
    """What callers asked in the last seven days, the latest first; whether some were left out.

    Small talk is no question, and calls that are being deleted do not count.
    """
    call_id = TURNS.c.callId
    wanted = (
        select(
            call_id, TURNS.c.question, TURNS.c.rewritten, TURNS.c.firstBase, TURNS.c.release,
            *(TURNS.c[name] for name in SCORE_COLUMNS.values()),
        )
        .where(TURNS.c.at >= now - WEEK, TURNS.c.control == "", TURNS.c.question != "")
        .where(*read_deleted(connection).conditions(call_id))
        .order_by(TURNS.c.at.desc())
        .limit(MOST_TURNS + 1)
    )  # fmt: skip
    rows = connection.execute(wanted).all()
    return _grouped(rows[:MOST_TURNS]), len(rows) > MOST_TURNS


def golden_questions(golden: Iterable[GoldenQuestion]) -> list[Question]:
    """The golden questions that are questions."""
    asked = (one for one in golden if one.kind != "small_talk" and _WORD.search(one.question))
    return [
        Question(
            one.question,
            key_of(normalize(one.question), *(said.question for said in one.history)),
            history=tuple(Exchange(normalize(said.question), said.answer) for said in one.history),
        )
        for one in asked
    ]


def _grouped(rows: Sequence[Row[Any]]) -> list[Question]:
    groups: dict[str, list[Row[Any]]] = {}
    for row in rows:
        if not _WORD.search(row.question):
            continue
        groups.setdefault(key_of(fold(row.question), fold(row.rewritten)), []).append(row)
    return [_question(key, same) for key, same in groups.items()]


def _question(key: str, rows: Sequence[Row[Any]]) -> Question:
    latest = rows[0]
    recorded = {row.release: scores for row in rows[::-1] if (scores := _scores(row))}
    return Question(
        latest.question, key, latest.rewritten,
        times=len(rows), call_id=latest.callId, recorded=recorded,
    )  # fmt: skip


def _scores(row: Row[Any]) -> Scores | None:
    """What the row tells; an answer out of the cache tells nothing."""
    best: dict[Base, float] = {
        kb: value for kb, name in SCORE_COLUMNS.items() if (value := getattr(row, name)) is not None
    }
    return (
        Scores(row.firstBase, best) if row.firstBase and len(best) == len(SCORE_COLUMNS) else None
    )
