"""Justified lines whose words were spread so far apart that they look like cells."""

import itertools
from collections.abc import Iterator, Sequence

from bot.documents.pdf.line import Line

_EVEN = 0.25
"""Of the size: the blanks of one line are that equal."""
_EDGE = 0.5
"""Of the size: lines of one column end that near to each other."""
_STEP = 2.2
"""Of the size: neighbouring lines of one column are not farther apart."""


def with_spread_lines(lines: Sequence[Line]) -> list[Line]:
    """The lines with spread ones whole again: their blanks are equal, and they begin and end
    where the line before or after them does."""
    rows = list(_rows(lines))
    whole: list[Line] = []
    for number, row in enumerate(rows):
        near = [*whole[-1:], *(rows[number + 1] if number + 1 < len(rows) else [])]
        if len(row) > 1 and _is_even(row) and any(_frames(other, row) for other in near):
            runs = itertools.chain.from_iterable(piece.runs for piece in row)
            whole.append(Line(tuple(runs), row[0].page))
        else:
            whole += row
    return whole


def _rows(lines: Sequence[Line]) -> Iterator[list[Line]]:
    row: list[Line] = []
    for line in lines:
        if row and not _is_right_of(row[-1], line):
            yield row
            row = []
        row.append(line)
    if row:
        yield row


def _is_right_of(last: Line, line: Line) -> bool:
    return last.baseline == line.baseline and line.left >= last.right


def _is_even(row: Sequence[Line]) -> bool:
    gaps = [line.left - last.right for last, line in itertools.pairwise(row)]
    return max(gaps) - min(gaps) < _EVEN * row[0].look.size


def _frames(other: Line, row: Sequence[Line]) -> bool:
    """Whether a line of the same column stands directly above or below the row."""
    near = _EDGE * row[0].look.size
    return (
        0 < abs(other.baseline - row[0].baseline) <= _STEP * row[0].look.size
        and other.left < row[0].left + near
        and abs(other.right - row[-1].right) < near
    )
