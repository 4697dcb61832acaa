"""The picture of all thresholds at once: which share each base answers, and which is refused."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from webadmin.settings.effect import VERDICTS, Scored, Verdict, verdict

STEPS = 100
"""Thresholds are hundredths, as the slider has them."""
_GRID = tuple(step / STEPS for step in range(STEPS + 1))


@dataclass(frozen=True)
class Area:
    """One verdict's share at every threshold, as the points of an SVG polygon of 100 by 100."""

    verdict: Verdict
    points: str


def areas(scored: Sequence[Scored]) -> list[Area]:
    """The shares on top of each other, from the bottom: general, tech, refused."""
    counts = _counts_by_threshold(scored)
    totals = [sum(column) or 1 for column in zip(*counts.values(), strict=True)]
    below, found = [0.0] * len(_GRID), []
    for kind in VERDICTS:
        above = [
            under + 100 * count / total
            for under, count, total in zip(below, counts[kind], totals, strict=True)
        ]
        found.append(Area(kind, _polygon(below, above)))
        below = above
    return found


def _counts_by_threshold(scored: Sequence[Scored]) -> dict[Verdict, list[int]]:
    """How many questions have each verdict at each threshold of the grid.

    Thresholds are compared with nothing but the scores, so a verdict can change only just above
    one of them: three looks at a question tell all hundred.
    """
    differences = {kind: [0] * (len(_GRID) + 1) for kind in VERDICTS}
    for one in scored:
        begin = 0
        for bound in (*sorted(one.scores.best.values()), 1.0):
            end = len(_GRID) if bound >= 1.0 else bisect_left(_GRID, bound)
            end = end + 1 if end < len(_GRID) and _GRID[end] == bound else end
            if end > begin:
                found = differences[verdict(one.scores, _GRID[end - 1])]
                found[begin] += one.question.times
                found[end] -= one.question.times
                begin = end
    return {kind: list(accumulate(steps))[:-1] for kind, steps in differences.items()}


def _polygon(below: Sequence[float], above: Sequence[float]) -> str:
    """There along the upper edge and back along the lower one; SVG counts from the top."""
    there = [f"{100 * at:g},{100 - share:.2f}" for at, share in zip(_GRID, above, strict=True)]
    back = [f"{100 * at:g},{100 - share:.2f}" for at, share in zip(_GRID, below, strict=True)]
    return " ".join([*there, *back[::-1]])
