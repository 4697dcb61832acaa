"""Units after numbers, and units alone, in words and in their case.

The library finds the case of a number and its unit from the sentence, but knows few units and
confuses the short ones («до 5 т» with thousands). So before it a unit is replaced by one that it
always reads right, followed by marks for itself and for what it is divided by; after it the word
takes the place of all: «до 5 т» → «до 5 мс▮» → «до пяти миллисекунд▮» → «до пяти тонн».
"""

import re
from functools import partial
from typing import Final, Literal

from bot.russian.number_words import counted
from bot.russian.spoken.cases import in_case
from bot.russian.spoken.unit_nouns import NOUNS, Declension
from bot.russian.units import Kind

_UNIT_MARKS: Final = 0x10F000
_PER_MARKS: Final = 0x10F100
"""Private characters of a plane that the library leaves alone (its ``placeholders.py``)."""
_STAND_IN: Final = "кН"
_FEMININE_STAND_IN: Final = "мс"
_SYMBOLS: Final = tuple(NOUNS)
_MARK_OF: Final = {symbol: chr(_UNIT_MARKS + at) for at, symbol in enumerate(_SYMBOLS)}
_PER: Final = {
    **{
        symbol: f"{'в' if noun.kind is Kind.TIME else 'на'} {noun.accusative}"
        for symbol, noun in NOUNS.items()
    },
    "сут": "в сутки",
    "°C": "на градус Цельсия",
}
_PER_MARK: Final = {symbol: chr(_PER_MARKS + at) for at, symbol in enumerate(_PER)}
_PER_OF: Final = dict(zip(_PER_MARK.values(), _PER.values(), strict=True))


def _any_of(symbols: dict[str, str]) -> str:
    return "|".join(re.escape(symbol) for symbol in sorted(symbols, key=len, reverse=True))


_DIVIDED: Final = rf"(?: ?/ ?(?P<per>{_any_of(_PER)}))?"
_END: Final = r"(?![\w·]|/\w)"
_COUNTED: Final = re.compile(
    rf"(?<=\d) ?(?P<unit>{_any_of(_MARK_OF)}){_DIVIDED}(?P<stop>\.(?= [а-яё]|[,;:)]))?{_END}"
)
_SECONDS_ALONE: Final = re.compile(r" ?[.,;!?)]| ?$| (?:при|и|или|до|после|на) ")
_YEAR: Final = re.compile(r"(?<!\d)(?:1[89]|20)\d\d$")
_TOWN: Final = re.compile(r"\. ?[А-ЯЁ]")
_HOUSE: Final = re.compile(
    r"(?:\b(?:дом|д\.|стр\.|корп\.|оф\.|офис|корпус) ?|\d{3})\d+$", re.IGNORECASE
)
_SHARE: Final = re.compile(rf"(?P<share>°[CС]|%) ?/ ?(?P<per>{_any_of(_PER)}){_END}")
_SAID: Final = re.compile(
    "(?:(?P<before>[а-яё]+) )?(?:килоньютон|миллисекунд)(?P<ending>[а-яё]*)"
    "(?P<unit>[\U0010f000-\U0010f0ff])(?P<per>[\U0010f100-\U0010f1ff]?)"
)
_UNSAID: Final = re.compile(
    "(?:кН|мс)?(?P<unit>[\U0010f000-\U0010f0ff])(?P<per>[\U0010f100-\U0010f1ff]?)"
)
_PER_ALONE: Final = re.compile("[\U0010f100-\U0010f1ff]")

_WORDS_OF_THEIR_OWN: Final = frozenset("мин об бар атм гс тс мс см сек мА мВ экз компл стр".split())
"""Symbols that are ordinary words or their abbreviations without a number before them."""
_FEW: Final = frozenset("два две три четыре полтора полторы половиной".split())
_UNCOUNTED: Final = re.compile(
    r"(?<![А-Яа-яёA-Za-z\d-])(?<!\d )(?:(?P<before>[А-Яа-яё]+) )?(?P<unit>"
    + _any_of({s: "" for s in NOUNS if len(s) > 1 and s not in _WORDS_OF_THEIR_OWN})
    + rf"|об(?=/мин)){_DIVIDED}{_END}"
)

_LATIN: Final = {
    "kN": "кН", "MN": "МН", "N": "Н", "MPa": "МПа", "GPa": "ГПа", "kPa": "кПа", "Pa": "Па",
    "mm": "мм", "cm": "см", "km": "км", "um": "мкм", "µm": "мкм", "μm": "мкм", "m": "м",
    "kg": "кг", "g": "г", "t": "т", "kgf": "кгс", "Hz": "Гц", "kHz": "кГц", "MHz": "МГц",
    "GHz": "ГГц", "kW": "кВт", "W": "Вт", "kVA": "кВА", "V": "В", "mV": "мВ", "A": "А",
    "mA": "мА", "J": "Дж", "kJ": "кДж", "Nm": "Н·м", "s": "с", "sec": "с", "ms": "мс",
    "min": "мин", "h": "ч", "rpm": "об/мин", "dB": "дБ", "bar": "бар", "Ohm": "Ом",
}  # fmt: skip
_LATIN_UNIT: Final = re.compile(rf"(?:(?<=\d)|(?<=\d )|(?<=/))({_any_of(_LATIN)})(?![A-Za-z\d])")
_POWER: Final = re.compile(r"(?<![А-Яа-яё])(мм|см|дм|км|м)\^?([23])(?!\d)")
_POWER_SIGNS: Final = str.maketrans("23", "²³")
_PRODUCT: Final = re.compile(r"(?<=\d)( ?)(кН|Н|кВт) ?[·*⋅×x-] ?(мм|м|ч)(?![А-Яа-яё\d])")
_DISTANCE: Final = re.compile(r"\b[Вв] (?=\d+(?:,\d+)? ?(?:км|м|см|мм) от\b)")
_DISTANCE_SAID: Final = re.compile(r"\bпри(?=(?: [а-яё]+){1,6} \w*метр(?:е|ах) от\b)")
"""«в 10 м от стены» is a place: the case of «при», not of «в 10 м» alone."""
_BETWEEN: Final = re.compile(
    rf"\b(?P<before>между \d+,\d+ и )(?P<number>\d+) ?(?P<unit>{_any_of(_MARK_OF)}){_END}",
    re.IGNORECASE,
)
_EQUALS_SO_MANY: Final = re.compile(
    rf"(?P<before>(?:^|(?<=[.!?] ))В )(?P<number>1) ?(?P<unit>{_any_of(_MARK_OF)})"
    r"(?=,? (?:это )?\d)"
)
"""«В 1 кН — 1000 Н»: the pause between them is a comma by now."""
_MICRO: Final = re.compile("[µμ]м")


def hide_units(text: str) -> str:
    """``text`` with units replaced by the two that the library knows, each with its marks."""
    text = _LATIN_UNIT.sub(lambda match: _LATIN[match[1]], text)
    text = _POWER.sub(lambda match: match[1] + match[2].translate(_POWER_SIGNS), text)
    text = _PRODUCT.sub(r"\1\2·\3", _MICRO.sub("мкм", text))
    text = _SHARE.sub(lambda match: match["share"] + _PER_MARK[match["per"]], text)
    text = _BETWEEN.sub(partial(_declined, "i"), _EQUALS_SO_MANY.sub(partial(_declined, "p"), text))
    text = _COUNTED.sub(_hide, _DISTANCE.sub("при ", text))
    return _UNCOUNTED.sub(_speak_uncounted, text)


def _declined(case: Literal["i", "p"], match: re.Match[str]) -> str:
    """A whole number and its unit in the instrumental or the prepositional case."""
    noun, number = NOUNS[match["unit"]], match["number"]
    feminine = noun.declension is Declension.FEMININE
    singular, plural = {"i": ("ой" if feminine else "ом", "ами"), "p": ("е", "ах")}[case]
    said = in_case(int(number), case, "f" if feminine else "m")
    return f"{match['before']}{said} {noun.form(counted(number, singular, plural, plural))}"


def _hide(match: re.Match[str]) -> str:
    symbol, per = match["unit"], match["per"]
    if not per and _means_something_else(symbol, match):
        return match.group()
    noun = NOUNS[symbol]
    feminine = noun.declension is Declension.FEMININE
    stand_in = _FEMININE_STAND_IN if feminine else _STAND_IN
    return f" {stand_in}{_MARK_OF[symbol]}{_PER_MARK[per] if per else ''}"


def _means_something_else(symbol: str, match: re.Match[str]) -> bool:
    """«5 с половиной» is no time; «2004 г» and «д. 7 г. Уфа» are no grams."""
    after = match.string[match.end() :]
    if symbol == "с":
        return not (match["stop"] or _SECONDS_ALONE.match(after))
    is_year = _YEAR.search(match.string[: match.start()]) is not None
    before = match.string[: match.start()]
    is_town = _TOWN.match(after) is not None and _HOUSE.search(before) is not None
    return symbol == "г" and (is_year or is_town)


def _speak_uncounted(match: re.Match[str]) -> str:
    """«в кН», «за кг», «полтора кВт», «МПа»: with no figures before it."""
    noun, before = NOUNS[match["unit"]], match["before"] or ""
    word = before.lower()
    if word == "в":
        said = noun.plural_prepositional
    elif word in ("на", "за"):
        said = noun.accusative
    else:
        said = noun.after_few(word) if word in _FEW else noun.plural_genitive
    per = _PER_MARK[match["per"]] if match["per"] else ""
    return f"{before} {said}{per}".lstrip()


def show_units(text: str) -> str:
    """The units' own words in the places, and in the cases, of those that stood in for them."""
    text = _DISTANCE_SAID.sub("в", _UNSAID.sub(_say_unread, _SAID.sub(_say, text)))
    return _PER_ALONE.sub(lambda match: " " + _PER_OF.get(match[0], ""), text)


def _say(match: re.Match[str]) -> str:
    before = match["before"] or ""
    noun = NOUNS[_SYMBOLS[ord(match["unit"]) - _UNIT_MARKS]]
    return f"{before} {noun.form(match['ending'], before)}{match['per']}".lstrip()


def _say_unread(match: re.Match[str]) -> str:
    """Where the library did not read the number."""
    return f"{NOUNS[_SYMBOLS[ord(match['unit']) - _UNIT_MARKS]].plural_genitive}{match['per']}"
