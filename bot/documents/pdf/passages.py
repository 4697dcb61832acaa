"""The pages as one sequence of stretches and tables, in reading order."""

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.documents.markdown import Table
from bot.documents.pdf.columns import in_reading_order
from bot.documents.pdf.divisions import with_divisions_marked
from bot.documents.pdf.furniture import without_furniture
from bot.documents.pdf.joining import joined
from bot.documents.pdf.justified import with_spread_lines
from bot.documents.pdf.line import Line
from bot.documents.pdf.pages import Page
from bot.documents.pdf.paragraphs import has_room, paragraphs
from bot.documents.pdf.passage import Passage, Stretch
from bot.documents.pdf.tables import with_tables
from bot.documents.pdf.tags import Tag

_LEADERS = re.compile(r"(?:\.\s?){4,}\s*\d+$|…{2,}\s*\d+$|(?:_\s?){4,}\d+$")
"""A line of the contents: dots lead to a page number."""
_SENTENCE_END = re.compile(r"[.!?:;…]\W*$")


def passages(pages: Sequence[Page]) -> list[Passage]:
    """What the pages say; what goes on over the end of a page or column is one."""
    found: list[Passage] = []
    for page in with_divisions_marked(without_furniture(pages)):
        for number, passage in enumerate(_tagged(page) if page.tags else _untagged(page)):
            merged = _merged(found[-1], passage, opens_page=number == 0) if found else None
            if merged is None:
                found.append(passage)
            else:
                found[-1] = merged
    return found


def _untagged(page: Page) -> Iterator[Passage]:
    lines = [line for line in page.lines if not _LEADERS.search(line.text)]
    pending: list[Line] = []
    for part in with_tables(in_reading_order(with_spread_lines(lines))):
        if isinstance(part, Line):
            pending.append(part)
            continue
        yield from paragraphs(pending)
        pending = []
        yield part
    yield from paragraphs(pending)


def _tagged(page: Page) -> Iterator[Passage]:
    """By the tags: lines of one block are one stretch, cells of one table are a table."""
    blocks = itertools.groupby(page.lines, key=lambda line: page.tags[line.mark].block)
    stretches = [_stretch(page, list(block)) for _, block in blocks]
    for table, group in itertools.groupby(stretches, key=lambda found: _table_of(page, found)):
        if table is None:
            yield from group
        else:
            yield _table(page, list(group))


def _tag(page: Page, line: Line) -> Tag:
    return page.tags[line.mark]


def _table_of(page: Page, stretch: Stretch) -> int | None:
    cell = _tag(page, stretch.lines[0]).cell
    return None if cell is None else cell.table


def _stretch(page: Page, lines: Sequence[Line]) -> Stretch:
    label = [line for line in lines if _tag(page, line).label]
    tag = _tag(page, lines[0])
    said = tuple(line for line in lines if not _tag(page, line).label)
    return Stretch(
        said or tuple(label), tag.level, tag.depth, joined([line.text for line in label])
    )


def _table(page: Page, cells: Sequence[Stretch]) -> Table:
    places = {
        (cell.row, cell.column): found.text
        for found in cells
        if (cell := _tag(page, found.lines[0]).cell)
    }
    rows = sorted({row for row, _ in places})
    columns = range(max(column for _, column in places) + 1)
    return Table(tuple(tuple(places.get((row, column), "") for column in columns) for row in rows))


def _merged(last: Passage, first: Passage, *, opens_page: bool) -> Passage | None:
    """Two neighbours as one, where the first was cut by the end of its page or column."""
    if isinstance(last, Table) and isinstance(first, Table):
        if not opens_page or len(last.rows[0]) != len(first.rows[0]):
            return None
        return Table(last.rows + first.rows[first.rows[0] == last.rows[0] :])
    if isinstance(last, Stretch) and isinstance(first, Stretch) and _runs_on(last, first):
        return replace(last, lines=last.lines + first.lines)
    return None


def _runs_on(last: Stretch, first: Stretch) -> bool:
    """Whether a text goes on higher up: in the next column or on the next page."""
    above = first.page > last.lines[-1].page or first.lines[0].baseline > last.lines[-1].baseline
    if not above or last.look != first.look or first.label or _SENTENCE_END.search(last.text):
        return False
    if last.level is not None or first.level is not None:
        return False
    edge = max(line.right for line in last.lines)
    full = len(last.lines) > 1 and not has_room(last.lines[-1], first.lines[0], edge)
    return first.text[:1].islower() or full
