"""The words of a question or a passage that say what it is about, in a form to be compared."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

from bot.russian.number_words import NUMBER_WORDS, value_of
from bot.search.folding import fold
from bot.search.meanings import GROUPS, meanings_of
from bot.wordforms import words_of

_WORD: Final = re.compile(r"[^\W_]+(?:-[^\W_]+)*|%")
_MODEL: Final = re.compile(r"[^\W\d_]{2,}-\d[\w-]*")
"""A product's name with its number: РЭМ-100, КМ-450."""
_SHORTEST_START: Final = 4
_STOP_WORDS: Final = frozenset(
    "а и но да или что как где когда куда откуда почему зачем кто чего чем чему который которая "
    "которые какой какая какое какие какую каких каким каков какова каковы сколько ли же бы не "
    "нет ни то это этот эта эти эту этого тот та те той такой такая такие весь вся все всё я ты "
    "он она оно они его ее их него нее них ему ей им мы вас вам вами вы нам нас мне меня у в на "
    "по с со к от до из за для при о об про без под над между через во ко есть быть будет бывает "
    "бывают можно можете может могу нужно нужен нужна нужны надо ваш ваша ваше ваши вашу вашей "
    "вашего ваших мой свой своя себя еще уже только очень так вот ну там тут здесь сейчас если "
    "тоже также потом сам сами скажите подскажите расскажите назовите пожалуйста здравствуйте "
    "алло слушайте хочу хотел хотела узнать интересует вообще делаете делать сделать сделаете "
    "имеется имеет ведь уж чтобы того тогда".split()
)
_GENERIC: Final = frozenset(
    "взять брать дать давать выйти выходить идти пойти стать хватить хватать раз штука примерный "
    "приблизительный сразу насколько другой назвать нравиться держать ставить поставить получить "
    "получать работать новый обычный человек вопрос помочь должный нужный примерно "
    "приблизительно".split()
)
"""Words that are said with anything, as a dictionary lists them."""
_GENERIC_WEIGHT: Final = 0.35
READING: Final = hashlib.sha256("\n".join([GROUPS, *sorted(_STOP_WORDS)]).encode()).hexdigest()
"""Another one when the same text may have other terms: what was read before is then stale."""
_NAMES: Final = ("NOUN", "")
_LEAST_ALIKE: Final = 0.5
_SAME_START: Final = 0.8


@dataclass(frozen=True)
class Term:
    """A telling word: its dictionary form, the groups of meaning it belongs to
    (:mod:`bot.search.meanings`) and how much it tells, 0…1, before it is known how rare it is."""

    stem: str
    meanings: frozenset[str]
    weight: float
    is_name: bool
    """Whether it names a thing: a noun, a figure, a model."""

    @cached_property
    def keys(self) -> frozenset[str]:
        """What it can be recognised by."""
        return self.meanings | {self.stem}


def terms(text: str) -> tuple[Term, ...]:
    """The telling words of a text, each once, in order. Numbers in words become figures."""
    found: dict[str, Term] = {}
    for word in _with_figures(_WORD.findall(text.lower())):
        if fold(word) not in _STOP_WORDS:
            term = _term(word)
            found.setdefault(term.stem, term)
    return tuple(found.values())


def models(text: str) -> frozenset[str]:
    """The products that a text names with their numbers, in lower case."""
    return frozenset(_MODEL.findall(fold(text)))


def alike(one: str, other: str) -> float:
    """How probably two stems are one word misheard or inflected, 0…1; 0 below one half.

    Dice's coefficient of their 3-grams; a long common beginning makes it at least 0.8.
    Stems with figures are alike only when equal.
    """
    if one == other:
        return 1.0
    if not (one.isalpha() and other.isalpha()):
        return 0.0
    mine, its = _grams(one), _grams(other)
    dice = 2 * len(mine & its) / (len(mine) + len(its))
    if one[:_SHORTEST_START] == other[:_SHORTEST_START]:
        start = max(_SHORTEST_START, -(-3 * max(len(one), len(other)) // 5))
        if one[:start] == other[:start] and len(one) >= start <= len(other):
            dice = max(dice, _SAME_START)
    return dice if dice >= _LEAST_ALIKE else 0.0


def alike_among(one: str, others: Iterable[str]) -> dict[str, float]:
    """Those of the ``others`` that ``one`` is :func:`alike`, and how much."""
    mine, start = _grams(one), one[:_SHORTEST_START]

    def may_be(other: str) -> bool:
        if other.startswith(start):
            return True
        return other.isalpha() and 4 * len(mine & (its := _grams(other))) >= len(mine) + len(its)

    return {other: how for other in others if may_be(other) and (how := alike(one, other))}


def _with_figures(words: list[str]) -> list[str]:
    """The words with each run of number words that is one number as its figures."""
    found: list[str] = []
    run: list[str] = []
    for word in [*words, ""]:
        if word in NUMBER_WORDS:
            run.append(word)
            continue
        if run:
            value = value_of(run)
            found += run if value is None else [str(value)]
            run = []
        found.append(word)
    return found[:-1]


@lru_cache(maxsize=1 << 16)
def _term(word: str) -> Term:
    if not word.isalpha():
        return Term(fold(word), meanings_of(word), 1.0, is_name=True)
    form = words_of(word)[0]
    weight = _GENERIC_WEIGHT if form.lemma in _GENERIC else 1.0
    return Term(form.lemma, meanings_of(fold(word)), weight, form.part in _NAMES)


@lru_cache(maxsize=1 << 16)
def _grams(stem: str) -> frozenset[str]:
    padded = f" {stem} "
    return frozenset(padded[i : i + 3] for i in range(len(padded) - 2))
