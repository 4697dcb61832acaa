"""Figures of many questions together: all of them, by base, by kind, by half."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np

from bot.evaluation.measures import MEASURES, Judged
from bot.evaluation.running import Outcome
from bot.golden import Kind, is_held_out
from bot.retrieval import BASES

HALVES = ("held_out", "other")
NO_BASE = "none"
_ORDER = (*BASES, NO_BASE, *get_args(Kind), *HALVES)


@dataclass(frozen=True)
class Figure:
    """A measure over several questions; a share is ``total`` of ``of``, a count is ``total``."""

    total: float
    of: int
    is_count: bool = False

    @property
    def value(self) -> float:
        return self.total if self.is_count else self.total / self.of


@dataclass(frozen=True)
class Times:
    """Milliseconds that half, and 95 of 100, of the answers need at the most."""

    p50: float
    p95: float


@dataclass(frozen=True)
class Summary:
    """What some questions come to. ``figures`` holds only the measures that apply."""

    questions: int
    failed: int
    figures: Mapping[str, Figure]
    first_sentence_ms: Times | None
    total_ms: Times | None
    requests: Mapping[str, int]
    """Requests of the first pass by service."""


def summarise(judged: Sequence[Judged]) -> Summary:
    """The figures of these questions together."""
    outcomes = [one.outcome for one in judged]
    whole = [outcome for outcome in outcomes if not outcome.failure]
    return Summary(
        questions=len(judged),
        failed=len(outcomes) - len(whole),
        figures=figures_of([one.scores for one in judged]),
        first_sentence_ms=_times(
            [o.first_sentence_ms for o in whole if o.first_sentence_ms is not None]
        ),
        total_ms=_times([outcome.total_ms for outcome in whole]),
        requests=requests_of(outcomes),
    )


def figures_of(scores: Sequence[Mapping[str, float]]) -> dict[str, Figure]:
    """Each measure over those of the questions that it applies to, if there are any."""
    found: dict[str, Figure] = {}
    for measure in MEASURES:
        values = [one[measure.name] for one in scores if measure.name in one]
        if values:
            found[measure.name] = Figure(sum(values), len(values), measure.is_count)
    return found


def by_base(judged: Sequence[Judged]) -> dict[str, Summary]:
    """By the base that answers; ``none`` are the questions that neither does."""
    return _by(judged, lambda one: one.question.base or NO_BASE)


def by_kind(judged: Sequence[Judged]) -> dict[str, Summary]:
    """By :data:`bot.golden.Kind`."""
    return _by(judged, lambda one: one.question.kind)


def by_half(judged: Sequence[Judged]) -> dict[str, Summary]:
    """The half that nothing was fitted to, and the other one."""
    return _by(judged, lambda one: HALVES[0] if is_held_out(one.question) else HALVES[1])


def requests_of(outcomes: Iterable[Outcome]) -> dict[str, int]:
    """Requests made by service, those of failed questions among them."""
    counted: Counter[str] = Counter()
    for outcome in outcomes:
        counted.update(outcome.trace.requests)
    return dict(counted)


def _by(judged: Sequence[Judged], group: Callable[[Judged], str]) -> dict[str, Summary]:
    names = [group(one) for one in judged]
    return {
        name: summarise([one for one, its in zip(judged, names, strict=True) if its == name])
        for name in sorted(set(names), key=_ORDER.index)
    }


def _times(values: Sequence[float]) -> Times | None:
    if not values:
        return None
    p50, p95 = np.percentile(values, (50, 95))
    return Times(float(p50), float(p95))
