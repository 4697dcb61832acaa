"""The names of the company's machines as callers say them: «эр-гэ-эм сто» → РГМ-100."""

from dataclasses import dataclass
from typing import Final

from bot.russian.number_words import NUMBER_WORDS, value_of
from bot.russian.tokens import Tokens
from bot.russian.unit_forms import spellings
from bot.russian.unit_phrases import read_unit
from bot.russian.units import Need

_CASE_ENDINGS: Final = ("", "а", "у", "ом", "е", "ы", "ов", "ам", "ами", "ах")


def _said_as(name: str, word: str, *letters: str) -> dict[str, str]:
    forms = {word + ending: name for ending in _CASE_ENDINGS}
    for said in (said for group in letters for said in spellings(group)):
        forms |= {said: name, said.replace(" ", ""): name}
    return forms


_NAMES: Final[dict[str, str]] = {
    # «эр-эм» is what a recogniser makes of РЭМ: there is no РМ.
    **_said_as("РЭМ", "рэм", "рм", "рэм"),
    **_said_as("РГМ", "ргм", "ргм"),
    "р э м": "РЭМ",
    "р г м": "РГМ",
}
_NEEDS_MODEL: Final = {"рем": "РЭМ", "rem": "РЭМ", "rgm": "РГМ"}
"""Spellings that are names only in capitals or before a model's number."""
_MOST_WORDS: Final = 3
_MOST_NUMBER_WORDS: Final = 5
_LEAST_SAID_MODEL: Final = 5
"""«РЭМ два раза»: a smaller number said in words is rather a count."""

_COUNTED: Final = frozenset(
    "раз раза штук штуки штука шт год года лет день дня дней час часа часов месяц месяца месяцев "
    "неделя недели недель машина машины машин станок станка станков прибор прибора приборов "
    "единица единицы единиц комплект комплекта комплектов рубль рубля рублей руб тысяч тысячи "
    "тысяча тысячу тыс миллион миллиона миллионов млн человек образец образца образцов цикл цикла "
    "циклов колонна колонны колонн градус градуса градусов минуту секунду копеек".split()
)
_NOT_AFTER_MODEL: Final = NUMBER_WORDS | _COUNTED


@dataclass(frozen=True)
class Name:
    """A product's name read from tokens ``start`` … ``end`` (the end excluded)."""

    symbol: str
    start: int
    end: int
    has_model: bool
    spelled: bool
    """Said letter by letter."""


def read_name(tokens: Tokens, start: int) -> Name | None:
    """The product named at ``start``, with its model's number when one follows directly."""
    words, ends = [tokens.lower(start)], [start + 1]
    while len(words) < _MOST_WORDS and (at := tokens.next_in_phrase(ends[-1])) is not None:
        words.append(tokens.lower(at))
        ends.append(at + 1)
    for count in range(len(words), 0, -1):
        name = _with_model(tokens, start, " ".join(words[:count]), ends[count - 1])
        if name is not None:
            return name
    return None


def _with_model(tokens: Tokens, start: int, said: str, end: int) -> Name | None:
    family = _NAMES.get(said) or _NEEDS_MODEL.get(said)
    if family is None:
        return None
    model = _read_model(tokens, end)
    if model is not None:
        return Name(f"{family}-{model[0]}", start, model[1], has_model=True, spelled=" " in said)
    if said in _NEEDS_MODEL and not tokens.text(start).isupper():
        return None
    return Name(family, start, end, has_model=False, spelled=" " in said)


def _read_model(tokens: Tokens, end: int) -> tuple[str, int] | None:
    """The model's number after a name and where it ends, unless it counts something else."""
    at = end + 1 if tokens.is_gap(end) or tokens.is_hyphen(end) else end
    if tokens.is_number(at):
        number, after = tokens.text(at), at + 1
    elif at > end and (said := _said_number(tokens, at)) is not None:
        number, after = str(said[0]), said[1]
    else:
        return None
    by_hyphen = tokens.is_hyphen(end) and tokens.is_number(at)
    return None if not by_hyphen and _counts_something(tokens, after) else (number, after)


def _said_number(tokens: Tokens, start: int) -> tuple[int, int] | None:
    words: list[str] = []
    at = end = start
    while len(words) < _MOST_NUMBER_WORDS and tokens.lower(at) in NUMBER_WORDS:
        words.append(tokens.lower(at))
        end = at + 1
        at = end + 1 if tokens.is_gap(end) else end
    if tokens.lower(at) in NUMBER_WORDS:
        return None
    value = value_of(words)
    return (value, end) if value is not None and value >= _LEAST_SAID_MODEL else None


def _counts_something(tokens: Tokens, end: int) -> bool:
    """Whether the number that ends before ``end`` belongs to what follows: «РЭМ сто тонн»."""
    at = tokens.skip_gap(end)
    if tokens.lower(at) in ("и", "или", "до", "-", "–", "—"):  # «РЭМ на 5 и 10 кН»
        another = tokens.skip_gap(at + 1)
        if tokens.is_number(another) or tokens.lower(another) in NUMBER_WORDS:
            at = tokens.skip_gap(another + 1)
    if tokens.is_number(at) or tokens.lower(at) in _NOT_AFTER_MODEL:
        return True
    if tokens.text(at) in ("%", "°", "+", "₽"):
        return True
    unit = read_unit(tokens, at)
    if unit is None or unit.need is Need.PARTNER:
        return False
    # A lone «в» is a preposition here, «В» is volts.
    return unit.need is not Need.LAST or tokens.text(at) == unit.symbol
