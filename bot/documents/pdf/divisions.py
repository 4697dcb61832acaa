"""Words divided at line ends: which hyphens divide, and which would be written anyway.

The page does not say. A program that divides words does so every few lines, one that does not
only ever breaks a line after a written hyphen; and most words stand elsewhere undivided.
"""

import itertools
import re
from collections.abc import Sequence
from dataclasses import replace

from bot.documents.pdf.line import Line
from bot.documents.pdf.pages import Page

DIVISION = "\u00ad"
"""Takes the place of a hyphen that divides a word: it is dropped when the lines are joined."""

_DIVIDED = re.compile(r"(\w+)-$")
_WORD = re.compile(r"\w+(?:-\w+)*")
_PARTICLES = frozenset("то либо нибудь таки ка де с".split())
"""Written with a hyphen after a word: «какой-то», «всё-таки»."""
_FIRST_PARTS = frozenset("кое по из во в пол юго северо интернет онлайн веб".split())
"""… and before one: «кое-кто», «по-русски», «из-за», «юго-запад»."""

_FEWEST_LINES = 50
_RARE = 0.05
"""Of the lines: a text whose words are divided has more hyphens at line ends."""


def with_divisions_marked(pages: Sequence[Page]) -> list[Page]:
    """The pages with ``DIVISION`` for each hyphen at a line end that divides a word."""
    lines = [line for page in pages for line in page.lines]
    words = {word.lower() for line in lines for word in _WORD.findall(_DIVIDED.sub("", line.text))}
    ends = sum(_DIVIDED.search(line.text) is not None for line in lines)
    divides = len(lines) < _FEWEST_LINES or ends > _RARE * len(lines)
    return [replace(page, lines=tuple(_marked(page.lines, words, divides))) for page in pages]


def _marked(lines: Sequence[Line], words: set[str], divides: bool) -> list[Line]:
    marked = list(lines)
    for number, (line, following) in enumerate(itertools.pairwise(lines)):
        found = _DIVIDED.search(line.text)
        after = _WORD.match(following.text)
        if found and after and not _is_written(found.group(1), after.group(), words, divides):
            marked[number] = _divided(line)
    return marked


def _is_written(before: str, after: str, words: set[str], divides: bool) -> bool:
    """Whether the hyphen between two parts belongs to the word."""
    if not after[0].islower() or before[-1].isdigit() or before.isupper():
        return True  # РЭМ-100, ГОСТ-овский, 20-й
    if after in _PARTICLES or before.lower() in _FIRST_PARTS:
        return True
    if f"{before}-{after}".lower() in words:
        return True
    return not divides and f"{before}{after}".lower() not in words


def _divided(line: Line) -> Line:
    last = line.runs[-1]
    text = last.text.rstrip().removesuffix("-") + DIVISION
    return replace(line, runs=(*line.runs[:-1], replace(last, text=text)))
