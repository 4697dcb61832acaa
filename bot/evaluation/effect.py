"""What another fallback threshold would do to these questions."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.evaluation.running import Outcome
from bot.golden import REFUSED

THRESHOLDS = tuple(step / 20 for step in range(1, 13))
"""0.05 … 0.6."""


@dataclass(frozen=True)
class Effect:
    """Shares of the questions that a threshold refuses; ``None`` when there are none of a sort."""

    threshold: float
    refused_answerable: float | None
    refused_no_answer: float | None


def effects(outcomes: Sequence[Outcome]) -> list[Effect]:
    """The effect of each of :data:`THRESHOLDS`, from the relevances that were reached.

    Above the threshold of the run a second base was not always asked, which might have
    reached more: there the shares are the most that can be refused.
    """
    searched = [o for o in outcomes if not o.failure and not o.trace.control]
    answerable = [best_relevance(o) for o in searched if o.question.base is not None]
    hopeless = [best_relevance(o) for o in searched if o.question.kind in REFUSED]
    return [Effect(at, _share_below(answerable, at), _share_below(hopeless, at))
            for at in THRESHOLDS]  # fmt: skip


def best_relevance(outcome: Outcome) -> float:
    """The best relevance that any base reached, 0…1."""
    of_passages = (passage.relevance for passage in outcome.trace.passages)
    return max((*outcome.trace.scores.values(), *of_passages), default=0.0)


def _share_below(values: Sequence[float], threshold: float) -> float | None:
    return sum(value < threshold for value in values) / len(values) if values else None
