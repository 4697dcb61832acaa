"""A result as JSON: for scripts, and for the next run to be compared with."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from bot.evaluation.figures import Figure, Summary
from bot.evaluation.measures import Judged
from bot.evaluation.previous import Changed, Comparison, digest_of
from bot.evaluation.repeating import Again
from bot.evaluation.result import Result
from bot.evaluation.thresholds import Verdict
from bot.golden import is_held_out

Json = dict[str, Any]
_DIGITS = 4


def as_json(result: Result) -> Json:
    """The whole result: figures in every grouping, and each question with its answer."""
    circumstances = asdict(result.circumstances)
    circumstances["asked_at"] = result.circumstances.asked_at.isoformat(timespec="seconds")
    return {
        **circumstances,
        "releases": list(result.releases),
        "passed": result.passed,
        "figures": {name: one.value for name, one in result.total.figures.items()},
        "all": _summary(result.total),
        "by_base": _summaries(result.by_base),
        "by_kind": _summaries(result.by_kind),
        "by_half": _summaries(result.by_half),
        "thresholds": [_verdict(verdict) for verdict in result.verdicts],
        "threshold_effect": [asdict(effect) for effect in result.effects],
        "requests": dict(result.requests),
        "comparison": _comparison(result.comparison),
        "questions": [_question(judged) for judged in result.judged],
        "cache": [_turn(turn) for turn in result.evaluated.turns],
    }


def _summaries(groups: Mapping[str, Summary]) -> Json:
    return {name: _summary(summary) for name, summary in groups.items()}


def _summary(summary: Summary) -> Json:
    return {
        "questions": summary.questions,
        "failed": summary.failed,
        "figures": {name: _figure(figure) for name, figure in summary.figures.items()},
        "first_sentence_ms": asdict(summary.first_sentence_ms) if summary.first_sentence_ms else {},
        "total_ms": asdict(summary.total_ms) if summary.total_ms else {},
        "requests": dict(summary.requests),
    }


def _figure(figure: Figure) -> Json:
    return {
        "value": round(figure.value, _DIGITS),
        "total": round(figure.total, _DIGITS),
        "of": figure.of,
    }


def _verdict(verdict: Verdict) -> Json:
    return {
        **asdict(verdict.threshold),
        "reached": verdict.figure.value if verdict.figure else None,
        "met": verdict.met,
    }


def _comparison(comparison: Comparison | None) -> Json | None:
    if comparison is None:
        return None
    return {
        "asked_at": comparison.asked_at.isoformat(timespec="seconds"),
        "worse": [_changed(changed) for changed in comparison.worse],
        "better": [_changed(changed) for changed in comparison.better],
        "new": comparison.new,
    }


def _changed(changed: Changed) -> Json:
    moves = {move.measure: [move.before, move.now] for move in changed.moves}
    question = changed.judged.question
    return {"id": question.id, "question": question.question, "moves": moves}


def _question(judged: Judged) -> Json:
    outcome, question = judged.outcome, judged.question
    return {
        "id": question.id,
        "digest": digest_of(question),
        "kind": question.kind,
        "base": question.base,
        "held_out": is_held_out(question),
        "question": question.question,
        "answer": outcome.answer,
        "failure": outcome.failure,
        "scores": dict(judged.scores),
        "remarks": list(judged.remarks),
        "first_sentence_ms": outcome.first_sentence_ms,
        "total_ms": outcome.total_ms,
        "trace": asdict(outcome.trace),
    }


def _turn(turn: Again) -> Json:
    outcome = turn.outcome
    return {
        "id": outcome.question.id,
        "role": turn.role,
        "asked": outcome.asked,
        "hit": outcome.trace.cached,
        "answer": outcome.answer,
        "failure": outcome.failure,
        "headings": [passage.heading for passage in outcome.trace.passages],
    }
