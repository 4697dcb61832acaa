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
    """The parts as blocks. Styles decide; a document that uses none, or only that of a title,
    has its short bold paragraphs for headings, the larger ones above the smaller."""
    used = {part.level for part in parts if isinstance(part, Line)} - {None}
    shift = 1 if TITLE in used else 0
    bold = {} if used - {TITLE} else _bold_levels(parts)
    return [_block(part, bold, shift) for part in parts]


def _bold_levels(parts: Sequence[Line | ListItem | Table]) -> dict[Line, int]:
    lines = [part for part in parts if isinstance(part, Line) and part.bold]
    if sum(len(line.text) for line in lines) > _MOST_BOLD * _letters(parts):
        return {}
    found = [line for line in lines if _may_be_heading(line)]
    sizes = sorted({line.half_points for line in found}, reverse=True)
    return {line: sizes.index(line.half_points) + 1 for line in found}


def _block(part: Line | ListItem | Table, bold: dict[Line, int], shift: int) -> Block:
    """A title takes the first level and moves the others one down."""
    if not isinstance(part, Line):
        return part
    level = part.level if part.level is not None else bold.get(part)
    return (
        Paragraph(part.text) if level is None else Heading(min(level + shift, MAX_LEVEL), part.text)
    )


def _letters(parts: Sequence[Line | ListItem | Table]) -> int:
    return sum(
        sum(len(cell) for row in part.rows for cell in row)
        if isinstance(part, Table)
        else len(part.text)
        for part in parts
    )


def _may_be_heading(line: Line) -> bool:
    short = len(line.text) <= LONGEST_HEADING and "\n" not in line.text
    return line.level is None and short and not line.text.endswith(_SENTENCE_ENDS)
