"""Russian words reduced to what a dictionary lists them under (pymorphy3, 0.02 ms a word)."""

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from pymorphy3 import MorphAnalyzer

from bot.search.folding import fold

_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_READ = re.compile(r"[0-9A-Za-zА-Яа-яЁё’-]{1,40}")
"""What a dictionary is asked about. No word is longer, and looking for the forms of what is takes a
tenth of a second; pymorphy3 2.0.6 fails on letters that Unicode gives no name."""


@dataclass(frozen=True)
class Word:
    """A word of a text: as written, its dictionary form (folded) and its part of speech.

    ``part`` is one of OpenCorpora's: ``NOUN``, ``ADJF``, ``VERB``, ``INFN``, ``NPRO`` …; empty
    for what is not Russian. ``start`` is its place in the text.
    """

    text: str
    lemma: str
    part: str
    start: int


def words_of(text: str) -> tuple[Word, ...]:
    """The words of a text in order; a name with a hyphen is one word."""
    return tuple(_word(match.group(), match.start()) for match in _WORD.finditer(text))


def _word(text: str, start: int) -> Word:
    if not _READ.fullmatch(text):
        return Word(text, fold(text), "", start)
    reading = _analyzer().parse(text)[0]
    return Word(text, fold(reading.normal_form), str(reading.tag.POS or ""), start)


def dictionary_forms(word: str) -> tuple[str, ...]:
    """Every form under which a dictionary may list ``word``, folded, the likeliest first.

    A form of several words has several: «стали» is «стать» and «сталь». What no dictionary
    lists has the one that its ending suggests.
    """
    if not _READ.fullmatch(word):
        return (fold(word),)
    return tuple(dict.fromkeys(fold(form.normal_form) for form in _analyzer().parse(word)))


def is_listed(word: str) -> bool:
    """Whether a dictionary lists the word."""
    return _READ.fullmatch(word) is not None and bool(_analyzer().word_is_known(word))


@lru_cache(maxsize=1 << 16)
def is_place_name(form: str) -> bool:
    """Whether a dictionary form is that of a town, a country, a river."""
    return is_listed(form) and "Geox" in _analyzer().parse(form)[0].tag


@cache
def _analyzer() -> MorphAnalyzer:
    """Loaded when first needed: 0.1-0.3 s."""
    return MorphAnalyzer(lang="ru")
