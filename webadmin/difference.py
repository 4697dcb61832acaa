"""Differences as a page shows them: lines with their numbers, and the words that changed."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from bot.releases.comparing import Difference, differences
from bot.releases.content import Content
from webadmin.changedwords import Piece, Pieces, WordComparison

MOST_ROWS = 3000
"""More than anybody reads, and as much as a browser shows at once."""

_HUNK = re.compile(r"@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@")

Mark = Literal["+", "-", " "]


@dataclass(frozen=True)
class Row:
    """A line of either text; ``old`` and ``new`` are its numbers there, from 1."""

    mark: Mark
    old: int | None
    new: int | None
    pieces: Pieces

    @property
    def text(self) -> str:
        """The line."""
        return "".join(piece.text for piece in self.pieces)


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
    return [shown(difference) for difference in differences(old, new)]


def shown(difference: Difference) -> ShownDifference:
    """One part for the page: a unified diff of texts, or lines as they are."""
    if not difference.lines[0].startswith("--- "):
        return ShownDifference(difference.part, lines=difference.lines)
    shown, body = difference.lines[: MOST_ROWS + 2], difference.lines[2:]
    return ShownDifference(
        difference.part, list(_hunks(shown[2:])), left_out=max(0, len(body) - MOST_ROWS)
    )


def _hunks(lines: Sequence[str]) -> Iterator[list[Row]]:
    """The hunks of a unified diff."""
    words, rows = WordComparison(), list[Row]()
    old = new = 0
    for line in lines:
        if start := _HUNK.fullmatch(line):
            if rows:
                yield _with_words(rows, words)
            rows, old, new = [], int(start[1]), int(start[2])
            continue
        mark: Mark = "+" if line[:1] == "+" else "-" if line[:1] == "-" else " "
        pieces = (Piece(line[1:]),)
        rows.append(Row(mark, None if mark == "+" else old, None if mark == "-" else new, pieces))
        old, new = old + (mark != "+"), new + (mark != "-")
    if rows:
        yield _with_words(rows, words)


def _with_words(rows: list[Row], words: WordComparison) -> list[Row]:
    """Removed lines and those that came in their place, one against the other."""
    result = list(rows)
    at = 0
    while at < len(rows):
        removed = _run(rows, at, "-")
        added = _run(rows, at + removed, "+")
        for before in range(at, at + min(removed, added)):
            after = before + removed
            if pieces := words.pieces(rows[before].text, rows[after].text):
                result[before] = replace(rows[before], pieces=pieces[0])
                result[after] = replace(rows[after], pieces=pieces[1])
        at += max(1, removed + added)
    return result


def _run(rows: list[Row], at: int, mark: Mark) -> int:
    length = 0
    while at + length < len(rows) and rows[at + length].mark == mark:
        length += 1
    return length
