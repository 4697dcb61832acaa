"""Lines of a page: runs that stand on one baseline, one after another."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from bot.documents.pdf.run import Look, Run

_SAME_LINE = 0.5
"""Of the size: exponents and indices stand that far from their line."""
_BLANK_FROM = 0.2
"""Of the size: the narrowest blank between words."""
_CELL_GAP = 1.5
"""Of the size: what is farther apart is in different columns or cells."""


@dataclass(frozen=True)
class Line:
    """Runs from left to right. ``page`` counts from 0."""

    runs: tuple[Run, ...]
    page: int

    @cached_property
    def text(self) -> str:
        """The runs with blanks where they stand apart."""
        parts: list[str] = []
        for number, run in enumerate(self.runs):
            if number and run.left - self.runs[number - 1].right > _BLANK_FROM * run.look.size:
                parts.append(" ")
            parts.append(run.text)
        return "".join(parts).strip()

    @cached_property
    def left(self) -> float:
        """Where the first letter begins, in points."""
        return min(run.left for run in self.runs)

    @cached_property
    def right(self) -> float:
        """Where the last letter ends, in points."""
        return max(run.right for run in self.runs)

    @cached_property
    def baseline(self) -> float:
        """Of most of its letters."""
        return _most({run.baseline: len(run.text) for run in self.runs})

    @cached_property
    def look(self) -> Look:
        """The size of most letters; bold only when all of them are."""
        sizes: Counter[float] = Counter()
        for run in self.runs:
            sizes[run.look.size] += len(run.text.strip())
        said = [run for run in self.runs if run.text.strip()]
        return Look(_most(sizes), all(run.look.bold for run in said))

    @property
    def mark(self) -> int:
        """The marked content its first letters belong to."""
        return self.runs[0].mark


def _most(weights: dict[float, int]) -> float:
    return max(weights, key=lambda value: weights[value])


def lines(runs: Sequence[Run], page: int) -> Iterator[Line]:
    """The lines in the order their runs were set; blank ones are left out.

    A wide gap ends a line, so that neighbouring columns and cells are lines of their own.
    """
    pending: list[Run] = []
    for run in runs:
        if pending and not _continues(pending[-1], run):
            yield from _line(pending, page)
            pending = []
        pending.append(run)
    yield from _line(pending, page)


def _continues(last: Run, run: Run) -> bool:
    size = max(last.look.size, run.look.size)
    gap = run.left - last.right
    return abs(run.baseline - last.baseline) < _SAME_LINE * size and -size < gap < _CELL_GAP * size


def _line(runs: list[Run], page: int) -> Iterator[Line]:
    if any(run.text.strip() for run in runs):
        yield Line(tuple(runs), page)
