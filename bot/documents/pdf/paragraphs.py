"""Lines of pages without tags as paragraphs: where the eye sees one end, it ends."""

import re
from collections.abc import Iterator, Sequence

from bot.documents.listmarks import typed_item
from bot.documents.pdf.line import Line
from bot.documents.pdf.passage import Stretch

_ITEM = re.compile(r"\d{1,3}[.)]\s|\d+(?:\.\d+)+\.?\s|[-–—]\s|[a-zа-я]\)\s")
"""How items of a list and numbered clauses begin."""
_ENDS = (".", "!", "?", ":", ";", "…", "»", ")")

_WIDER = 1.25
"""Of the usual step from line to line: the step between paragraphs is at least that."""
_LARGEST_STEP = 2.2
"""Of the size: lines of one paragraph are never farther apart."""
_OTHER_SIZE = 0.08
_INDENT = 0.8
"""Of the size: a line that begins so much farther right begins a paragraph."""
_RAGGED = 0.8
"""Of the width: a line that ends before it and ends a sentence ends its paragraph."""


def paragraphs(lines: Sequence[Line]) -> Iterator[Stretch]:
    """The lines in paragraphs; ``lines`` are those of one page in reading order."""
    pending: list[Line] = []
    for line in lines:
        if pending and _begins(pending, line):
            yield Stretch(tuple(pending))
            pending = []
        pending.append(line)
    if pending:
        yield Stretch(tuple(pending))


def _begins(pending: Sequence[Line], line: Line) -> bool:
    """Whether a line begins a paragraph after those that are not ended yet."""
    last = pending[-1]
    return (
        _looks_other(last, line)
        or _stands_apart(pending, line)
        or typed_item(line.text) is not None
        or _ITEM.match(line.text) is not None
        or _is_indented(pending, line)
        or _was_last(pending, line)
    )


def _looks_other(last: Line, line: Line) -> bool:
    size = last.look.size
    return abs(line.look.size - size) > _OTHER_SIZE * size or (
        line.look.bold != last.look.bold and not _goes_on(last, line)
    )


def _goes_on(last: Line, line: Line) -> bool:
    """A word or two in bold at a line end do not end a sentence."""
    return not last.text.endswith(_ENDS) and line.text[:1].islower()


def _stands_apart(pending: Sequence[Line], line: Line) -> bool:
    step = pending[-1].baseline - line.baseline
    usual = pending[-2].baseline - pending[-1].baseline if len(pending) > 1 else step
    apart = step > _WIDER * usual and not _goes_on(pending[-1], line)
    return step <= 0 or step > _LARGEST_STEP * line.look.size or apart


def _is_indented(pending: Sequence[Line], line: Line) -> bool:
    if not pending[-1].text.endswith(_ENDS):
        return False
    inner = min(other.left for other in pending[1:]) if len(pending) > 1 else pending[0].left
    return line.left > inner + _INDENT * line.look.size


def _was_last(pending: Sequence[Line], line: Line) -> bool:
    """A line that leaves room for the next word and ends a sentence was the last one."""
    last = pending[-1]
    left = min(last.left, line.left)
    width = max(*(other.right for other in pending), line.right) - left
    return last.text.endswith(_ENDS) and last.right - left < _RAGGED * width
