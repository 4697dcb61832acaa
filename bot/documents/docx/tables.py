"""Tables of a Word document as rows of equally many cells."""

from collections.abc import Callable, Iterator

from bot.documents.docx.xmltree import Element, children, value

Rows = tuple[tuple[str, ...], ...]

_MOST_COLUMNS = 60
"""Word itself stops at 63."""


def rows_of(table: Element, text: Callable[[Element], str]) -> Rows:
    """The rows that have text, filled up to one length.

    A cell merged over rows says its text in each of them, one merged over some of the columns
    in each of these, because a row is read alone; one merged over the whole row says it once.
    """
    rows: list[list[str]] = []
    for row in _present_rows(table):
        above = rows[-1] if rows else []
        cells: list[str] = []
        for cell in _cells(row):
            cells += _merged(cell, text, above[len(cells) : len(cells) + 1])
        rows.append(_unrepeated(cells, row)[:_MOST_COLUMNS])
    columns = max((len(row) for row in rows), default=0)
    return tuple((*row, *[""] * (columns - len(row))) for row in rows if any(row))


def frame(table: Element) -> list[Element] | None:
    """The cells of a table of one column, which is a frame around ordinary text; else None."""
    rows = [list(_cells(row)) for row in _present_rows(table)]
    if any(sum(map(_span, cells)) > 1 and len(cells) > 1 for cells in rows):
        return None
    return [cell for cells in rows for cell in cells]


def _cells(row: Element) -> Iterator[Element]:
    return (child for child in children(row) if child.tag == "tc")


def _present_rows(table: Element) -> Iterator[Element]:
    """The rows without those that a tracked change deleted."""
    for row in children(table):
        if row.tag == "tr" and row.find("trPr/del") is None:
            yield row


def _merged(cell: Element, text: Callable[[Element], str], above: list[str]) -> list[str]:
    own = text(cell)
    if not own and above and value(cell, "tcPr/vMerge") in ("", "continue"):
        own = above[0]
    return [own] * _span(cell)


def _span(cell: Element) -> int:
    """How many columns a cell takes."""
    span = value(cell, "tcPr/gridSpan") or ""
    return max(int(span), 1) if span.isascii() and span.isdigit() and len(span) < 3 else 1


def _unrepeated(cells: list[str], row: Element) -> list[str]:
    alone = len(list(_cells(row))) == 1
    return [cells[0], *[""] * (len(cells) - 1)] if alone else cells
