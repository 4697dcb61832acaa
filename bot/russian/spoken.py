"""How a written Russian sentence is said: plain Cyrillic words for a voice that reads no more.

ru-normalizr 1.3.0 puts numbers, prices and simple units into words in the right case; the rules
of :mod:`bot.russian.spoken_rules` and :mod:`bot.russian.latin_words` first reword what it would
read wrongly.
"""

import re
from functools import cache
from typing import Final, Protocol

from bot.russian.latin_words import speak_addresses, speak_latin
from bot.russian.number_words import NUMBER_WORDS, words_of
from bot.russian.spoken_rules import (
    speak_abbreviations,
    speak_clock,
    speak_codes,
    speak_phones,
    speak_ranges,
    speak_single_letters,
    speak_units,
)

_DASH: Final = re.compile(r"(\w+)\s+[-–—]+\s+(\w+)")
_PAUSES: Final = str.maketrans(dict.fromkeys("–—:;()[]", ",") | {"…": "."})
_DIGITS: Final = re.compile(r"\d+")
_UNKNOWN: Final = re.compile(r"[^А-Яа-яЁё .,!?-]+")
_LOOSE_HYPHEN: Final = re.compile(r"(?<![А-Яа-яЁё])-+|-+(?![А-Яа-яЁё])")
_BEFORE_MARK: Final = re.compile(r"\s+(?=[.,!?])")
_MARKS: Final = re.compile(r"[.,!?]*([.!?])[.,!?]*|,[\s,]*")
_STRAY_STRESS: Final = "\u0301"
_LONGEST_NUMBER: Final = 6


class _Reader(Protocol):
    def normalize(self, text: str) -> str: ...


@cache
def _reader() -> _Reader:
    """Imported when first needed: the morphology's dictionaries take most of a second."""
    from ru_normalizr import NormalizeOptions, Normalizer

    options = NormalizeOptions.tts(
        enable_caps_normalization=False,
        enable_first_word_decap=False,
        enable_latinization=False,
        enable_letter_abbreviation_expansion=False,
        enable_url_normalization=False,
        remove_links=False,
    )
    reader: _Reader = Normalizer(options)
    return reader


def warm_up() -> None:
    """Load the dictionaries now (0.3-1 s), so that the first caller does not wait for them."""
    speakable("Усилие 100 кН, скорость 5 мм/мин.")


def speakable(text: str) -> str:
    """``text`` as it is said: only Cyrillic letters, blanks and ``.,!?-``, no digits or signs.

    Thread-safe; 3-10 ms a sentence. Empty when nothing can be said.
    """
    text = " ".join(text.replace(_STRAY_STRESS, "").split())
    text = speak_phones(speak_addresses(text))
    text = speak_codes(speak_clock(text))
    text = speak_abbreviations(speak_units(speak_ranges(text)))
    text = _reader().normalize(speak_latin(text, roman=False))
    return _plain(speak_single_letters(speak_latin(text, roman=True)))


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
