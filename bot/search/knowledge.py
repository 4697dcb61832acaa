"""The knowledge bases as text: reading a Markdown file and cutting it into chunks.

Preparation is the predecessor's: each heading is repeated as a plain line, the text is split
at ``<<->>`` and then to at most 4000 characters with 200 of overlap.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.errors import KnowledgeError
from bot.retrieval import Base

SEPARATOR = "<<->>"
CHUNK_CHARS = 4000
OVERLAP_CHARS = 200
LARGEST_BYTES = 1 << 30
"""About a million passages; a larger file is no knowledge base and would fill the memory."""

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*\n?")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_CUTS = (
    re.compile(r"\n(?=#{1,6}[ \t])"),
    re.compile(r"\n\s*\n"),
    re.compile(r"\n"),
    re.compile(r"[.!?…;]\s"),
    re.compile(r"\s"),
)
"""Where a chunk may end, best first: before a heading, after a paragraph, a line, …"""


@dataclass(frozen=True)
class Heading:
    """A Markdown heading: ``start`` and ``end`` are the offsets of its line."""

    level: int
    title: str
    start: int
    end: int


@dataclass(frozen=True)
class Chunk:
    """A piece of a prepared base: ``prepared[start : start + len(text)] == text``."""

    text: str
    kb: Base
    start: int


def read_base(path: Path) -> str:
    """The Markdown text of a knowledge base, line ends as ``\\n``.

    Raises :class:`KnowledgeError` that names the file and what is wrong with it.
    """
    try:
        size = path.stat().st_size
        if size > LARGEST_BYTES:
            most = f"больше {LARGEST_BYTES >> 20} МБ не читаем"
            raise KnowledgeError(f"{path}: файл слишком велик: {size >> 20} МБ, {most}")
        data = path.read_bytes()
    except OSError as error:
        raise KnowledgeError(f"{path}: файл не читается: {error.strerror}") from error
    try:
        return check_base(data)
    except KnowledgeError as error:
        raise KnowledgeError(f"{path}: {error}") from error


def check_base(data: bytes) -> str:
    """The text of a base given as bytes (an upload, a file); checked as in :func:`read_base`."""
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        wrong = data[error.start]
        raise KnowledgeError(
            f"не UTF-8: строка {line}, байт {error.start} (0x{wrong:02X}); "
            "сохраните файл в кодировке UTF-8"
        ) from error
    if not text.strip():
        raise KnowledgeError("файл пуст")
    if not any(headings(text)):
        raise KnowledgeError("нет ни одного заголовка Markdown (строки вида «# Доставка»)")
    return text


def headings(text: str) -> Iterator[Heading]:
    """The headings h1–h6 of a Markdown text in order; what is inside code fences is not one."""
    fence = ""
    for line in _LINE.finditer(text):
        mark = _FENCE.match(line.group())
        if fence:
            if mark and mark.group(1).startswith(fence) and not line.group()[mark.end() :].strip():
                fence = ""
        elif mark:
            fence = mark.group(1)
        elif (found := _HEADING.fullmatch(line.group())) and found.group(2):
            yield Heading(len(found.group(1)), found.group(2), line.start(), line.end())


def prepare(markdown: str) -> str:
    """The base with each heading repeated as a plain line after it."""
    parts: list[str] = []
    done = 0
    for heading in headings(markdown):
        line = markdown[done : heading.end]
        parts += [line if line.endswith("\n") else line + "\n", heading.title, "\n"]
        done = heading.end
    return "".join([*parts, markdown[done:]])


def chunks(prepared: str, kb: Base) -> list[Chunk]:
    """A prepared base as chunks of at most 4000 characters that do not cross ``<<->>``.

    Neighbours cut from one part share exactly 200 characters. Ends fall before headings,
    after paragraphs or after sentences where the second half of a chunk has such a place.
    """
    return [
        Chunk(prepared[start:end], kb, start)
        for part_start, part_end in _parts(prepared)
        for start, end in _windows(prepared, part_start, part_end)
    ]


def _parts(text: str) -> Iterator[tuple[int, int]]:
    """Spans between separators, without the white space around them; empty ones left out."""
    start = 0
    for piece in text.split(SEPARATOR):
        lead = len(piece) - len(piece.lstrip())
        body = piece.strip()
        if body:
            yield start + lead, start + lead + len(body)
        start += len(piece) + len(SEPARATOR)


def _windows(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while end - start > CHUNK_CHARS:
        cut = _cut(text, start + CHUNK_CHARS // 2, start + CHUNK_CHARS)
        yield start, cut
        start = cut - OVERLAP_CHARS
    yield start, end


def _cut(text: str, earliest: int, latest: int) -> int:
    """The best place to end a chunk between two offsets."""
    for pattern in _CUTS:
        places = [found.end() for found in pattern.finditer(text, earliest, latest)]
        if places:
            return places[-1]
    return latest
