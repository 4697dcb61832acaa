"""The words that changed in a line, between the line as it was and as it is."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

_WORD = re.compile(r"\w+|\s+|[^\w\s]")
_ALIKE = 0.5
"""Lines that share less of their letters are two lines, not one that changed."""


@dataclass(frozen=True)
class Piece:
    """Part of a line, and whether it is what changed in it."""

    text: str
    is_changed: bool = False


Pieces = tuple[Piece, ...]


@dataclass
class WordComparison:
    """Compares pairs of lines until it has done its share: the time grows with both lengths.

    ``left`` is how many pairs of words it may still look at; 20 million are about a second.
    """

    left: int = 20_000_000

    def pieces(self, old: str, new: str) -> tuple[Pieces, Pieces] | None:
        """Both lines in pieces; ``None`` for lines that are too long or have little in common."""
        before, after = _WORD.findall(old), _WORD.findall(new)
        cost = len(before) * len(after)
        if cost > self.left:
            return None
        self.left -= cost
        matcher = SequenceMatcher(None, before, after, autojunk=False)
        if _letters_kept(matcher, before) < _ALIKE * max(_letters(before), _letters(after)):
            return None
        olds, news = [], []
        for kind, start, end, new_start, new_end in matcher.get_opcodes():
            olds.append(Piece("".join(before[start:end]), kind != "equal"))
            news.append(Piece("".join(after[new_start:new_end]), kind != "equal"))
        return _joined(olds), _joined(news)


def _letters_kept(matcher: SequenceMatcher[str], words: Sequence[str]) -> int:
    blocks = matcher.get_matching_blocks()
    return sum(_letters(words[block.a : block.a + block.size]) for block in blocks)


def _letters(words: Sequence[str]) -> int:
    return sum(len(word) for word in words if word.isalnum())


def _joined(pieces: list[Piece]) -> Pieces:
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
