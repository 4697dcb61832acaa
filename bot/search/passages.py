"""What is searched: the sections of a prepared base."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.retrieval import Base, Passage
from bot.search.knowledge import OVERLAP_CHARS, Chunk, headings
from bot.search.plaintext import sentences

__all__ = ["passages", "sentences"]

_BREAK = re.compile(r"[.!?…]\s+|\n+")
_NOTICE_LEVEL = 1
"""Headings above a remark on the whole file: the file's title alone."""


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
    section that was cut starts at a sentence. A quotation right under the file's title is a
    remark on the file («> ОБРАЗЕЦ…») and answers nobody: it is left out.
    """
    starts = [chunk.start for chunk in chunks]
    found = []
    for section in _sections(prepared):
        first = max(0, bisect_left(starts, section.start) - 2)
        last = bisect_left(starts, section.end)
        for start, end in _pieces(prepared, section, chunks[first:last]):
            text = prepared[start:end]
            start += len(text) - len(text.lstrip())
            if text.strip() and not _is_remark(section, text):
                found.append(Passage(kb, section.path, text.strip(), start))
    return found


def _is_remark(section: _Section, text: str) -> bool:
    lines = [line for line in text.split("\n") if line.strip()]
    quoted = all(line.lstrip().startswith(">") for line in lines)
    return quoted and len(section.path) <= _NOTICE_LEVEL


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
