"""The numbers of a Russian text with their units, written alike however they were written.

«двадцать четыре месяца» and «24 месяца» are one quantity, so are «от 5 до 7 мм/мин» and
«5 мм/мин … 7 мм/мин», «900 тысяч рублей» and «900 000 руб.».
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from bot.evaluation.numberwords import (
    Number,
    Token,
    is_noun,
    lemma,
    may_be_adjective,
    numbers_in,
    tokens_of,
)
from bot.normalize import normalize
from bot.routing import fold
from bot.russian.unit_forms import find_form

_JOINTS: Final = frozenset("до или и на х x × - – — , + плюс минус".split())
"""What may stand between numbers that share the unit of the last: «1050 на 700 на 2200 мм»."""
_MOST_JOINTS: Final = 2
_NO_UNITS: Final = frozenset("с в к а и о у на до по за от из не или для при но со".split())
"""Words that as lower-case letters are not units, whatever the table of units says."""
_NUMBERED: Final = frozenset({"дом", "корпус", "номер", "№"})
"""After these a number is a name with no unit behind it; so it is after a Latin word."""
_LATIN: Final = re.compile(r"[A-Za-z]+")
_SYNONYMS: Final = {"руб": "рубль", "₽": "рубль", "градус": "°C", "°": "°C", "%": "%"}
_MEASURING: Final = frozenset(
    {"рубль", "копейка", "год", "месяц", "неделя", "день", "сутки", "децибел", "°C", "%"}
)
"""Words and signs that measure, beside the units that the normaliser knows."""
_MOST_ADJECTIVES: Final = 2
_HOUR: Final = "ч"
_HOURS_OF_DAY: Final = 24


@dataclass(frozen=True)
class Quantity:
    """A number as it is compared, and the words it was read from."""

    value: str
    """A decimal without needless zeros; a designation or a telephone number as one piece."""
    unit: str
    """A canonical symbol («мм/мин»), a noun in the nominative, or empty."""
    written: str

    @property
    def is_name(self) -> bool:
        """Whether it is a designation («РЭМ-100», «44-ФЗ»), not a number of something."""
        return any(letter.isalpha() for letter in self.value)

    @property
    def is_measured(self) -> bool:
        """Whether the unit is one of measurement, money or time, not a counted thing."""
        first = re.split(r"[/·]", self.unit)[0]
        return self.unit in _MEASURING or find_form((first,), hyphenated=False) is not None


@dataclass(frozen=True)
class _Counted:
    """A number with what stands behind it."""

    number: Number
    unit: str
    end: int

    def times(self, factor: int) -> Decimal | str:
        value = self.number.value
        return value if isinstance(value, str) else value * factor


def quantities(text: str) -> list[Quantity]:
    """Every number of ``text``, in order; «один» only where a unit of measurement follows."""
    tokens = tokens_of(normalize(text))
    counted = [_with_unit(tokens, number) for number in numbers_in(tokens)]
    found = [*_measured(tokens, _with_shared_units(tokens, counted)), *_named(tokens)]
    return [quantity for _, quantity in sorted(found, key=lambda pair: pair[0])]


def _named(tokens: Sequence[Token]) -> Iterator[tuple[int, Quantity]]:
    """What is compared as one piece, and the full hours of clock times."""
    for at, token in enumerate(tokens):
        if token.kind == "name":
            yield at, Quantity(fold(token.text), "", token.text)
        elif token.kind == "standard":
            yield at, Quantity(token.text.split()[-1], "", token.text)
        elif token.kind == "phone":
            digits = re.sub(r"\D", "", token.text)
            yield at, Quantity("+7" + digits[1:], "", token.text)
        elif token.kind == "clock":
            hour, minutes = token.text.split(":")
            value = str(int(hour)) if minutes == "00" else f"{int(hour)}:{minutes}"
            yield at, Quantity(value, _HOUR, token.text)


def _measured(
    tokens: Sequence[Token], counted: Sequence[_Counted]
) -> Iterator[tuple[int, Quantity]]:
    for one in counted:
        written = " ".join(token.text for token in tokens[one.number.start : one.end])
        quantity = Quantity(_plain(one.number.value), one.unit, written)
        is_pronoun = one.number.in_words and quantity.value == "1" and not quantity.is_measured
        if not is_pronoun:
            yield one.number.start, quantity


def _plain(value: Decimal | str) -> str:
    return value if isinstance(value, str) else f"{value.normalize():f}"


def _with_unit(tokens: Sequence[Token], number: Number) -> _Counted:
    before = tokens[number.start - 1].text if number.start else ""
    if fold(before) in _NUMBERED or _LATIN.fullmatch(before):
        return _Counted(number, "", number.end)
    at = _after_adjectives(tokens, number.end)
    unit = _unit(tokens[at]) if at < len(tokens) else ""
    if unit == "г" and not isinstance(number.value, str) and 1900 <= number.value < 2100:
        unit = "год"
    return _Counted(number, unit, at + 1 if unit else number.end)


def _after_adjectives(tokens: Sequence[Token], at: int) -> int:
    """Where the unit stands in «рабочих дней»; an adjective is one only before another word."""
    for _ in range(_MOST_ADJECTIVES):
        following = tokens[at : at + 2]
        if [token.kind for token in following] != ["word", "word"]:
            break
        if not may_be_adjective(following[0].text) or not _unit(following[1]):
            break
        at += 1
    return at


def _unit(token: Token) -> str:
    """The unit that a token is, in one spelling; empty when it is none."""
    text = token.text
    if token.kind == "mark":
        return _SYNONYMS.get(text, "")
    if token.kind != "word" or text in _NO_UNITS:
        return ""
    if "/" in text or "·" in text:
        return text
    form = find_form((text,), hyphenated=False)
    if form is not None:
        return form.symbol
    noun = lemma(text)
    return _SYNONYMS.get(noun) or (noun if is_noun(text) else "")


def _with_shared_units(tokens: Sequence[Token], counted: Sequence[_Counted]) -> list[_Counted]:
    """«от 5 до 7 мм»: the unit, and «миллиона», of the last belong to those before it."""
    shared: list[_Counted] = []
    for at in range(len(counted) - 1, -1, -1):
        one = counted[at]
        if at > 0 and _are_hours(tokens, counted[at - 1], one):
            one = _Counted(one.number, _HOUR, one.end)
        following = shared[-1] if shared else None
        if following is not None and not one.unit and _are_joined(tokens, one, following):
            one = _sharing(tokens, one, following)
        shared.append(one)
    return shared[::-1]


def _are_hours(tokens: Sequence[Token], first: _Counted, last: _Counted) -> bool:
    """«с восьми до семнадцати»: hours, with nothing behind them."""
    opening = tokens[first.number.start - 1].text if first.number.start else ""
    joint = [token.text for token in tokens[first.number.end : last.number.start]]
    whole = all(
        isinstance(one.number.value, Decimal) and 0 <= one.number.value <= _HOURS_OF_DAY
        for one in (first, last)
    )
    return fold(opening) in ("с", "со") and joint == ["до"] and not last.unit and whole


def _are_joined(tokens: Sequence[Token], one: _Counted, following: _Counted) -> bool:
    between = tokens[one.number.end : following.number.start]
    if not between:  # «двадцать тридцать процентов»
        return one.number.in_words and following.number.in_words
    return len(between) <= _MOST_JOINTS and all(fold(t.text) in _JOINTS for t in between)


def _sharing(tokens: Sequence[Token], one: _Counted, following: _Counted) -> _Counted:
    number = one.number
    if number.times == 1 and following.number.times > 1:
        value = one.times(following.number.times)
        number = Number(value, number.start, number.end, following.number.times, number.in_words)
    return _Counted(number, following.unit, one.end)
