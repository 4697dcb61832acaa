"""Numbers that name something instead of counting it: said by their parts, never declined."""

import re
from typing import Final

from bot.russian.number_words import words_of

_LONGEST_PART: Final = 3
_LONGEST_COUNT: Final = 6


def speak_digits(group: str) -> str:
    """Digits in parts of two or three, leading noughts one by one: «34783» → «тридцать четыре
    семьсот восемьдесят три», «003» → «ноль ноль три»."""
    parts = []
    while len(group) > _LONGEST_PART:
        parts.append(group[:2])
        group = group[2:]
    return " ".join(_speak_noughts_first(part) for part in (*parts, group))


def _speak_noughts_first(part: str) -> str:
    noughts = len(part) - len(part.lstrip("0"))
    words = ["ноль"] * noughts
    return " ".join([*words, words_of(int(part))] if noughts < len(part) else words)


def speak_code(number: str) -> str:
    """A model's or a standard's number as one number, its noughts and its parts kept:
    «1497» → «тысяча четыреста девяносто семь», «0,5» → «ноль пять»."""
    return " ".join(_speak_part(part) for part in re.split("[.,]", number))


def _speak_part(part: str) -> str:
    if len(part) > _LONGEST_COUNT or (part.startswith("0") and len(part) > 1):
        return speak_digits(part)
    return words_of(int(part))
