"""Lines of pages without tags as paragraphs: where the eye sees one end, it ends."""

import re
from collections.abc import Iterator, Sequence

from bot.documents.listmarks import typed_item
from bot.documents.pdf.line import Line
from bot.documents.pdf.passage import Stretch

_ITEM = re.compile(r"\d{1,3}[.)]\s|\d+(?:\.\d+)+\.?\s|[a-zа-я]\)\s")
"""How items of a list and numbered clauses begin."""
_DASH = re.compile(r"[-–—]\s")
"""Begins an item after an item or a sentence; else it is a dash within a sentence."""
_ENDS = (".", "!", "?", ":", ";", "…")

_WIDER = 1.25
"""Of the usual step from line to line: the step between paragraphs is at least that."""
_STEP = 1.5
"""Of the size: the usual step where only one line is known; office papers are set so."""
_LARGEST_STEP = 2.2
"""Of the size: lines of one paragraph are never farther apart."""
_OTHER_SIZE = 0.08
_INDENT = 0.8
"""Of the size: a line that begins so much farther right begins a paragraph."""
_SLACK = 0.5
"""Of the size: room that is left at a line end without being free."""
_NEAR = 6
"""Lines before and after one that show how wide its column is there."""
_SAME_COLUMN = 3.0
"""Of the size: lines that begin within so much of each other are in one column."""


def paragraphs(lines: Sequence[Line]) -> Iterator[Stretch]:
    """The lines in paragraphs; ``lines`` are those of one page in reading order."""
    pending: list[Line] = []
    for number, line in enumerate(lines):
        if pending and _begins(pending, line, _edge(lines, number)):
            yield Stretch(tuple(pending))
            pending = []
        pending.append(line)
    if pending:
        yield Stretch(tuple(pending))


def _edge(lines: Sequence[Line], number: int) -> float:
    """Where lines end at the farthest in the column that a line is in."""
    line = lines[number]
    return max(
        other.right
        for other in lines[max(number - _NEAR, 0) : number + _NEAR]
        if abs(other.left - line.left) < _SAME_COLUMN * line.look.size
    )


def _begins(pending: Sequence[Line], line: Line, edge: float) -> bool:
    """Whether a line begins a paragraph after those that are not ended yet."""
    return (
        _looks_other(pending[-1], line)
        or _stands_apart(pending, line)
        or _is_item(pending, line)
        or _is_indented(pending, line)
        or _was_last(pending, line, edge)
    )


def _is_item(pending: Sequence[Line], line: Line) -> bool:
    if _DASH.match(line.text):
        first, last = pending[0].text, pending[-1].text
        return _DASH.match(first) is not None or last.endswith((*_ENDS, ","))
    return typed_item(line.text) is not None or _ITEM.match(line.text) is not None


def _looks_other(last: Line, line: Line) -> bool:
    size = last.look.size
    return abs(line.look.size - size) > _OTHER_SIZE * size or (
        line.look.bold != last.look.bold and not _goes_on(last, line)
    )


def _goes_on(last: Line, line: Line) -> bool:
    """Whether a line is plainly the rest of a sentence, whatever it looks like."""
    if last.text.endswith(_ENDS):
        return False
    return line.text[:1].islower() or _DASH.match(line.text) is not None


def _stands_apart(pending: Sequence[Line], line: Line) -> bool:
    step = pending[-1].baseline - line.baseline
    size = line.look.size
    usual = pending[-2].baseline - pending[-1].baseline if len(pending) > 1 else _STEP * size
    apart = step > _WIDER * usual and not _goes_on(pending[-1], line)
    return step <= 0 or step > _LARGEST_STEP * size or apart


def _is_indented(pending: Sequence[Line], line: Line) -> bool:
    if not pending[-1].text.endswith(_ENDS):
        return False
    inner = min(other.left for other in pending[1:]) if len(pending) > 1 else pending[0].left
    return line.left > inner + _INDENT * line.look.size


def _was_last(pending: Sequence[Line], line: Line, edge: float) -> bool:
    """A line that had room for the next word was the last one of its paragraph."""
    return has_room(pending[-1], line, edge) and not _goes_on(pending[-1], line)


def has_room(last: Line, line: Line, edge: float) -> bool:
    """Whether the first word of a line could have stood at the end of the one before it."""
    letter = (line.right - line.left) / max(len(line.text), 1)
    word = letter * (len(line.text.split(maxsplit=1)[0]) + 1)
    return last.right + word < edge - _SLACK * last.look.size
