"""Running headers, footers and page numbers: the same text at the same place of most pages."""

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.documents.pdf.line import Line
from bot.documents.pdf.pages import Page

_OUTERMOST = 3
"""Lines from the top and from the bottom of a page that may be furniture."""
_LARGEST = 1.1
"""To the size of the text: headers and footers are set smaller."""
_SHARE = 0.4
"""Of the pages: left and right pages may have headers of their own."""
_NUMBER = re.compile(
    r"\W*(?:стр(?:аница|\.)?|с\.|лист|page|p\.)?\W*(?:\d+|[ivxlc]+)(?:\W*(?:из|of|/)\W*\d+)?\W*",
    re.I,
)
_INTEGER = re.compile(r"\d{1,6}")
_COUNTED = "\0"
"""Stands for a number in the text of a key: no line has it."""
_GRID_POINTS = 4

Key = tuple[str, int]
"""What a line says and the height it stands at."""


def without_furniture(pages: Sequence[Page]) -> list[Page]:
    """The pages without what they repeat; where most have a header at one height, also without
    those that only the pages of one chapter share. Large letters are a heading's: kept."""
    repeated, largest = _repeated(pages), _LARGEST * _usual_size(pages)
    return [_without(page, repeated, largest) for page in pages]


def _repeated(pages: Sequence[Page]) -> frozenset[Key]:
    counts: Counter[Key] = Counter()
    for page in pages:
        edges = itertools.chain.from_iterable(_edges(page))
        counts.update({key for line in edges for key in _keys(line)})
    at_height: Counter[int] = Counter()
    for (text, height), count in counts.items():
        at_height[height] += count if count > 1 and _COUNTED not in text else 0
    least = max(2, _SHARE * len(pages))
    return frozenset(
        (text, height)
        for (text, height), count in counts.items()
        if count >= least or (count > 1 and at_height[height] >= least)
    )


def _usual_size(pages: Sequence[Page]) -> float:
    sizes: Counter[float] = Counter()
    for page in pages:
        for line in page.lines:
            sizes[line.look.size] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 0.0


def _without(page: Page, repeated: frozenset[Key], largest: float) -> Page:
    """From the edges inwards to the first line that is the page's own."""
    furniture: set[Line] = set()
    for edge in _edges(page):
        for number, line in enumerate(edge):
            known = not repeated.isdisjoint(_keys(line)) or (number == 0 and _is_number(line))
            if not known or line.look.size > largest:
                break
            furniture.add(line)
    return replace(page, lines=tuple(line for line in page.lines if line not in furniture))


def _edges(page: Page) -> tuple[list[Line], list[Line]]:
    """The outermost lines, from the top down and from the bottom up."""
    upwards = sorted(page.lines, key=lambda line: line.baseline)
    half = min(_OUTERMOST, len(upwards) // 2)
    return upwards[::-1][: len(upwards) - half][:_OUTERMOST], upwards[:half]


def _keys(line: Line) -> Iterator[Key]:
    """The line as it is, and with its first or last number counted from that of the page: a page
    number then stays the same, a price does not."""
    height = round(line.baseline / _GRID_POINTS)
    yield line.text, height
    numbers = list(_INTEGER.finditer(line.text))
    for number in {*numbers[:1], *numbers[-1:]}:
        offset = int(number.group()) - line.page
        before, after = line.text[: number.start()], line.text[number.end() :]
        yield f"{before}{_COUNTED}{offset}{after}", height


def _is_number(line: Line) -> bool:
    """A page number alone: its own, or a Roman one of a preface."""
    own = str(line.page + 1) in line.text or not _INTEGER.search(line.text)
    return own and _NUMBER.fullmatch(line.text) is not None
