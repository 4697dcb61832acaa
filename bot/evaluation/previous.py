"""The run before this one (``data/evaluation/last.json``), and what has changed since."""

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from bot.errors import KnowledgeError
from bot.evaluation.figures import Figure, figures_of
from bot.evaluation.measures import BY_NAME, Judged
from bot.golden import GoldenQuestion

LAST_RUN_PATH = Path("data/evaluation/last.json")
_FOLLOW_FROM_OTHERS = frozenset({"mrr", "refusal_precision", "fallback_precision"})


class _Question(BaseModel):
    model_config = ConfigDict(frozen=True)

    id: str
    digest: str
    scores: dict[str, float]


class Run(BaseModel):
    """The part of a result's JSON that a later run is compared with."""

    model_config = ConfigDict(frozen=True)

    file: str
    asked_at: datetime
    questions: tuple[_Question, ...]


@dataclass(frozen=True)
class Move:
    """One figure of one question, then and now."""

    measure: str
    before: float
    now: float


@dataclass(frozen=True)
class Changed:
    """A question as it is judged now, and those of its figures that went the same way."""

    judged: Judged
    moves: tuple[Move, ...]


@dataclass(frozen=True)
class Comparison:
    """This run held against the one before it, over the questions that are still the same."""

    asked_at: datetime
    figures: Mapping[str, Figure]
    """What these questions came to then."""
    worse: tuple[Changed, ...]
    better: tuple[Changed, ...]
    new: int
    """Questions that are new or not what they were; they are not compared."""


def digest_of(question: GoldenQuestion) -> str:
    """Names a question with all that is expected of it: another digest is another question."""
    return hashlib.sha256(question.model_dump_json().encode()).hexdigest()[:16]


def read_run(path: Path) -> Run | None:
    """The run kept at ``path``; ``None`` if there is none.

    Raises :class:`KnowledgeError` for a file that is something else.
    """
    try:
        return Run.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise KnowledgeError(f"{path}: cannot be read: {error.strerror}") from error
    except ValidationError as error:
        raise KnowledgeError(f"{path}: is no result of an evaluation: remove it") from error


def keep_run(path: Path, result: Mapping[str, object]) -> None:
    """Store a result's JSON for the next run; raises :class:`KnowledgeError` if it cannot be."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(result, file, ensure_ascii=False, indent=1)
        Path(name).replace(path)
    except OSError as error:
        raise KnowledgeError(f"{path}: cannot be written: {error.strerror}") from error


def compare(before: Run, now: Sequence[Judged]) -> Comparison:
    """What got worse and what got better, question by question, in the order of ``now``."""
    kept = {(one.id, one.digest): one.scores for one in before.questions}
    worse: list[Changed] = []
    better: list[Changed] = []
    same: list[Mapping[str, float]] = []
    for judged in now:
        question = judged.question
        scores = kept.get((question.id, digest_of(question)))
        if scores is None:
            continue
        same.append(scores)
        moves = _moves(scores, judged.scores)
        for found, sign in ((worse, False), (better, True)):
            those = tuple(move for move in moves if _is_better(move) is sign)
            if those:
                found.append(Changed(judged, _telling(those)))
    return Comparison(
        asked_at=before.asked_at,
        figures=figures_of(same),
        worse=tuple(worse),
        better=tuple(better),
        new=len(now) - len(same),
    )


def _moves(before: Mapping[str, float], now: Mapping[str, float]) -> list[Move]:
    """What has moved. A figure that did not apply is a good one: there was nothing wrong."""
    moves = []
    for name, measure in BY_NAME.items():
        good = 0.0 if measure.lower_is_better else 1.0
        move = Move(name, before.get(name, good), now.get(name, good))
        if abs(move.now - move.before) > 1e-9:
            moves.append(move)
    return moves


def _is_better(move: Move) -> bool:
    return (move.now > move.before) is not BY_NAME[move.measure].lower_is_better


def _telling(moves: tuple[Move, ...]) -> tuple[Move, ...]:
    """Without what only repeats other figures, unless nothing else has moved."""
    return tuple(move for move in moves if move.measure not in _FOLLOW_FROM_OTHERS) or moves
