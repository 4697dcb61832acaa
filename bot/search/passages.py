"""What is searched: the sections of a prepared base, and the sentences in them."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.retrieval import Base, Passage
from bot.search.knowledge import OVERLAP_CHARS, Chunk, headings

_SENTENCE_GAP = re.compile(r"(?<=[.!?…])[»”\")]*(\s+)(?=[«“\"(]*[А-ЯЁA-Z0-9])")
_ABBREVIATION = re.compile(
    r"(?:(?<!\d )\b[а-яёa-z]|\b(?:ул|им|см|ст|рис|доб|тел|тыс|просп|стр|пер|обл|руб|млн|млрд))\.$",
    re.IGNORECASE,
)
"""A letter with a full stop is an initial, unless a number before it makes it a unit."""
_BREAK = re.compile(r"[.!?…]\s+|\n+")
_LINE_MARK = re.compile(r"\s*(?:[-*+•>]|\d{1,3}[.)])\s+")
_TABLE_RULE = re.compile(r"[\s|:+=-]+")
_EMPHASIS = re.compile(r"\*\*|__|`|(?<!\w)[*_](?=\w)|(?<=\w)[*_](?!\w)")
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")


@dataclass(frozen=True)
class _Section:
    """Text under one heading: offsets of its body in the prepared base."""

    path: tuple[str, ...]
    start: int
    end: int


def passages(prepared: str, kb: Base, chunks: Sequence[Chunk]) -> list[Passage]:
    """The sections of a base as far as each chunk holds them, in order.

    The text of a passage is the body under its heading (the headings are in its path). What
    two neighbouring chunks both hold because of the overlap is given once; the rest of a
    section that was cut starts at a sentence.
    """
    starts = [chunk.start for chunk in chunks]
    found = []
    for section in _sections(prepared):
        first = max(0, bisect_left(starts, section.start) - 2)
        last = bisect_left(starts, section.end)
        for start, end in _pieces(prepared, section, chunks[first:last]):
            text = prepared[start:end]
            start += len(text) - len(text.lstrip())
            if text.strip():
                found.append(Passage(kb, section.path, text.strip(), start))
    return found


def _sections(prepared: str) -> Iterator[_Section]:
    """Bodies between headings; the plain repeat of a heading belongs to the heading."""
    path: list[tuple[int, str]] = []
    body = 0
    for heading in headings(prepared):
        yield _Section(tuple(title for _, title in path), body, heading.start)
        path = [*(above for above in path if above[0] < heading.level)]
        path.append((heading.level, heading.title))
        body = heading.end + len(heading.title) + 1
    yield _Section(tuple(title for _, title in path), body, len(prepared))


def _pieces(text: str, section: _Section, chunks: Sequence[Chunk]) -> Iterator[tuple[int, int]]:
    """The spans of a section inside each chunk, without those that another one contains."""
    spans = {
        (max(section.start, chunk.start), min(section.end, chunk.start + len(chunk.text)))
        for chunk in chunks
    }
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        inside = any(a <= start and end <= b for a, b in spans if (a, b) != (start, end))
        if not inside:
            yield (_next_start(text, start) if start > section.start else start), end


def _next_start(text: str, offset: int) -> int:
    """The first sentence, or else word, that begins in the overlap at ``offset``."""
    at = _BREAK.search(text, offset, offset + OVERLAP_CHARS)
    at = at or re.compile(r"\s+").search(text, offset, offset + OVERLAP_CHARS)
    return at.end() if at else offset


def sentences(markdown: str) -> list[str]:
    """The sentences of a passage as one would say them: no bullets, emphasis, links or tables'
    rules; lines of a list and rows of a table are sentences of their own."""
    return [one for block in _blocks(markdown) for one in _split(plain(block))]


def _split(paragraph: str) -> list[str]:
    found: list[str] = []
    start = 0
    for gap in _SENTENCE_GAP.finditer(paragraph):
        if not _ABBREVIATION.search(paragraph[: gap.start()]):
            found.append(paragraph[start : gap.start(1)])
            start = gap.end()
    return [*found, paragraph[start:]] if paragraph[start:] else found


def plain(line: str) -> str:
    """One line of Markdown without its markup."""
    text = _LINE_MARK.sub("", line, count=1) if _LINE_MARK.match(line) else line
    text = _EMPHASIS.sub("", _LINK.sub(r"\1", text)).strip()
    if text.startswith("|"):
        text = ", ".join(cell.strip() for cell in text.strip("|").split("|") if cell.strip())
    return " ".join(text.split())


def _blocks(markdown: str) -> Iterator[str]:
    """Paragraphs with their lines joined; list items and table rows each alone."""
    paragraph: list[str] = []
    for line in [*markdown.split("\n"), ""]:
        alone = line.lstrip().startswith("|")
        if paragraph and (alone or not line.strip() or _LINE_MARK.match(line)):
            yield " ".join(paragraph)
            paragraph = []
        if _TABLE_RULE.fullmatch(line):
            continue
        if alone:
            yield line
        elif line.strip():
            paragraph.append(line.strip() if paragraph else line)
