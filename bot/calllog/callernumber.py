"""How a call is found by any part of its caller's number: by pieces of it, kept with its words."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from bot.routing import fold

_LENGTHS: Final = (4, 2, 1)
_LONGEST: Final = 64
"""Characters of a number that are looked at."""


@dataclass(frozen=True)
class NumberPart:
    """A part of a number that is looked for.

    ``pieces`` are all among the pieces of a number that has the part. When ``is_certain`` the
    reverse holds, too; otherwise the numbers found must be compared with ``folded``.
    """

    folded: str
    pieces: tuple[str, ...]
    is_certain: bool


def pieces_of(number: str) -> tuple[str, ...]:
    """All pieces of one, two and four characters, as words: ``c:7961``."""
    folded = fold(number)[:_LONGEST]
    pieces = (piece for length in _LENGTHS for piece in _cut(folded, length))
    return tuple(dict.fromkeys(pieces))


def number_part(part: str) -> NumberPart:
    """What to look for; ``part`` is not empty."""
    folded = fold(part)
    length = next(length for length in _LENGTHS if length <= len(folded))
    pieces = tuple(dict.fromkeys(_cut(folded, length)))
    return NumberPart(folded, pieces, is_certain=length == len(folded) and len(folded) <= _LONGEST)


def _cut(text: str, length: int) -> Iterator[str]:
    spelt = [_spelt(character) for character in text]
    for start in range(len(spelt) - length + 1):
        yield "c:" + "".join(spelt[start : start + length])


def _spelt(character: str) -> str:
    """Letters and digits as they are; what would part words by its code, as ``_2b``."""
    return character if character.isalnum() else f"_{ord(character):x}"
