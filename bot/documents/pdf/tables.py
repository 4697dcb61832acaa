"""Tables without tags: rows of short stretches of lines that stand side by side."""

import itertools
from collections.abc import Iterator, Sequence

from bot.documents.markdown import Table
from bot.documents.pdf.joining import joined
from bot.documents.pdf.line import Line

_TALLEST_CELL = 12
"""Lines: what is taller is a column of text."""
_LEADING = 2.2
"""Of the size: lines of one cell are not farther apart."""

Cell = list[Line]
Row = list[Cell]


def with_tables(lines: Sequence[Line]) -> list[Line | Table]:
    """The lines with those that make a table put together.

    A table has at least two rows of as many cells, one below the other.
    """
    found: list[Line | Table] = []
    pending: list[Row] = []
    for row in [*_rows(lines), []]:
        if pending and not _is_next(pending[-1], row):
            found += _table(pending)
            pending = []
        pending.append(row)
    return found


def _table(rows: list[Row]) -> list[Line | Table]:
    if len(rows) < 2:
        return [line for row in rows for cell in row for line in cell]
    texts = (tuple(joined([line.text for line in cell]) for cell in row) for row in rows)
    return [Table(tuple(texts))]


def _is_next(row: Row, other: Row) -> bool:
    """Whether two rows are of one table: cell stands below cell."""
    return len(row) == len(other) > 1 and all(
        _left(above) < _right(below) and _left(below) < _right(above)
        for above, below in zip(row, other, strict=True)
    )


def _rows(lines: Sequence[Line]) -> Iterator[Row]:
    row: Row = []
    for cell in _cells(lines):
        if row and not _beside(row[-1], cell):
            yield row
            row = []
        row.append(cell)
    if row:
        yield row


def _cells(lines: Sequence[Line]) -> Iterator[Cell]:
    """Lines that follow each other downwards; one with a neighbour at its right begins a row."""
    cell: Cell = []
    for line, following in itertools.zip_longest(lines, lines[1:]):
        if cell and (not _below(cell, line) or (following and _level(line, following))):
            yield cell
            cell = []
        cell.append(line)
    if cell:
        yield cell


def _level(line: Line, following: Line) -> bool:
    near = abs(line.baseline - following.baseline) < line.look.size / 2
    return near and following.left >= line.right


def _below(cell: Cell, line: Line) -> bool:
    """Whether a line goes on in a cell: under it and not left of its first one."""
    last = cell[-1]
    step = last.baseline - line.baseline
    return (
        0 < step <= _LEADING * min(line.look.size, last.look.size)
        and line.left > cell[0].left - line.look.size
        and line.left < _right(cell)
    )


def _beside(cell: Cell, other: Cell) -> bool:
    """Whether a cell stands right of another one, at the same height."""
    if max(len(cell), len(other)) > _TALLEST_CELL or other[0].left < _right(cell):
        return False
    half = other[0].look.size / 2
    return (
        other[-1].baseline <= cell[0].baseline + half
        and cell[-1].baseline <= other[0].baseline + half
    )


def _left(cell: Cell) -> float:
    return min(line.left for line in cell)


def _right(cell: Cell) -> float:
    return max(line.right for line in cell)
