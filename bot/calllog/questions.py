"""The questions of some time, and what became of those that were answered badly or not at all."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Final

from sqlalchemy import Connection, select

from bot.calllog.deletions import read_deleted
from bot.calllog.schema import LOGS
from bot.calllog.turns import SCORE_COLUMNS, TURNS

_WEAK_BELOW: Final = 0.5
"""Relevance of an answer that is as likely wrong as right."""
_LEAVING: Final = ("operator", "goodbye")
"""What callers say who are not content (:mod:`bot.smalltalk`)."""
_COLUMNS: Final = (
    TURNS.c.callId, TURNS.c.line, TURNS.c.at, TURNS.c.question, TURNS.c.rewritten,
    TURNS.c.control, TURNS.c.unanswered, TURNS.c.source, TURNS.c.firstBase,
    TURNS.c.scoreGeneral, TURNS.c.scoreTech, LOGS.c.status,
)  # fmt: skip


@dataclass(frozen=True)
class LoggedQuestion:
    """A question as it was searched for.

    ``is_refused``: no base had an answer. ``is_weak``: the base that it was first looked for in
    had none, and the other one's was as likely wrong as right. ``is_lost``: right after that the
    caller hung up, said goodbye or asked for a person.
    """

    call_id: int
    at: datetime
    text: str
    is_refused: bool
    is_weak: bool
    is_lost: bool


def read_questions(connection: Connection, begin: datetime, end: datetime) -> list[LoggedQuestion]:
    """The questions answered from ``begin`` (included) to ``end``, call by call."""
    deleted = read_deleted(connection).conditions(TURNS.c.callId)
    turns = (
        select(*_COLUMNS)
        .join(LOGS, LOGS.c.id == TURNS.c.callId)
        .where(TURNS.c.at >= begin, TURNS.c.at < end, *deleted)
        .order_by(TURNS.c.callId, TURNS.c.line)
    )
    rows = connection.execute(turns).all()
    calls = (list(call) for _, call in groupby(rows, key=lambda row: row.callId))
    return [question for call in calls for question in _questions(call)]


def _questions(turns: Sequence[Any]) -> Iterator[LoggedQuestion]:
    for place, turn in enumerate(turns):
        if turn.control or not turn.question.strip():
            continue
        is_refused, is_weak = bool(turn.unanswered), _is_weak(turn)
        is_lost = (is_refused or is_weak) and _is_lost(turns, place)
        text = turn.rewritten or turn.question
        yield LoggedQuestion(turn.callId, turn.at, text, is_refused, is_weak, is_lost)


def _is_weak(turn: Any) -> bool:
    if turn.unanswered or not turn.source or turn.source == turn.firstBase or not turn.firstBase:
        return False
    score = getattr(turn, SCORE_COLUMNS[turn.source])
    return score is not None and score < _WEAK_BELOW


def _is_lost(turns: Sequence[Any], place: int) -> bool:
    if place + 1 < len(turns):
        return turns[place + 1].control in _LEAVING
    return bool(turns[place].status != "InProgress")
