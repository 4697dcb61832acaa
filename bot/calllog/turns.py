"""Table ``turns``: one row for each answer given, for reports and questions left unanswered.

It says again, in columns, what ``transcript_json`` says of an answer, so that a million calls
can be counted without reading their dialogues. A row is written together with the line of the
call that it comes from, and goes with its call.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Float,
    Index,
    Integer,
    String,
    Table,
    Text,
    true,
)
from sqlalchemy.dialects import postgresql, sqlite

from bot.calllog.columns import METADATA, UtcTime, column
from bot.calllog.words import lemmas_of
from bot.records import STAGES, Stage
from bot.retrieval import BASES, Base

STAGE_COLUMNS: dict[Stage, str] = {
    "endpoint": "endpointMs",
    "asr": "asrMs",
    "retrieval": "retrievalMs",
    "llm_first_token": "llmFirstTokenMs",
    "tts_first_audio": "ttsFirstAudioMs",
    "answer": "answerMs",
}
SCORE_COLUMNS: dict[Base, str] = {"general": "scoreGeneral", "tech": "scoreTech"}

TURNS = Table(
    "turns",
    METADATA,
    Column("callId", BigInteger(), primary_key=True, autoincrement=False, quote=False),
    # Place of the answer among the lines of the dialogue, from 0.
    Column("line", Integer(), primary_key=True, autoincrement=False),
    column("at", UtcTime()),  # when the answer began
    column("question", Text()),  # what the caller said; empty when the assistant spoke first
    column("rewritten", Text()),  # the question as it was searched for, when it was rewritten
    column("lemmas", Text()),  # words of the question (bot.calllog.words), joined by blanks
    column("source", String(16)),  # general, tech or empty
    column("firstBase", String(16)),  # the base that was asked first; empty when none was
    column("scoreGeneral", Float(), nullable=True),  # best relevance, 0…1; NULL = not asked
    column("scoreTech", Float(), nullable=True),
    column("control", String(32)),  # what small talk asked for; empty for a question
    column("unanswered", Boolean()),  # neither base has an answer
    column("cached", Boolean()),
    column("interrupted", Boolean()),
    column("release", Integer()),
    column("model", Text()),
    column("fallbacks", Text()),  # JSON array: ["gpt-4o-mini: timeout"]
    *(column(name, Float(), nullable=True) for name in STAGE_COLUMNS.values()),
)
"""Stages are milliseconds; NULL = did not take place."""

TURN_INDEXES = (
    Index("turns_by_time", TURNS.c.at),
    Index(
        "turns_unanswered",
        TURNS.c.at,
        sqlite_where=TURNS.c.unanswered == true(),
        postgresql_where=TURNS.c.unanswered == true(),
    ),
)


def turns_of(lines: Sequence[Mapping[str, Any]], begin: int = 0) -> Iterator[dict[str, Any]]:
    """The rows, without ``callId``, for the answers among ``lines[begin:]``.

    ``lines`` are those of ``transcript_json``, of this version or an earlier one.
    """
    for place in range(begin, len(lines)):
        line = lines[place]
        if line.get("role") == "bot" and line.get("kind") == "answer" and line.get("trace"):
            yield _turn(lines[:place], line) | {"line": place}


def _turn(before: Sequence[Mapping[str, Any]], answer: Mapping[str, Any]) -> dict[str, Any]:
    trace = answer["trace"]
    asked = next((line["text"] for line in reversed(before) if line["role"] == "user"), "")
    return {
        "at": datetime.fromisoformat(answer["at"]),
        "question": asked,
        "rewritten": trace.get("rewritten") or "",
        "lemmas": " ".join(lemmas_of(trace.get("rewritten") or asked)),
        "source": answer.get("source") or "",
        "firstBase": trace.get("first_base") or "",
        "control": trace.get("control") or "",
        "unanswered": bool(trace.get("unanswered")),
        "cached": bool(trace.get("cached")),
        "interrupted": bool(answer.get("interrupted")),
        "release": int(trace.get("release") or 0),
        "model": trace.get("model") or "",
        "fallbacks": json.dumps(trace.get("fallbacks") or [], ensure_ascii=False),
        **{SCORE_COLUMNS[base]: (trace.get("scores") or {}).get(base) for base in BASES},
        **{STAGE_COLUMNS[stage]: answer["timings_ms"].get(stage) for stage in STAGES},
    }


def add_turns(connection: Connection, call_id: int, turns: Sequence[Mapping[str, Any]]) -> None:
    """Write rows of one call; those that are there already are left as they are.

    A commit whose answer was lost is written again: that must not be an error.
    """
    if not turns:
        return
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    rows = [{"callId": call_id, **turn} for turn in turns]
    connection.execute(dialect.insert(TURNS).on_conflict_do_nothing(), rows)
