"""A document as blocks, and the blocks as Markdown of a knowledge base."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

SEPARATOR = "<<->>"
"""The mark of :mod:`bot.search.knowledge`, which is not imported: it brings the search engine."""

MAX_LEVEL = 6

_MISREAD = re.compile(r"^( {0,3})(?=#{1,6}[ \t]|`{3}|~{3})", re.MULTILINE)
"""Where an ordinary line would be taken for a heading or for the fence of a code block."""


@dataclass(frozen=True)
class Heading:
    """The title of a section; ``level`` is 1 to 6."""

    level: int
    text: str


@dataclass(frozen=True)
class Paragraph:
    """Text; its lines are those the author broke."""

    text: str


@dataclass(frozen=True)
class ListItem:
    """An item of a list; ``depth`` is 0 for the outermost list, ``number`` None for a bullet."""

    text: str
    depth: int
    number: int | None


@dataclass(frozen=True)
class Table:
    """Rows of equally many cells, the first one being the header."""

    rows: tuple[tuple[str, ...], ...]


Block = Heading | Paragraph | ListItem | Table


def render(blocks: Sequence[Block]) -> str:
    """Markdown as the bundled bases are written: ``<<->>`` before a section, so that no chunk
    begins in one section and ends in another. A section of nothing but a title has none after it.
    """
    parts: list[str] = []
    previous: Block | None = None
    for block in blocks:
        if isinstance(block, Heading) and previous and not _opens_section(previous):
            parts += ["\n\n", SEPARATOR]
        parts += [_gap(previous, block), _markdown(block)]
        previous = block
    return "".join(parts) + "\n"


def _opens_section(block: Block) -> bool:
    return isinstance(block, Heading) or (isinstance(block, Paragraph) and block.text == SEPARATOR)


def _gap(previous: Block | None, block: Block) -> str:
    if previous is None:
        return ""
    return "\n" if isinstance(previous, ListItem) and isinstance(block, ListItem) else "\n\n"


def _markdown(block: Block) -> str:
    match block:
        case Heading(level, text):
            return f"{'#' * min(level, MAX_LEVEL)} {_one_line(text)}"
        case Paragraph(text):
            return _MISREAD.sub(r"\1\\", text)
        case ListItem(text, depth, number):
            mark = "-" if number is None else f"{number}."
            return f"{'  ' * depth}{mark} {_one_line(text)}"
        case Table(rows):
            return "\n".join(_table(rows))


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    for number, row in enumerate(rows):
        yield f"| {' | '.join(_one_line(cell).replace('|', chr(92) + '|') for cell in row)} |"
        if number == 0:
            yield f"|{' --- |' * len(row)}"


def _one_line(text: str) -> str:
    return " ".join(text.split())
