"""The table of units a caller may name: canonical symbol, and the words and letters for it.

Forms are lower-case; a blank in a form stands for a blank or a hyphen in the text.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, IntEnum, auto
from typing import Final


class Kind(Enum):
    """What a unit measures; decides which units may be joined («в секунду», «на метр»)."""

    FORCE = auto()
    PRESSURE = auto()
    LENGTH = auto()
    AREA = auto()
    VOLUME = auto()
    MASS = auto()
    TEMPERATURE = auto()
    FREQUENCY = auto()
    VOLTAGE = auto()
    CURRENT = auto()
    POWER = auto()
    ENERGY = auto()
    TIME = auto()
    TURNS = auto()
    SHARE = auto()
    HARDNESS = auto()
    RATIO = auto()
    """Already joined («мм/с»): joins nothing more."""


class Need(IntEnum):
    """What must stand around a form for it to be a unit; a larger one asks for more."""

    NOTHING = 0
    NUMBER = 1
    """A number before it, in digits or words."""
    DIGITS = 2
    """A number before it, in digits."""
    LAST = 3
    """The same, and after it nothing that a preposition could govern («220 в.»)."""
    PARTNER = 4
    """Never a unit by itself, only as a part of one («оборотов» in «об/мин»)."""


@dataclass(frozen=True)
class Unit:
    """A unit and the ways to say it."""

    symbol: str
    kind: Kind
    words: tuple[str, ...] = ()
    word_need: Need = Need.NUMBER
    """``NOTHING`` for words that mean nothing else; everyday words need a number."""
    symbol_need: Need | None = Need.NUMBER
    """Of the symbol as written, in any case; ``None`` when another entry has the symbol."""
    letters: str = ""
    """What it is spelled with when it is said letter by letter."""
    spelled_need: Need = Need.NUMBER


def hard(*stems: str) -> tuple[str, ...]:
    """All forms of a masculine noun like «ньютон»."""
    endings = ("", "а", "у", "ом", "е", "ы", "ов", "ам", "ами", "ах")
    return tuple(stem + ending for stem in stems for ending in endings)


def soft(*stems: str) -> tuple[str, ...]:
    """All forms of a masculine noun like «паскаль», given without its «ь»."""
    endings = ("ь", "я", "ю", "ем", "е", "и", "ей", "ям", "ями", "ях")
    return tuple(stem + ending for stem in stems for ending in endings)


def feminine(*stems: str) -> tuple[str, ...]:
    """All forms of a feminine noun like «секунда», given without its «а»."""
    endings = ("а", "ы", "е", "у", "ой", "ою", "", "ам", "ами", "ах")
    return tuple(stem + ending for stem in stems for ending in endings)


_HERTZ = (*hard("герц"), "герцем", "герцев")
_GRAM = (*hard("грамм"), "грам", "грама", "грамов")
_CELSIUS = tuple(
    f"{degree} {scale}"
    for degree in (*hard("градус"), "град", "гр")
    for scale in ("цельсия", "по цельсию", "по шкале цельсия", "цельсию", "цельсий", "с")
)
_PREFIXES: Final = {
    "к": ("кило",), "М": ("мега",), "Г": ("гига",), "м": ("милли", "мили"), "мк": ("микро",),
    "с": ("санти",), "д": ("деци",), "н": ("нано",),
}  # fmt: skip
_EVERYDAY: Final = frozenset({"км", "см", "дм", "кг", "мкм"})
"""Multiples whose words live outside engineering («микрометр» is also a tool)."""
_UNMISTAKABLE: Final = frozenset(
    {"кН", "кПа", "МПа", "ГПа", "Гц", "кГц", "МГц", "ГГц", "кВт", "МВт", "мкм", "кДж"}
)
"""Written symbols that nothing else looks like, in any case of letters."""


def _symbol_need(symbol: str) -> Need:
    if symbol in _UNMISTAKABLE:
        return Need.NOTHING
    if symbol in ("В", "А"):  # «220 в сети», «5, а не 6»
        return Need.LAST
    return Need.DIGITS if len(symbol) == 1 else Need.NUMBER


def _family(
    base: str, kind: Kind, words: tuple[str, ...], multiples: str, *, spelled: bool = True
) -> Iterable[Unit]:
    """The unit ``base`` and its multiples, given by their prefixes in the symbol.

    Where two multiples differ only in the case of a letter the later one gets the
    lower-case spelling: «мн» is far more often said of МН than of мН.
    """
    yield Unit(
        base,
        kind,
        words,
        symbol_need=_symbol_need(base),
        letters=base.lower() if spelled and base != "А" else "",
    )
    for prefix in multiples.split():
        symbol = prefix + base
        starts = [said + gap for said in _PREFIXES[prefix] for gap in ("", " ")]
        yield Unit(
            symbol,
            kind,
            tuple(start + word for start in starts for word in words),
            word_need=Need.NUMBER if symbol in _EVERYDAY else Need.NOTHING,
            symbol_need=_symbol_need(symbol),
            letters=symbol.lower() if spelled else "",
            spelled_need=Need.NOTHING if symbol in _UNMISTAKABLE else Need.NUMBER,
        )


def _hardness(symbol: str, spelled_need: Need = Need.NOTHING) -> Unit:
    """A scale's sign is Latin and is said by the Latin letters' names."""
    return Unit(
        symbol,
        Kind.HARDNESS,
        symbol_need=Need.NOTHING,
        letters=symbol,
        spelled_need=spelled_need,
    )


def _also(symbol: str, kind: Kind, *words: str, need: Need = Need.NUMBER) -> Unit:
    """More words for a unit that has its own entry."""
    return Unit(symbol, kind, words, word_need=need, symbol_need=None)


UNITS: Final[tuple[Unit, ...]] = (
    *_family("Н", Kind.FORCE, hard("ньютон", "нютон", "ньютен"), "м к М"),
    *_family("Па", Kind.PRESSURE, soft("паскал"), "к М Г"),
    *_family("м", Kind.LENGTH, hard("метр"), "к д с м мк н"),
    *_family("г", Kind.MASS, _GRAM, "м к"),
    *_family("л", Kind.VOLUME, hard("литр"), "м", spelled=False),
    *_family("Гц", Kind.FREQUENCY, _HERTZ, "к М Г"),
    *_family("В", Kind.VOLTAGE, hard("вольт"), "м к"),
    *_family("А", Kind.CURRENT, hard("ампер"), "м"),
    *_family("Вт", Kind.POWER, hard("ватт", "ват"), "м к М"),
    *_family("Дж", Kind.ENERGY, soft("джоул"), "к", spelled=False),
    *_family("с", Kind.TIME, feminine("секунд"), "м мк", spelled=False),
    Unit("мин", Kind.TIME, feminine("минут")),
    Unit("ч", Kind.TIME, hard("час"), symbol_need=Need.DIGITS),
    Unit("т", Kind.MASS, (*feminine("тонн"), "тон"), symbol_need=Need.DIGITS),
    Unit("гс", Kind.FORCE, letters="гс"),
    Unit("кгс", Kind.FORCE, symbol_need=Need.NOTHING, letters="кгс"),
    Unit("тс", Kind.FORCE, letters="тс"),
    Unit("бар", Kind.PRESSURE, hard("бар")),
    Unit("атм", Kind.PRESSURE, feminine("атмосфер")),
    Unit("кВА", Kind.POWER, letters="ква"),
    Unit("об", Kind.TURNS, hard("оборот"), word_need=Need.PARTNER, symbol_need=Need.PARTNER),
    _hardness("HRC"),
    _hardness("HRA", Need.NUMBER),  # «эйчара» is a person
    _hardness("HRB"),
    _hardness("HBW"),
    _hardness("HB"),
    _hardness("HV"),
    _also("с", Kind.TIME, "сек"),
    _also("мкм", Kind.LENGTH, *hard("микрон")),
    _also("кг", Kind.MASS, "кило", need=Need.LAST),
    _also("гс", Kind.FORCE, *feminine("граммсил", "грамсил"), need=Need.NOTHING),
    _also("кгс", Kind.FORCE, *feminine("килограммсил", "килограмсил"), need=Need.NOTHING),
    _also("тс", Kind.FORCE, *feminine("тоннасил", "тонносил"), need=Need.NOTHING),
    _also("м³", Kind.VOLUME, *hard("кубометр")),
    _also("°C", Kind.TEMPERATURE, *_CELSIUS, need=Need.NOTHING),
    _also("°C", Kind.TEMPERATURE, "цельсия"),
    _also("%", Kind.SHARE, *hard("процент")),
    _also("HRC", Kind.HARDNESS, "хрц", "хрс", need=Need.NOTHING),
    _also("HB", Kind.HARDNESS, "нв"),
)
"""Of two entries for one spelling the later one has it."""
