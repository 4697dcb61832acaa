"""Two edits of one text put together, line by line, when they do not touch each other."""

from collections.abc import Iterator
from difflib import SequenceMatcher

_Edit = tuple[int, int, list[str]]
"""From which line to which of the original, and what stands there now."""


def merged(original: str, mine: str, theirs: str) -> str | None:
    """The original with both edits; ``None`` when both changed the same or neighbouring lines."""
    lines = original.splitlines(keepends=True)
    edits = [edit for text in (mine, theirs) for edit in _edits(lines, text)]
    result: list[str] = []
    done, last = 0, None
    for edit in sorted(edits):
        if edit == last:  # both did the same
            continue
        start, end, new = edit
        if last is not None and start <= done:
            return None
        result += [*lines[done:start], *new]
        done, last = end, edit
    return "".join([*result, *lines[done:]])


def _edits(lines: list[str], text: str) -> Iterator[_Edit]:
    changed = text.splitlines(keepends=True)
    for kind, start, end, new_start, new_end in SequenceMatcher(a=lines, b=changed).get_opcodes():
        if kind != "equal":
            yield start, end, changed[new_start:new_end]
