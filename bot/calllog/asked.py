"""What an operator looks for in the dialogues: words, whatever their form, and where they stand."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.calllog.words import LONGEST, SaidWord, said_words, whole_forms
from bot.normalize import normalize
from bot.routing import fold
from bot.wordforms import is_listed

_ASKED_WORD = re.compile(r"(\d+(?:[.,]\d+)*|[^\W_]+(?:-[^\W_]+)*|%)(\*?)")
_SHORTEST_BEGINNING = 3


@dataclass(frozen=True)
class AskedWord:
    """A word looked for: any of its forms, or whatever begins with them."""

    forms: tuple[str, ...]
    is_beginning: bool

    def is_said_in(self, word: SaidWord) -> bool:
        """Whether a word of a text is this one."""
        if self.is_beginning:
            return any(form.startswith(self.forms) for form in word.forms)
        return not set(self.forms).isdisjoint(word.forms)


@dataclass(frozen=True)
class AskedWords:
    """One or two readings of a question; all words of a reading must occur.

    The second reading is the question as the normaliser writes what callers say: «рэм сто» is
    РЭМ-100. Without a reading there was no word in the question, and nothing is found.
    """

    readings: tuple[tuple[AskedWord, ...], ...]

    def places(self, text: str) -> list[tuple[int, int]]:
        """Where words that were asked for stand in ``text``, as ``(start, end)``."""
        asked = {word for reading in self.readings for word in reading}
        return [
            (said.start, said.end)
            for said in said_words(text)
            if any(word.is_said_in(said) for word in asked)
        ]


def asked_words(q: str) -> AskedWords:
    """What a query means.

    A word that no dictionary lists is taken for the beginning of one, as is any word with
    an asterisk: «гаран*».
    """
    readings = (tuple(dict.fromkeys(_words(text))) for text in (q, normalize(q)))
    return AskedWords(tuple(dict.fromkeys(words for words in readings if words)))


def _words(text: str) -> Iterator[AskedWord]:
    for match in _ASKED_WORD.finditer(text):
        word = fold(match[1])[:LONGEST]
        forms = whole_forms(word)
        if match[2]:
            yield AskedWord((word, *forms), is_beginning=True)
        else:
            yield AskedWord(forms, is_beginning=_may_be_unfinished(word))


def _may_be_unfinished(word: str) -> bool:
    return len(word) >= _SHORTEST_BEGINNING and word.isalpha() and not is_listed(word)
