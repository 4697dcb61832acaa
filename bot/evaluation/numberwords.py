"""Text cut into words, numbers and names, and the numbers among them read, in digits or words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Final, Literal

import pymorphy3

Kind = Literal["phone", "standard", "name", "clock", "number", "word", "mark"]

_TOKEN: Final = re.compile(
    r"(?P<phone>(?:\+7|\b8)[\s-]*\(?\d{3,5}\)?(?:[\s-]*\d){5,7}(?!\d))"
    r"|(?P<standard>\b(?:(?:ГОСТ|ИСО|ISO|ASTM|DIN|EN|Р)\s+)+[A-ZА-Я]?\d[\d.-]*(?<=\d))"
    r"|(?P<name>[^\W\d_]+-?\d\w*(?:-\w+)*|\d+-[A-ZА-ЯЁ]{2,})"
    r"|(?P<clock>\b\d{1,2}:\d\d\b)"
    r"|(?P<number>(?:(?<!\S)[-−])?"
    r"(?:\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?!\d)(?:,\d+)?|\d+(?:[.,]\d+)*)"
    r"(?:-(?:х|ти|и|ми|го|му|м|й|я|е|ю)\b)?)"
    r"|(?P<word>[^\W\d_]+(?:[/·][^\W\d_]+)*)"
    r"|(?P<mark>\S)"
)
"""«кН» and «мм/мин» are words; «РЭМ-100», «М20» and «44-ФЗ» are names."""
_WORTH: Final = {
    "ноль": 0, "нуль": 0, "один": 1, "два": 2, "двое": 2, "три": 3, "трое": 3, "четыре": 4,
    "четверо": 4, "пять": 5, "шесть": 6, "семь": 7, "восемь": 8, "девять": 9, "десять": 10,
    "одиннадцать": 11, "двенадцать": 12, "тринадцать": 13, "четырнадцать": 14,
    "пятнадцать": 15, "шестнадцать": 16, "семнадцать": 17, "восемнадцать": 18,
    "девятнадцать": 19, "двадцать": 20, "тридцать": 30, "сорок": 40, "пятьдесят": 50,
    "шестьдесят": 60, "семьдесят": 70, "восемьдесят": 80, "девяносто": 90, "сто": 100,
    "двести": 200, "триста": 300, "четыреста": 400, "пятьсот": 500, "шестьсот": 600,
    "семьсот": 700, "восемьсот": 800, "девятьсот": 900,
}  # fmt: skip
_TIMES: Final = {
    "тысяча": 1000, "тыс": 1000, "миллион": 10**6, "млн": 10**6, "миллиард": 10**9,
    "млрд": 10**9,
}  # fmt: skip
_NO_FACTOR: Final = 10**12
"""Larger than any factor: the first group may have each."""
_SHORT: Final = frozenset({"тыс", "млн", "млрд"})
_PARTS: Final = {"десятый": 10, "сотый": 100, "тысячный": 1000}
_ONE_THOUSAND: Final = frozenset({"тысяча", "тысячу"})
_WHOLE: Final = "целый"
_ONE_AND_A_HALF: Final = "полтора"


@dataclass(frozen=True)
class Token:
    """A piece of a text."""

    kind: Kind
    text: str


@dataclass(frozen=True)
class Number:
    """A number read from the tokens ``start`` … ``end`` (the end excluded)."""

    value: Decimal | str
    """A string for what is no decimal number («12.2.003»)."""
    start: int
    end: int
    times: int = 1
    """What «тысяча» or «миллион» behind it has multiplied it by."""
    in_words: bool = False


def tokens_of(text: str) -> list[Token]:
    """The tokens of a text without its blanks, ё written as е."""
    return [
        Token(match.lastgroup, match.group())  # type: ignore[arg-type]  # the groups are the kinds
        for match in _TOKEN.finditer(text.replace("ё", "е").replace("Ё", "Е"))
    ]


def lemma(word: str) -> str:
    """The dictionary form of a word, most likely reading, ё written as е."""
    return _reading(word)[0]


def is_noun(word: str) -> bool:
    """Whether a word is most likely a noun."""
    return _reading(word)[1] == "NOUN"


def may_be_adjective(word: str) -> bool:
    """Whether a word can be an adjective or a participle («рабочий» can, besides a noun)."""
    return any(reading.tag.POS in ("ADJF", "PRTF") for reading in _morphology().parse(word))


def numbers_in(tokens: Sequence[Token]) -> list[Number]:
    """The numbers among the tokens, in order; clock times, names and telephones are not."""
    found, at = [], 0
    while at < len(tokens):
        number = _digits_at(tokens, at) or _words_at(tokens, at)
        if number is not None:
            found.append(number)
        at = number.end if number is not None else at + 1
    return found


def _digits_at(tokens: Sequence[Token], at: int) -> Number | None:
    if tokens[at].kind != "number":
        return None
    written = re.sub(r"\s|(?<=\d)-\D+$", "", tokens[at].text).replace("−", "-")
    try:
        value = Decimal(written.replace(",", "."))
    except InvalidOperation:
        return Number(written, at, at + 1)
    times, end = _times_at(tokens, at + 1)
    return _with_sign_and_half(tokens, Number(value * times, at, end, times))


def _words_at(tokens: Sequence[Token], at: int) -> Number | None:
    """«двадцать четыре», «три тысячи двести», «ноль целых пять десятых», «полтора»."""
    if _lemma_at(tokens, at) == _ONE_AND_A_HALF:
        times, end = _times_at(tokens, at + 1)
        return Number(Decimal("1.5") * times, at, end, times, in_words=True)
    total, times, end = _groups_at(tokens, at)
    if end == at:
        return None
    if times == 1 and _lemma_at(tokens, end) == _WHOLE:
        part, part_end = _sum_at(tokens, end + 1)
        size = _PARTS.get(_lemma_at(tokens, part_end))
        if size is not None and part_end > end + 1:
            times, end = _times_at(tokens, part_end + 1)
            total = (total + Decimal(part) / size) * times
    return _with_sign_and_half(tokens, Number(total, at, end, times, in_words=True))


def _groups_at(tokens: Sequence[Token], at: int) -> tuple[Decimal, int, int]:
    """«три миллиона двести тысяч пять»: the value, the last group's factor, and the end."""
    total, last = 0, _NO_FACTOR
    if at < len(tokens) and tokens[at].text.lower() in _ONE_THOUSAND:
        total, last, at = 1000, 1000, at + 1
    while last > 1:
        group, end = _sum_at(tokens, at)
        times, after = _times_at(tokens, end)
        if end == at or times >= last:
            break
        total, last, at = total + group * times, times, after
    return Decimal(total), last, at


def _sum_at(tokens: Sequence[Token], at: int) -> tuple[int, int]:
    """What number words below a thousand add up to, and where they end."""
    total, room = 0, 1000
    while (worth := _WORTH.get(_lemma_at(tokens, at))) is not None and worth < room:
        total += worth
        room = 100 if worth >= 100 else 10 if worth >= 20 else 0
        at += 1
    return total, at


def _times_at(tokens: Sequence[Token], at: int) -> tuple[int, int]:
    """What «тысяч» or «млн.» at a place multiplies by, and where it ends; 1 for anything else."""
    times = _TIMES.get(_lemma_at(tokens, at))
    if times is None:
        return 1, at
    is_short = tokens[at].text in _SHORT and tokens[at + 1 : at + 2] == [Token("mark", ".")]
    return times, at + 2 if is_short else at + 1


def _with_sign_and_half(tokens: Sequence[Token], number: Number) -> Number:
    """«минус двадцать»; «три с половиной»."""
    value, end = Decimal(number.value), number.end
    if [token.text for token in tokens[end : end + 2]] == ["с", "половиной"]:
        value, end = value + Decimal("0.5") * number.times, end + 2
    if _lemma_at(tokens, number.start - 1) == "минус":
        value = -value
    return Number(value, number.start, end, number.times, number.in_words)


def _lemma_at(tokens: Sequence[Token], at: int) -> str:
    inside = 0 <= at < len(tokens) and tokens[at].kind == "word"
    return lemma(tokens[at].text) if inside else ""


@cache
def _reading(word: str) -> tuple[str, str]:
    best = _morphology().parse(word)[0]
    return best.normal_form.replace("ё", "е"), str(best.tag.POS)


@cache
def _morphology() -> pymorphy3.MorphAnalyzer:
    """Loaded when first needed: the dictionaries take 0.1 s."""
    return pymorphy3.MorphAnalyzer()
