"""Text cut into words, numbers and what is between, for reading phrases without backtracking."""

import re
from dataclasses import dataclass
from typing import Final

_TOKEN: Final = re.compile(
    r"(?P<number>\d+(?:[.,]\d+)*)|(?P<word>[A-Za-zА-Яа-яЁёµμ]+)|(?P<gap>[^\S\r\n]+)|(?P<mark>.)",
    re.DOTALL,
)
HYPHENS: Final = frozenset("-‐‑")


@dataclass(frozen=True)
class Tokens:
    """The tokens of a text, in order and complete: joined they are the text.

    Every method takes a token's index and answers also beyond either end.
    """

    texts: tuple[str, ...]
    kinds: tuple[str, ...]
    """``number``, ``word``, ``gap`` (blanks in a line) or ``mark`` (one other character)."""

    @classmethod
    def of(cls, text: str) -> "Tokens":
        found = [(match.group(), match.lastgroup or "") for match in _TOKEN.finditer(text)]
        return cls(tuple(part for part, _ in found), tuple(kind for _, kind in found))

    def __len__(self) -> int:
        return len(self.texts)

    def text(self, at: int) -> str:
        """The token as written; empty beyond the ends."""
        return self.texts[at] if 0 <= at < len(self.texts) else ""

    def lower(self, at: int) -> str:
        return self.text(at).lower()

    def is_word(self, at: int) -> bool:
        return 0 <= at < len(self.kinds) and self.kinds[at] == "word"

    def is_number(self, at: int) -> bool:
        return 0 <= at < len(self.kinds) and self.kinds[at] == "number"

    def is_gap(self, at: int) -> bool:
        return 0 <= at < len(self.kinds) and self.kinds[at] == "gap"

    def is_hyphen(self, at: int) -> bool:
        return self.text(at) in HYPHENS

    def skip_gap(self, at: int) -> int:
        """The index after a gap at ``at``, or ``at`` itself."""
        return at + 1 if self.is_gap(at) else at

    def next_in_phrase(self, end: int) -> int | None:
        """The word that goes on a phrase ending before ``end``: after one gap or hyphen."""
        joined = self.is_gap(end) or self.is_hyphen(end)
        return end + 1 if joined and self.is_word(end + 1) else None
