"""Units as nouns: the word for each symbol, in any case and number."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from bot.russian.units import UNITS, Kind


class Declension(Enum):
    """How a unit's endings differ from those of «ньютон», or of «тонна» if it is feminine."""

    HARD = auto()
    SOFT = auto()
    """«паскаль»."""
    COUNTED = auto()
    """«вольт»: no ending in the genitive plural."""
    FEMININE = auto()


_SOFT: Final = {
    "": "ь", "а": "я", "у": "ю", "ом": "ем", "ы": "и", "ов": "ей", "ам": "ям", "ами": "ями",
    "ах": "ях",
}  # fmt: skip
_ADJECTIVE: Final = {
    "": "ый", "а": "ого", "у": "ому", "ом": "ым", "е": "ом", "ы": "ые", "ам": "ым",
    "ами": "ыми",
}  # fmt: skip
_PLURAL_ADJECTIVE: Final = "ых"
_AFTER_FEW: Final = frozenset({"два", "три", "четыре"})
_COUNTED_ENDS: Final = ("вольт", "ватт", "ампер", "герц", "бар", "ом")


@dataclass(frozen=True)
class UnitNoun:
    """A unit in words.

    ``template`` has ``{0}`` for the noun's ending and ``{1}`` for that of a hard adjective
    («квадратн»), ``{2}`` for one after «к» («кубическ»).
    """

    template: str
    declension: Declension
    kind: Kind

    def form(self, ending: str, after: str = "") -> str:
        """The word where «ньютон» (or «тонна») has ``ending``, standing after the word ``after``:
        «два квадратных метра» but «одного квадратного метра»."""
        adjective = _ADJECTIVE.get(ending, _PLURAL_ADJECTIVE)
        if ending == "а" and after in _AFTER_FEW:
            adjective = _PLURAL_ADJECTIVE
        if self.declension is Declension.SOFT:
            ending = _SOFT.get(ending, ending)
        elif self.declension is Declension.COUNTED and ending == "ов":
            ending = ""
        return self.template.format(ending, adjective, adjective.replace("ы", "и"))

    def after_few(self, word: str) -> str:
        """After «два», «полторы» and the like."""
        return self.form("ы" if self.declension is Declension.FEMININE else "а", word)

    @property
    def plural_genitive(self) -> str:
        """«много …»."""
        return self.form("" if self.declension is Declension.FEMININE else "ов")

    @property
    def accusative(self) -> str:
        """«на один …», «на одну …»."""
        return self.form("у" if self.declension is Declension.FEMININE else "")

    @property
    def plural_prepositional(self) -> str:
        """«в …»."""
        return self.form("ах")


def _declension_of(lemma: str) -> Declension:
    if lemma.endswith("а"):
        return Declension.FEMININE
    if lemma.endswith("ь"):
        return Declension.SOFT
    return Declension.COUNTED if lemma.endswith(_COUNTED_ENDS) else Declension.HARD


def _read_units() -> Iterator[tuple[str, UnitNoun]]:
    """The units of :mod:`bot.russian.units` whose first word is their nominative."""
    for unit in UNITS:
        if unit.words and unit.symbol_need is not None:
            lemma = unit.words[0]
            declension = _declension_of(lemma)
            stem = lemma if declension in (Declension.HARD, Declension.COUNTED) else lemma[:-1]
            yield unit.symbol, UnitNoun(stem + "{0}", declension, unit.kind)


def _powers() -> Iterator[tuple[str, UnitNoun]]:
    for symbol, stem in (
        ("мм", "миллиметр"), ("см", "сантиметр"), ("дм", "дециметр"), ("м", "метр"),
        ("км", "километр"),
    ):  # fmt: skip
        yield symbol + "²", UnitNoun(f"квадратн{{1}} {stem}{{0}}", Declension.HARD, Kind.AREA)
        yield symbol + "³", UnitNoun(f"кубическ{{2}} {stem}{{0}}", Declension.HARD, Kind.VOLUME)


_ENERGIES: Final = {
    "Н·м": "ньютон-метр", "кН·м": "килоньютон-метр", "Н·мм": "ньютон-миллиметр",
    "кВт·ч": "киловатт-час",
}  # fmt: skip

NOUNS: Final[dict[str, UnitNoun]] = {
    **dict(_read_units()),
    **dict(_powers()),
    **{
        symbol: UnitNoun(word + "{0}", Declension.HARD, Kind.ENERGY)
        for symbol, word in _ENERGIES.items()
    },
    "гс": UnitNoun("грамм-сил{0}", Declension.FEMININE, Kind.FORCE),
    "кгс": UnitNoun("килограмм-сил{0}", Declension.FEMININE, Kind.FORCE),
    "тс": UnitNoun("тонн{0}-сил{0}", Declension.FEMININE, Kind.FORCE),
    "кВА": UnitNoun("киловольт-ампер{0}", Declension.COUNTED, Kind.POWER),
    "Ом": UnitNoun("ом{0}", Declension.COUNTED, Kind.VOLTAGE),
    "кОм": UnitNoun("килоом{0}", Declension.COUNTED, Kind.VOLTAGE),
    "МОм": UnitNoun("мегаом{0}", Declension.COUNTED, Kind.VOLTAGE),
    "дБ": UnitNoun("децибел{0}", Declension.COUNTED, Kind.SHARE),
    "дБА": UnitNoun("децибел{0}", Declension.COUNTED, Kind.SHARE),
    "К": UnitNoun("кельвин{0}", Declension.HARD, Kind.TEMPERATURE),
    "сек": UnitNoun("секунд{0}", Declension.FEMININE, Kind.TIME),
    "экз": UnitNoun("экземпляр{0}", Declension.HARD, Kind.SHARE),
    "компл": UnitNoun("комплект{0}", Declension.HARD, Kind.SHARE),
    "стр": UnitNoun("страниц{0}", Declension.FEMININE, Kind.SHARE),
    "об": UnitNoun("оборот{0}", Declension.HARD, Kind.TURNS),
}
"""Every symbol that may stand after a number, as a noun."""
