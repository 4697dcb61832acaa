"""How a written Russian sentence is said: plain Cyrillic words for a voice that reads no more.

Our rules reword what the library would read wrongly, each module one kind of thing; the library
(:mod:`bot.russian.spoken.reader`) puts the numbers into words in the right case; what is left is
brought to the characters that a voice reads.
"""

import re
import unicodedata
from typing import Final

from bot.russian.number_words import NUMBER_WORDS, words_of
from bot.russian.spoken.abbreviations import speak_abbreviations
from bot.russian.spoken.addresses import speak_addresses
from bot.russian.spoken.clock import speak_clock
from bot.russian.spoken.codes import speak_codes
from bot.russian.spoken.dates import speak_dates
from bot.russian.spoken.halves import speak_halves
from bot.russian.spoken.latin import speak_latin
from bot.russian.spoken.letters import CYRILLIC
from bot.russian.spoken.quantities import hide_units, show_units
from bot.russian.spoken.ranges import speak_ranges
from bot.russian.spoken.rates import speak_rates
from bot.russian.spoken.reader import read_numbers
from bot.russian.spoken.roman import speak_roman
from bot.russian.spoken.shortcounts import speak_short_counts
from bot.russian.spoken.signs import speak_signs
from bot.russian.spoken.telephones import speak_telephones

_DASH: Final = re.compile(r"(\w+)\s+[-–—]+\s+(\w+)")
_PAUSES: Final = str.maketrans(dict.fromkeys("–—:;()[]", ",") | {"…": "."})
_STROKE: Final = re.compile(r"(?<=[А-Яа-яЁё]{3}) ?/ ?(?=[А-Яа-яЁё]{3})")
_DIGITS: Final = re.compile(r"\d+")
_UNKNOWN: Final = re.compile(r"[^А-Яа-яЁё .,!?-]+")
_LOOSE_HYPHEN: Final = re.compile(r"(?<![А-Яа-яЁё])-+|-+(?![А-Яа-яЁё])")
_BEFORE_MARK: Final = re.compile(r"\s+(?=[.,!?])")
_MARKS: Final = re.compile(r"[.,!?]*([.!?])[.,!?]*|,[\s,]*")
_STRAY_STRESS: Final = "\u0301"
_FOREIGN: Final = re.compile(r"[^\x20-\x7eА-Яа-яЁё°²³½⅓¼¾⅔±×·⋅÷−–—‑…«»“”„№§%‰€₽≥≤≈∼Øø⌀∅µμ]")
_SINGLE: Final = re.compile(r"(?<![А-Яа-яЁё-])[БГДЖЗЛМНПРТФХЦЧШЩЭ](?![А-Яа-яЁё-])")
"""Capitals that are no words of their own, said by name."""
_LONGEST_NUMBER: Final = 6


def warm_up() -> None:
    """Load the dictionaries now (0.3-1 s), so that the first caller does not wait for them."""
    speakable("В XXI веке, к 1 марта 2026 г., в 9:05: усилие 100 кН, скорость 0,5 мм/мин.")
    speakable("5-я машина, т.е. 1 500 ₽, скидка 3–5 %, 1/2 цены.")


def speakable(text: str) -> str:
    """``text`` as it is said: only Cyrillic letters, blanks and ``.,!?-``, no digits or signs.

    Thread-safe; 3-10 ms a sentence. Empty when nothing can be said.
    """
    text = _written(text)
    text = speak_telephones(speak_addresses(text))
    text = speak_dates(speak_clock(speak_short_counts(text)))
    text = speak_codes(speak_roman(text))
    text = speak_ranges(speak_halves(speak_signs(text)))
    text = speak_abbreviations(speak_rates(text))
    text = speak_latin(_STROKE.sub(", ", hide_units(text)), roman=False)
    text = speak_latin(show_units(read_numbers(text)), roman=True)
    return _plain(_SINGLE.sub(lambda match: CYRILLIC[match.group()], text))


def _written(text: str) -> str:
    """``text`` in one line, in characters that the rules know; the others as the nearest to them.

    The library fails on letters that have no name in Unicode.
    """
    composed = unicodedata.normalize("NFC", text.replace(_STRAY_STRESS, ""))
    return " ".join(_FOREIGN.sub(_nearest, composed).split())


def _nearest(match: re.Match[str]) -> str:
    """«é» → «e», «２» → «2», «٣» → «3»; a blank for what is like nothing."""
    sign = match.group()
    digit = unicodedata.decimal(sign, None)
    if digit is not None:
        return str(digit)
    return _FOREIGN.sub("", unicodedata.normalize("NFKD", sign)) or " "


def _plain(text: str) -> str:
    """What is left after the rules in the characters a voice reads, marks after their words."""
    text = _DASH.sub(_without_dash, text).translate(_PAUSES)
    text = _UNKNOWN.sub(" ", _DIGITS.sub(_any_number, text))
    text = _BEFORE_MARK.sub("", _LOOSE_HYPHEN.sub(" ", text))
    text = _MARKS.sub(lambda match: (match.group(1) or ",") + " ", text)
    return " ".join(text.split()).lstrip(".,!? ")


def _without_dash(match: re.Match[str]) -> str:
    low, high = match.groups()
    is_range = low in NUMBER_WORDS and high in NUMBER_WORDS
    return f"{low}-{high}" if is_range else f"{low}, {high}"


def _any_number(match: re.Match[str]) -> str:
    digits = match.group()
    if len(digits) <= _LONGEST_NUMBER:
        return f" {words_of(int(digits))} "
    return " ".join(words_of(int(digit)) for digit in digits).join("  ")
