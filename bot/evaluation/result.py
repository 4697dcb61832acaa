"""The result of an evaluation: its figures in every grouping, held against what is wanted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.evaluation.effect import Effect, effects
from bot.evaluation.evaluating import Evaluated
from bot.evaluation.figures import Summary, by_base, by_half, by_kind, requests_of, summarise
from bot.evaluation.measures import Judged
from bot.evaluation.previous import Comparison, Run, compare
from bot.evaluation.running import Outcome
from bot.evaluation.thresholds import Threshold, Verdict, judge_thresholds


@dataclass(frozen=True)
class Circumstances:
    """What was asked, when, and with what."""

    file: str
    asked_at: datetime
    seconds: float
    llm: str
    embeddings: str
    threshold: float
    """Relevance below which a base is taken not to hold the answer."""


@dataclass(frozen=True)
class Result:
    """Everything that the report and the JSON tell."""

    circumstances: Circumstances
    evaluated: Evaluated
    total: Summary
    by_base: Mapping[str, Summary]
    by_kind: Mapping[str, Summary]
    by_half: Mapping[str, Summary]
    effects: Sequence[Effect]
    verdicts: Sequence[Verdict]
    comparison: Comparison | None
    """``None`` when there is no earlier run of the same file."""
    partial: bool
    """Only questions of some kinds were asked."""

    @property
    def judged(self) -> Sequence[Judged]:
        return self.evaluated.judged

    @property
    def passed(self) -> bool:
        """Whether every threshold is met."""
        return all(verdict.met for verdict in self.verdicts)

    @property
    def outcomes(self) -> Sequence[Outcome]:
        """Every turn of both passes, in their order."""
        judged, turns = self.evaluated.judged, self.evaluated.turns
        return [*(one.outcome for one in judged), *(turn.outcome for turn in turns)]

    @property
    def requests(self) -> Mapping[str, int]:
        """All requests made, by service."""
        return requests_of(self.outcomes)

    @property
    def releases(self) -> Sequence[int]:
        """Numbers of the releases that answered; more than one: it changed meanwhile."""
        return sorted({one.trace.release for one in self.outcomes if not one.failure})


def result_of(
    circumstances: Circumstances,
    evaluated: Evaluated,
    thresholds: Sequence[Threshold],
    before: Run | None,
    *,
    partial: bool,
) -> Result:
    """Everything that there is to tell about an evaluation.

    One that is ``partial``, of some kinds only, is not held against thresholds that none of
    its questions is about.
    """
    judged, total = evaluated.judged, summarise(evaluated.judged)
    wanted = [one for one in thresholds if not partial or one.measure in total.figures]
    return Result(
        circumstances=circumstances,
        evaluated=evaluated,
        total=total,
        by_base=by_base(judged),
        by_kind=by_kind(judged),
        by_half=by_half(judged),
        effects=effects([one.outcome for one in judged]),
        verdicts=judge_thresholds(wanted, total.figures),
        comparison=compare(before, judged) if before else None,
        partial=partial,
    )


def is_kept(result: Result) -> bool:
    """Whether the next run is to be compared with this one: it is whole, and no service failed."""
    has_failed = any(one.failure or one.trace.fallbacks for one in result.outcomes)
    return not (result.partial or has_failed)
