"""What another threshold does to questions whose scores are known. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from bot.retrieval import BASES
from bot.search.routedsearch import choose
from webadmin.settings.asked import Question
from webadmin.settings.scorebook import Scores

Verdict = Literal["general", "tech", "refused"]
VERDICTS: tuple[Verdict, ...] = (*BASES, "refused")
Kind = Literal["refused", "answered", "moved"]
KINDS: tuple[Kind, ...] = ("refused", "answered", "moved")
"""A question gets no answer any more, gets one now, or gets it from the other base."""


@dataclass(frozen=True)
class Scored:
    """A question and its scores."""

    question: Question
    scores: Scores


def verdict(scores: Scores, threshold: float) -> Verdict:
    """Which base answers, as far as the search decides it."""
    chosen = choose(scores.best, scores.first, threshold)
    return chosen.base if chosen.enough else "refused"


@dataclass(frozen=True)
class Switched:
    """A question that the new threshold treats otherwise."""

    question: Question
    scores: Scores
    before: Verdict
    after: Verdict

    @property
    def kind(self) -> Kind:
        """What becomes of it."""
        if self.after == "refused":
            return "refused"
        return "answered" if self.before == "refused" else "moved"


@dataclass(frozen=True)
class Effect:
    """Both thresholds beside each other. A question counts as often as it was asked."""

    scored: Sequence[Scored]
    old: float
    new: float

    @property
    def total(self) -> int:
        """How many questions."""
        return sum(one.question.times for one in self.scored)

    @cached_property
    def before(self) -> Mapping[Verdict, int]:
        """How many each base answers with the old threshold, and how many are refused."""
        return _counts((one, before) for one, before, _ in self._compared)

    @cached_property
    def after(self) -> Mapping[Verdict, int]:
        """The same with the new one."""
        return _counts((one, after) for one, _, after in self._compared)

    @cached_property
    def switched(self) -> list[Switched]:
        """The questions that change, those asked most often first."""
        found = [
            Switched(one.question, one.scores, before, after)
            for one, before, after in self._compared
            if before != after
        ]
        return sorted(found, key=lambda one: -one.question.times)

    @cached_property
    def kinds(self) -> Mapping[Kind, int]:
        """How many change in which way."""
        counts: Counter[Kind] = Counter()
        for one in self.switched:
            counts[one.kind] += one.question.times
        return counts

    @cached_property
    def _compared(self) -> list[tuple[Scored, Verdict, Verdict]]:
        """Each question with its verdict at the old threshold and at the new one."""
        return [
            (one, verdict(one.scores, self.old), verdict(one.scores, self.new))
            for one in self.scored
        ]


def _counts(judged: Iterable[tuple[Scored, Verdict]]) -> Counter[Verdict]:
    counts: Counter[Verdict] = Counter()
    for one, said in judged:
        counts[said] += one.question.times
    return counts
