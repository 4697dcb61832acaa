"""The words of all passages of a base, read once: when its index is built.

To read a passage takes 0.3 ms, most of it for the dictionary forms of its words; to take from
here what was read takes a twentieth of that.
"""

import io
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from bot.search.terms import READING
from bot.search.wording import Wording, wording

_HEADINGS_READ = 2
"""A passage's words are also those of its heading and of the one above that."""


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
    """What :func:`words_of_bytes` reads."""
    file = io.BytesIO()
    keys = np.frombuffer("\n".join([READING, *words.keys]).encode(), np.uint8)
    np.savez(file, keys=keys, places=words.places, lines=words.lines, firsts=words.firsts)
    return file.getvalue()


def words_of_bytes(data: bytes) -> PassageWords:
    """The words as they were kept.

    Raises :class:`StaleWords` when they were read in another way, and what numpy raises for
    damaged data.
    """
    with np.load(io.BytesIO(data)) as kept:
        reading, *keys = kept["keys"].tobytes().decode().split("\n")
        if reading != READING:
            raise StaleWords
        return PassageWords(tuple(keys), kept["places"], kept["lines"], kept["firsts"])
