"""Which lines of a Word document are headings, and of what level."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.documents.docx.styles import TITLE
from bot.documents.markdown import MAX_LEVEL, Block, Heading, ListItem, Paragraph, Table

LONGEST_HEADING = 120
"""Characters: a bold paragraph that is longer is emphasis, not a title."""

_SENTENCE_ENDS = (".", ",", ";", "…")
_MOST_BOLD = 0.5
"""Where more of the text than this share is bold, bold means nothing."""


@dataclass(frozen=True)
class Line:
    """A paragraph outside lists; ``level`` is that of its style (``TITLE``, 1–9) or None."""

    text: str
    level: int | None = None
    bold: bool = False
    half_points: int = 0


def with_headings(parts: Sequence[Line | ListItem | Table]) -> list[Block]:
    """The parts as blocks. Styles decide; a document that uses none has its short bold
    paragraphs for headings, the larger ones above the smaller."""
    lines = [part for part in parts if isinstance(part, Line)]
    if any(line.level is not None for line in lines):
        titled = any(line.level == TITLE for line in lines)
        return [_styled(part, 1 if titled else 0) for part in parts]
    bold = [line for line in lines if _may_be_heading(line)]
    if sum(len(line.text) for line in lines if line.bold) > _MOST_BOLD * _letters(parts):
        bold = []
    sizes = sorted({line.half_points for line in bold}, reverse=True)
    levels = {line: min(sizes.index(line.half_points) + 1, MAX_LEVEL) for line in bold}
    return [_bold(part, levels) for part in parts]


def _letters(parts: Sequence[Line | ListItem | Table]) -> int:
    return sum(
        sum(len(cell) for row in part.rows for cell in row)
        if isinstance(part, Table)
        else len(part.text)
        for part in parts
    )


def _styled(part: Line | ListItem | Table, shift: int) -> Block:
    """A title takes the first level and moves the others one down."""
    if not isinstance(part, Line):
        return part
    if part.level is None:
        return Paragraph(part.text)
    return Heading(min(part.level + shift, MAX_LEVEL), part.text)


def _bold(part: Line | ListItem | Table, levels: dict[Line, int]) -> Block:
    if not isinstance(part, Line):
        return part
    return Heading(levels[part], part.text) if part in levels else Paragraph(part.text)


def _may_be_heading(line: Line) -> bool:
    short = len(line.text) <= LONGEST_HEADING and "\n" not in line.text
    return line.bold and short and not line.text.endswith(_SENTENCE_ENDS)
