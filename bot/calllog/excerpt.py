"""The place in a dialogue that shows best why a search found it."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.calllog.asked import AskedWords

_BEFORE = 50
_LENGTH = 160
"""Characters of an excerpt: two lines of the list."""


@dataclass(frozen=True)
class Piece:
    """A stretch of text; ``is_match`` when it is a word that was looked for."""

    text: str
    is_match: bool


@dataclass(frozen=True)
class Excerpt:
    """A part of what one side said; ``role`` is ``user`` or ``bot``."""

    role: str
    pieces: tuple[Piece, ...]


def marked(text: str, asked: AskedWords) -> tuple[Piece, ...]:
    """The whole text in pieces, with the words that were looked for apart."""
    return tuple(_pieces(text, asked.places(text)))


def best_excerpt(transcript_json: str, asked: AskedWords) -> Excerpt | None:
    """From the line with most of the words, some of the text around the first.

    Nothing when no line has one: a search for two numbers of a caller, a damaged transcript.
    """
    best: Excerpt | None = None
    most = 0
    for role, text in _said(transcript_json):
        places = asked.places(text)
        different = len({text[start:end].casefold() for start, end in places})
        if different > most:
            most, best = different, Excerpt(role, tuple(_around(text, places)))
    return best


def _said(transcript_json: str) -> Iterator[tuple[str, str]]:
    try:
        lines = json.loads(transcript_json)
    except ValueError:
        return
    for line in lines if isinstance(lines, list) else ():
        if isinstance(line, dict):
            yield str(line.get("role", "")), str(line.get("text", ""))


def _around(text: str, places: Sequence[tuple[int, int]]) -> Iterator[Piece]:
    """The pieces of a window that begins some words before the first match."""
    begin = _word_begin(text, places[0][0] - _BEFORE)
    end = _word_begin(text, begin + _LENGTH) if begin + _LENGTH < len(text) else len(text)
    end = max(end, places[0][1])
    inside = [(start - begin, stop - begin) for start, stop in places if stop <= end]
    if begin:
        yield Piece("… ", is_match=False)
    yield from _pieces(text[begin:end].rstrip(), inside)
    if end < len(text):
        yield Piece(" …", is_match=False)


def _word_begin(text: str, place: int) -> int:
    """The beginning of the word at ``place``, or of the text."""
    return text.rfind(" ", 0, place) + 1 if place > 0 else 0


def _pieces(text: str, places: Sequence[tuple[int, int]]) -> Iterator[Piece]:
    done = 0
    for start, end in places:
        if start > done:
            yield Piece(text[done:start], is_match=False)
        yield Piece(text[start:end], is_match=True)
        done = end
    if done < len(text):
        yield Piece(text[done:], is_match=False)
