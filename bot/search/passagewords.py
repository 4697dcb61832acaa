"""The words of all passages of a base, read once: when its index is built.

To read a passage takes 0.3 ms, most of it for the dictionary forms of its words; to take from
here what was read takes a twentieth of that.
"""

import struct
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate, pairwise

import numpy as np
from numpy.typing import NDArray

from bot.search.terms import READING
from bot.search.wording import Wording, wording

_HEADINGS_READ = 2
"""A passage's words are also those of its heading and of the one above that."""


_LENGTHS = struct.Struct("<4Q")
"""Not numpy's container: its headers are parsed as Python, which two threads cannot do at once
before 3.11.8 (gh-106905)."""


class StaleWords(Exception):
    """The words were read by another version of the program."""


@dataclass(frozen=True)
class PassageWords:
    """The keys (:class:`bot.search.wording.Wording`) of passages, line by line.

    The first line of a passage has what only its headings have, each other one is a sentence.
    """

    keys: tuple[str, ...]
    places: NDArray[np.uint32]
    """Where the keys of each line stand among :attr:`keys`."""
    lines: NDArray[np.int64]
    """Where each line begins among the places, and where the last one ends."""
    firsts: NDArray[np.int64]
    """Which line is the first of each passage, and how many there are in all."""

    def wording(self, passage: int, text: str) -> Wording:
        """The words of a passage, whose Markdown is ``text``."""
        bounds = self.lines[self.firsts[passage] : self.firsts[passage + 1] + 1].tolist()
        start = bounds[0]
        found = [self.keys[place] for place in self.places[start : bounds[-1]].tolist()]
        ends = pairwise(bounds[1:])
        sentences = tuple(frozenset(found[a - start : b - start]) for a, b in ends)
        return Wording(frozenset(found), sentences, text)


def read_passages(passages: Iterable[tuple[tuple[str, ...], str]]) -> PassageWords:
    """Read passages: the headings above each, outermost first, and its Markdown."""
    known: dict[str, int] = {}
    places, lines, firsts = array("I"), array("q", [0]), array("q", [0])
    for headings, text in passages:
        read = wording(headings[-_HEADINGS_READ:], text)
        for line in (read.keys.difference(*read.sentences), *read.sentences):
            places.extend([known.setdefault(key, len(known)) for key in line])
            lines.append(len(places))
        firsts.append(len(lines) - 1)
    return PassageWords(
        tuple(known), np.array(places, np.uint32), np.array(lines), np.array(firsts)
    )


def words_as_bytes(words: PassageWords) -> bytes:
    """What :func:`words_of_bytes` reads: the length of each part in bytes, then the parts."""
    parts = (
        "\n".join([READING, *words.keys]).encode(),
        words.places.astype("<u4").tobytes(),
        words.lines.astype("<i8").tobytes(),
        words.firsts.astype("<i8").tobytes(),
    )
    return b"".join([_LENGTHS.pack(*map(len, parts)), *parts])


def words_of_bytes(data: bytes) -> PassageWords:
    """The words as they were kept.

    Raises :class:`StaleWords` when they were read in another way, and :class:`ValueError` for
    damaged data.
    """
    try:
        lengths = _LENGTHS.unpack_from(data)
    except struct.error as error:
        raise ValueError(f"the words are damaged: {error}") from error
    bounds = tuple(accumulate(lengths, initial=_LENGTHS.size))
    text, places, lines, firsts = (data[start:end] for start, end in pairwise(bounds))
    if bounds[-1] != len(data):
        raise ValueError(f"the words are damaged: {len(data)} bytes of {bounds[-1]}")
    reading, *keys = text.decode().split("\n")
    if reading != READING:
        raise StaleWords
    return PassageWords(
        tuple(keys),
        np.frombuffer(places, "<u4"),
        np.frombuffer(lines, "<i8"),
        np.frombuffer(firsts, "<i8"),
    )
