"""A whole call in numbers: how long its caller waited, and what went otherwise than wanted."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from bot.records import STAGES, Stage
from webadmin.logs.dialogue import ShownLine


@dataclass(frozen=True)
class StageTotal:
    """A stage over all turns of a call, milliseconds; ``slowest`` is the line it took longest in.

    Lines count from 0.
    """

    stage: Stage
    usual_ms: float
    longest_ms: float
    slowest: int


@dataclass(frozen=True)
class Tally:
    """How often something happened: ``words`` with ``number`` beside them; ``tone`` of a badge."""

    words: str
    number: int
    tone: str


@dataclass(frozen=True)
class Summary:
    """The numbers of one dialogue."""

    lines: Sequence[ShownLine]

    @property
    def stages(self) -> list[StageTotal]:
        """Every stage that took place in some turn."""
        totals = (self._total(stage) for stage in STAGES)
        return [total for total in totals if total]

    @property
    def tallies(self) -> list[Tally]:
        """What happened at least once."""
        lines = self.lines
        found = (
            Tally("реплик абонента", sum(line.role == "user" for line in lines), "secondary"),
            Tally("ответов", sum(line.kind == "answer" for line in lines), "secondary"),
            Tally("из кэша", sum(line.trace.cached for line in lines), "secondary"),
            Tally("перебили", sum(line.interrupted for line in lines), "warning"),
            Tally("ответа в базах нет", sum(line.trace.unanswered for line in lines), "danger"),
            Tally("замена службы", sum(bool(line.trace.fallbacks) for line in lines), "warning"),
            Tally("сбой", sum(line.failure is not None for line in lines), "danger"),
        )
        return [tally for tally in found if tally.number]

    def _total(self, stage: Stage) -> StageTotal | None:
        taken = {
            place: line.timings_ms[stage]
            for place, line in enumerate(self.lines)
            if stage in line.timings_ms
        }
        if not taken:
            return None
        slowest = max(taken, key=lambda place: taken[place])
        return StageTotal(stage, median(taken.values()), taken[slowest], slowest)
