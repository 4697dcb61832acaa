"""Greetings, thanks, «повторите», «оператор»: told from questions by the whole of what is said."""

import re
from collections.abc import Mapping, Sequence
from typing import Literal, get_args

from rapidfuzz.distance import OSA

from bot.routing import fold

Control = Literal[
    "operator", "goodbye", "slower", "repeat", "robot", "presence", "greeting", "thanks",
    "acknowledgement",
]  # fmt: skip
CONTROLS: tuple[Control, ...] = get_args(Control)
"""What can be asked for without a question; when several are said at once the first counts."""

_MOST_WORDS = 12
"""Nobody takes more words than this to say goodbye."""
_COURTESY: frozenset[Control] = frozenset({"presence", "greeting", "thanks", "acknowledgement"})
"""What may stand before a question and adds nothing to it."""

_WORD = re.compile(r"[^\W_]+")
_FILLERS = frozenset(
    "пожалуйста ну а и вот же бы я мне меня нам вам девушка простите извините прошу будьте добры "
    "любезны можно можете могли могу хочу хотел хотела хотелось скажите подскажите слушайте "
    "послушайте чуть немного немножко какого кого нибудь любого вашего давайте давай "
    "вообще тогда просто сейчас тебя ой эй э эм мм хм".split()
)
"""Words that change nothing about what is asked for."""
_TELLING = frozenset({"да", "нет"})
"""Before a question these may be a part of it: «нет скидок?»"""
_NO_BEGINNING = frozenset({"ли", "бы"})
"""The word before these is a part of the question: «хорошо ли», «хорошо бы»."""


class PhraseBook:
    """The phrases by which each control is asked for. Immutable.

    An utterance is small talk when it is nothing but phrases and fillers, in any order: «алло,
    здравствуйте, вы меня слышите?». Case, punctuation, ё/е and a slip of the recogniser (one
    letter in a word of five or more, two from ten on) do not matter.
    """

    def __init__(self, phrases: Mapping[Control, Sequence[str]]) -> None:
        by_words = {
            words: control
            for control in reversed(CONTROLS)
            for phrase in phrases.get(control, ())
            if (words := _words(phrase))
        }
        self._courtesies = frozenset(
            words for words, control in by_words.items() if control in _COURTESY
        )
        self._by_first: dict[str, list[tuple[tuple[str, ...], int]]] = {}
        for words, control in by_words.items():
            core = _core(words)
            self._by_first.setdefault(core[0], []).append((core, CONTROLS.index(control)))
        cores = (core for found in self._by_first.values() for core, _ in found)
        self._vocabulary = _FILLERS.union(*cores)

    def control_of(self, text: str) -> Control | None:
        """What ``text`` asks for when it asks no question; below a millisecond."""
        words = _words(text)
        if not words or len(words) > _MOST_WORDS:
            return None
        meant: list[frozenset[str]] = []
        for word in words:
            meant.append(self._meant_by(word))
            if not meant[-1]:
                return None
        telling = [known for known in meant if known.isdisjoint(_FILLERS)]
        rank = self._rank(telling or meant)
        return None if rank is None else CONTROLS[rank]

    def question_in(self, text: str) -> str:
        """``text`` without the greeting or thanks that it begins with; else as it is."""
        found = list(_WORD.finditer(text))
        words = tuple(fold(match.group()) for match in found)
        at = 0
        while (length := self._courtesy_at(words, at)) and at + length < len(words):
            at += length
        if at == 0 or words[at] in _NO_BEGINNING:
            return text
        return text[found[at].start() :]

    def _courtesy_at(self, words: tuple[str, ...], at: int) -> int:
        """How many words the longest courtesy that stands there has."""
        lengths = [
            length
            for length in range(1, min(_MOST_WORDS, len(words) - at) + 1)
            if words[at : at + length] in self._courtesies
        ]
        return 0 if not lengths or words[at] in _TELLING else lengths[-1]

    def _meant_by(self, word: str) -> frozenset[str]:
        """The phrases' words that ``word`` may stand for."""
        if word in self._vocabulary:
            return frozenset({word})
        slips = 0 if len(word) < 5 else 1 if len(word) < 10 else 2
        if not slips:
            return frozenset()
        return frozenset(
            known
            for known in self._vocabulary
            if len(known) >= 5 and OSA.distance(word, known, score_cutoff=slips) <= slips
        )

    def _rank(self, meant: Sequence[frozenset[str]]) -> int | None:
        """The first control among the fewest phrases that make up all the words, if any do."""
        best: list[tuple[int, int] | None] = [None] * len(meant) + [(0, len(CONTROLS))]
        for at in range(len(meant) - 1, -1, -1):
            covers = []
            for first in meant[at]:
                for core, rank in self._by_first.get(first, ()):
                    rest = best[at + len(core)] if at + len(core) <= len(meant) else None
                    if rest is not None and _matches(core, meant[at:]):
                        covers.append((rest[0] + 1, min(rank, rest[1])))
            best[at] = min(covers, default=None)
        return None if best[0] is None else best[0][1]


def _matches(core: tuple[str, ...], meant: Sequence[frozenset[str]]) -> bool:
    return all(word in known for word, known in zip(core, meant, strict=False))


def _words(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(fold(text)))


def _core(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words that count; all of them when none does."""
    return tuple(word for word in words if word not in _FILLERS) or words
