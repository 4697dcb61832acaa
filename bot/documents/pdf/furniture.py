"""Running headers, footers and page numbers: the same text at the same place of most pages."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.documents.pdf.line import Line
from bot.documents.pdf.source import Page

_OUTERMOST = 3
"""Lines from the top and from the bottom of a page that may be furniture."""
_SHARE = 0.4
"""Of the pages: left and right pages may have headers of their own."""
_NUMBER = re.compile(
    r"\W*(?:стр(?:аница|\.)?|с\.|лист|page|p\.)?\W*\d+(?:\W*(?:из|of|/)\W*\d+)?\W*", re.I
)
_INTEGER = re.compile(r"\d{1,6}")
_GRID_POINTS = 4

Key = tuple[str, int]
"""What a line says and the height it stands at."""


def without_furniture(pages: Sequence[Page]) -> list[Page]:
    """The pages without what they repeat; a short document keeps all but page numbers."""
    counts: Counter[Key] = Counter()
    for page in pages:
        counts.update({key for line in _outermost(page) for key in _keys(line)})
    least = max(2, _SHARE * len(pages))
    repeated = frozenset(key for key, count in counts.items() if count >= least)
    return [_without(page, repeated) for page in pages]


def _without(page: Page, repeated: frozenset[Key]) -> Page:
    outermost = _outermost(page)
    furniture = {
        line
        for line in outermost
        if not repeated.isdisjoint(_keys(line)) or _is_its_number(line, page, outermost)
    }
    return replace(page, lines=tuple(line for line in page.lines if line not in furniture))


def _outermost(page: Page) -> list[Line]:
    by_height = sorted(page.lines, key=lambda line: line.baseline)
    return [*by_height[:_OUTERMOST], *by_height[_OUTERMOST:][-_OUTERMOST:]]


def _keys(line: Line) -> Iterator[Key]:
    """The line as it is, and with its first or last number counted from that of the page: a page
    number then stays the same, a price does not."""
    height = round(line.baseline / _GRID_POINTS)
    yield line.text, height
    numbers = list(_INTEGER.finditer(line.text))
    for number in {*numbers[:1], *numbers[-1:]}:
        offset = int(number.group()) - line.page
        yield f"{line.text[: number.start()]}#{offset}{line.text[number.end() :]}", height


def _is_its_number(line: Line, page: Page, outermost: Sequence[Line]) -> bool:
    """A number of the page alone in its first or last line."""
    edge = line in (outermost[0], outermost[-1])
    return edge and str(page.number + 1) in line.text and _NUMBER.fullmatch(line.text) is not None
