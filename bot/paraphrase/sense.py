"""What a question asks, apart from how it is put: two questions of one sense have one answer.

The vector cannot tell this: of «какая мощность у РЭМ-300» the nearest neighbour is «какая
скорость у РЭМ-300», nearer than most paraphrases are. So the words decide, and they are read
strictly: every word counts unless it is known not to.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby

from bot.paraphrase.vocabulary import (
    ABOUT_US,
    EMPTY,
    LIGHT,
    LOOSE,
    MEASURES,
    QUESTION_WORDS,
    SAME,
    TAKING,
    TELLING,
    UNITS,
)
from bot.routing import fold
from bot.russian.number_words import NUMBER_WORDS, value_of
from bot.russian.units import UNITS as UNITS_OF_MEASURE
from bot.wordforms import words_of

_TOKEN = re.compile(r"(?:(?<![^\s(«])[-−+](?=\d))?[^\W_]+(?:[-.,:/·][^\W_]+)*|[%‰°₽$€№]")
_DIGIT = re.compile(r"\d")
_NAME = re.compile(r"(?!ГОСТ)[^\W\d_a-zа-яё]{2,}")
"""A name without a number, as the normaliser writes it: РЭМ, НДС."""
_SYMBOLS = frozenset(unit.symbol for unit in UNITS_OF_MEASURE) | {"%", "°", "₽"}
_FINITE = frozenset({"VERB", "INFN", "PRED", "ADJS", "PRTS"})
_COMPARING = frozenset({"COMP", "ADVB", "CONJ", "PRCL"})
_OF_VERB = re.compile(r"(?:ировать|овать|ывать|ивать|(?<=[бвмп])лять|ать|ять|ить|еть)(?:ся)?$")
_OF_NOUN = re.compile(r"(?:ование|ание|ение|ировка|овка|изация|ация|ка)$")
_SHORTEST_ROOT = 4


@dataclass(frozen=True)
class Sense:
    """What has to agree for two questions to be one."""

    facts: tuple[str, ...]
    """Names, numbers with their units, standards, in the order they were said."""
    words: tuple[str, ...]
    """What else it is about: roots, sorted, or as said where the order tells («РЭМ или РГМ»)."""
    asked: frozenset[str]
    """What is wanted: the value of a measure, or who, where, when, whether …"""


@dataclass(frozen=True)
class Asks:
    """A question's sense, and how its words hang together.

    «Гарантия на ремонт» and «ремонт по гарантии» have one sense and are two questions, and so
    are «какие захваты у машины» and «у какой машины захваты».
    """

    sense: Sense
    hanging: frozenset[str]
    """Words that hang on another one: after a preposition («на ремонт») or, marked with ’, right
    after a noun («ремонт машины»)."""
    focus: str
    """The noun that «какой» or «сколько» is said with; empty if it stands elsewhere."""

    def same_as(self, other: "Asks") -> bool:
        """Whether both ask the same."""
        crossed = self.hanging - other.hanging and other.hanging - self.hanging
        elsewhere = self.focus and other.focus and self.focus != other.focus
        return self.sense == other.sense and not crossed and not elsewhere


def read(question: str) -> Asks | None:
    """What a normalised question asks; ``None`` when it does not say of what."""
    reading = _Reading()
    for token in _tokens(question):
        reading.take(token)
    return reading.asks()


@dataclass(frozen=True)
class _Token:
    text: str
    lemma: str = ""
    """Empty for a number, a symbol and a name with digits."""
    part: str = ""
    """Part of speech."""

    @property
    def is_fact(self) -> bool:
        return not self.lemma


def _tokens(question: str) -> Iterator[_Token]:
    for is_number, group in groupby(_TOKEN.findall(question), lambda t: fold(t) in NUMBER_WORDS):
        if is_number:
            words = [fold(word) for word in group]
            value = value_of(words)
            yield from map(_Token, words if value is None else [str(value)])
        else:
            yield from map(_token, group)


def _token(text: str) -> _Token:
    if _DIGIT.search(text) or not text.isalpha() or _NAME.fullmatch(text):
        return _Token(fold(text))
    word = words_of(text)[0]
    return _Token(text, word.lemma, word.part)


@dataclass
class _Reading:
    """A question as far as it has been read."""

    facts: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    measures: set[str] = field(default_factory=set)
    units: list[str] = field(default_factory=list)
    kinds: set[str] = field(default_factory=set)
    hanging: set[str] = field(default_factory=set)
    focus: str = ""
    turned: list[str] = field(default_factory=list)
    """Telling prepositions and negations that wait for their word."""
    preposition: str = ""
    after_noun: bool = False
    after_number: bool = False
    after_which: bool = False
    """Whether «какой» or «сколько» waits for its noun."""
    is_statement: bool = False
    is_about_us: bool = False
    in_order: bool = False

    def take(self, token: _Token) -> None:
        """Read one more word."""
        after_number, self.after_number = self.after_number, False
        if after_number and token.text in _SYMBOLS:
            self.facts[-1] += token.text
        elif token.is_fact:
            self.after_number = token.text[-1].isdigit()
            self.facts.append(self._turn(token.text))
        elif token.lemma in TELLING or token.lemma in LOOSE:
            self._take_preposition(token.lemma)
        elif token.lemma in ("кто", "что") or token.lemma in QUESTION_WORDS:
            self._take_question_word(token)
        else:
            self._take_word(token, after_number)

    def asks(self) -> Asks | None:
        """What was read."""
        self._settle_units()
        light = TAKING if "мощность" in self.measures else frozenset()
        words = [word for word in (*self.words, *self.turned) if word not in light]
        if not self.facts and not words:
            if not self.is_about_us:
                return None
            words = ["вы"]
        said = tuple(words) if self.in_order else tuple(sorted(set(words)))
        sense = Sense(tuple(self.facts), said, frozenset(self.measures | self._kinds()))
        return Asks(sense, frozenset(self.hanging), self.focus)

    def _settle_units(self) -> None:
        """A unit is what is asked for, or else a word like any other: «в какой день», «сколько
        дней в неделю»."""
        units = set(self.units)
        is_asked = any(kind.endswith("сколько") for kind in self.kinds)
        if len(units) == 1 and (is_asked or UNITS[self.units[0]] in self.measures):
            self.measures |= {UNITS[unit] for unit in units}
        else:
            self.words += units

    def _kinds(self) -> set[str]:
        """How it is asked; of a measure nothing but the value can be, however it is put."""
        kinds = self.kinds or {"ли" if self.is_statement else "какой"}
        value = {"какой", "сколько"}
        if "цена" in self.measures:
            value.add("во сколько")
        if "место" in self.measures:
            value.add("где")
        return set() if self.measures and kinds <= value else kinds

    def _take_preposition(self, word: str) -> None:
        self.preposition = word
        if word in TELLING:
            self.turned.append(word)

    def _take_question_word(self, token: _Token) -> None:
        word = QUESTION_WORDS.get(token.lemma, fold(token.text))
        if word == "сколько":
            at_what_time = self.preposition in ("в", "к", "ко")
            word = "во сколько" if at_what_time else self._turn(word)
        self.kinds.add(word)
        self.after_which = word.endswith(("какой", "сколько"))
        self.after_noun, self.preposition = False, ""

    def _take_word(self, token: _Token, after_number: bool) -> None:
        word = token.lemma
        is_noun = token.part == "NOUN"
        self.in_order |= word == "или" or _compares(token)
        if word in UNITS and not after_number and not self.turned:
            self.units.append(word)
        elif word in MEASURES and not self.turned:
            self.measures.add(MEASURES[word])
        elif word in LIGHT or word == "ли":
            self.is_statement = True
        elif word in ABOUT_US:
            self.is_about_us = True
        elif word not in EMPTY and fold(token.text) not in EMPTY:
            self._take_telling_word(token)
        elif self.turned[-1:] == ["не"]:  # «не подскажете»
            self.turned.pop()
        self.after_which &= token.part in ("ADJF", "NPRO")
        self.after_noun = is_noun or (self.after_noun and token.part == "ADJF")
        if is_noun:
            self.preposition = ""

    def _take_telling_word(self, token: _Token) -> None:
        is_noun = token.part == "NOUN"
        self.is_statement |= token.part in _FINITE
        root = self._turn(SAME.get(token.lemma) or _root(token))
        self.words.append(root)
        if self.preposition:
            self.hanging.add(root)
        elif is_noun and self.after_noun:
            self.hanging.add(f"’{root}")
        if is_noun and self.after_which:
            self.focus = self.focus or root

    def _turn(self, word: str) -> str:
        turned = " ".join([*self.turned, word])
        self.turned.clear()
        return turned


def _compares(token: _Token) -> bool:
    """«Точнее», «лучше»: what stands before it is not what stands after it."""
    return token.part in _COMPARING and token.text.lower().endswith(("ее", "же", "ше", "ле"))


def _root(token: _Token) -> str:
    """What a verb and the noun made of it share: «испытывают», «испытание» → «испыт»."""
    if token.part == "NPRO":  # «вы мне», «я вам»: who does it to whom
        return fold(token.text)
    ending = {"NOUN": _OF_NOUN}.get(token.part, _OF_VERB if token.part in _FINITE else None)
    root = ending.sub("", token.lemma) if ending else token.lemma
    return root if len(root) >= _SHORTEST_ROOT else token.lemma
