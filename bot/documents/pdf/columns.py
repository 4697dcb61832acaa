"""Columns that were set line by line across the page: each is read to its end first.

Most programs write the text of a page in reading order, and that order is kept. Some printer
drivers sort it from top to bottom; then lines of neighbouring columns alternate.
"""

from collections.abc import Iterator, Sequence

from bot.documents.pdf.line import Line

_FEWEST_ROWS = 4
_CONTINUED_SHARE = 0.5
_ENDS = (".", "!", "?", ":", ";", "»", ")")


def in_reading_order(lines: Sequence[Line]) -> list[Line]:
    """The lines with alternating columns taken apart; tables, whose cells alternate too, are
    left: their lines do not run on from one row to the next."""
    ordered: list[Line] = []
    for rows in _stretches(lines):
        columns = list(zip(*rows, strict=True))
        if len(rows) >= _FEWEST_ROWS and len(columns) > 1 and all(map(_runs_on, columns)):
            ordered += [line for column in columns for line in column]
        else:
            ordered += [line for row in rows for line in row]
    return ordered


def _stretches(lines: Sequence[Line]) -> Iterator[list[list[Line]]]:
    """Successive rows of equally many lines in the same places."""
    stretch: list[list[Line]] = []
    for row in _rows(lines):
        if stretch and not _same_places(stretch[-1], row):
            yield stretch
            stretch = []
        stretch.append(row)
    if stretch:
        yield stretch


def _rows(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """Lines that follow each other on one baseline from left to right."""
    row: list[Line] = []
    for line in lines:
        if row and not (_level(row[-1], line) and line.left >= row[-1].right):
            yield row
            row = []
        row.append(line)
    if row:
        yield row


def _level(line: Line, other: Line) -> bool:
    return abs(line.baseline - other.baseline) < line.look.size / 2


def _same_places(row: Sequence[Line], other: Sequence[Line]) -> bool:
    return len(row) == len(other) and all(
        above.left < below.right and below.left < above.right and below.baseline < above.baseline
        for above, below in zip(row, other, strict=True)
    )


def _runs_on(column: Sequence[Line]) -> bool:
    """Whether the lines of a column are one text: most do not end where a sentence does."""
    inner = column[:-1]
    continued = sum(
        not line.text.endswith(_ENDS) and following.text[:1].islower()
        for line, following in zip(inner, column[1:], strict=True)
    )
    return continued >= _CONTINUED_SHARE * len(inner)
