"""Differences as a page shows them: lines with their numbers, and the words that changed."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from typing import Literal

from bot.releases.comparing import Difference, differences
from bot.releases.content import Content

MOST_ROWS = 3000
"""More than anybody reads, and as much as a browser shows at once."""

_HUNK = re.compile(r"@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@")
_WORD = re.compile(r"\w+|\s+|[^\w\s]")
_MOST_WORDS = 2000
_ALIKE = 0.5
"""Lines that share less of their letters are two lines, not one that changed."""

Mark = Literal["+", "-", " "]


@dataclass(frozen=True)
class Piece:
    """Part of a line, and whether it is what changed in it."""

    text: str
    is_changed: bool = False


@dataclass(frozen=True)
class Row:
    """A line of either text; ``old`` and ``new`` are its numbers there, from 1."""

    mark: Mark
    old: int | None
    new: int | None
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class ShownDifference:
    """One part of two releases that differs, as hunks of rows or, for settings, as lines."""

    part: str
    hunks: list[list[Row]] = field(default_factory=list)
    lines: tuple[str, ...] = ()
    left_out: int = 0
    """How many rows are not shown."""


def shown_differences(old: Content, new: Content) -> list[ShownDifference]:
    """The parts that differ, for the page."""
    return [_shown(difference) for difference in differences(old, new)]


def _shown(difference: Difference) -> ShownDifference:
    if not difference.lines[0].startswith("--- "):
        return ShownDifference(difference.part, lines=difference.lines)
    shown, body = difference.lines[: MOST_ROWS + 2], difference.lines[2:]
    return ShownDifference(
        difference.part, list(_hunks(shown[2:])), left_out=max(0, len(body) - MOST_ROWS)
    )


def _hunks(lines: Sequence[str]) -> Iterator[list[Row]]:
    """The hunks of a unified diff."""
    rows: list[Row] = []
    old = new = 0
    for line in lines:
        if start := _HUNK.fullmatch(line):
            if rows:
                yield _with_words(rows)
            rows, old, new = [], int(start[1]), int(start[2])
            continue
        mark: Mark = "+" if line[:1] == "+" else "-" if line[:1] == "-" else " "
        pieces = (Piece(line[1:]),)
        rows.append(Row(mark, None if mark == "+" else old, None if mark == "-" else new, pieces))
        old, new = old + (mark != "+"), new + (mark != "-")
    if rows:
        yield _with_words(rows)


def _with_words(rows: list[Row]) -> list[Row]:
    """Removed lines and those that came in their place, one against the other."""
    result = list(rows)
    at = 0
    while at < len(rows):
        removed = _run(rows, at, "-")
        added = _run(rows, at + removed, "+")
        for pair in range(min(removed, added)):
            before, after = at + pair, at + removed + pair
            result[before], result[after] = _changed_words(rows[before], rows[after])
        at += max(1, removed + added)
    return result


def _run(rows: list[Row], at: int, mark: Mark) -> int:
    length = 0
    while at + length < len(rows) and rows[at + length].mark == mark:
        length += 1
    return length


def _changed_words(old: Row, new: Row) -> tuple[Row, Row]:
    before, after = (_WORD.findall(row.pieces[0].text) for row in (old, new))
    if max(len(before), len(after)) > _MOST_WORDS:
        return old, new
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    if _letters_kept(matcher, before) < _ALIKE * max(_letters(before), _letters(after)):
        return old, new
    olds, news = [], []
    for kind, start, end, new_start, new_end in matcher.get_opcodes():
        changed = kind != "equal"
        olds.append(Piece("".join(before[start:end]), changed))
        news.append(Piece("".join(after[new_start:new_end]), changed))
    return replace(old, pieces=_joined(olds)), replace(new, pieces=_joined(news))


def _letters_kept(matcher: SequenceMatcher[str], words: Sequence[str]) -> int:
    blocks = matcher.get_matching_blocks()
    return sum(_letters(words[block.a : block.a + block.size]) for block in blocks)


def _letters(words: Sequence[str]) -> int:
    return sum(len(word) for word in words if word.isalnum())


def _joined(pieces: list[Piece]) -> tuple[Piece, ...]:
    """Pieces as one reads them: changed words with nothing but a space between them are one."""
    joined: list[Piece] = []
    for piece in pieces:
        gap = len(joined) > 1 and joined[-2].is_changed and not joined[-1].text.strip()
        if piece.is_changed and piece.text and gap:
            between, before = joined.pop(), joined.pop()
            piece = Piece(before.text + between.text + piece.text, is_changed=True)
        if piece.text:
            joined.append(piece)
    return tuple(joined)
