"""Every spelling of every unit, looked up by what was said or written.

Built once from :mod:`bot.russian.units`: words in all cases, symbols in any case, letters
read out («эм-пэ-а», «каэн», «к н»), Latin symbols and letters that only look alike.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import product
from typing import Final

from bot.russian.units import UNITS, Kind, Need, Unit


@dataclass(frozen=True)
class Form:
    """What one spelling stands for."""

    symbol: str
    kind: Kind
    need: Need
    spelled: bool = False
    """Said letter by letter: a neighbouring letter's name makes it another abbreviation."""
    written: bool = False
    """The symbol itself, not a word."""


_LETTER_NAMES: Final = {
    "а": ("а",), "в": ("вэ", "ве"), "г": ("гэ", "ге"), "д": ("дэ", "де"), "к": ("ка", "кэ"),
    "м": ("эм", "мэ"), "н": ("эн", "нэ"), "п": ("пэ", "пе"), "р": ("эр", "рэ"),
    "с": ("эс", "сэ"), "т": ("тэ", "те"), "ц": ("цэ", "це"), "э": ("э",),
    "H": ("аш", "эйч", "ха", "хэ"), "R": ("эр", "ар"), "C": ("цэ", "це", "си"),
    "A": ("а", "эй"), "B": ("бэ", "бе", "би"), "V": ("вэ", "ве", "ви"),
    "W": ("дабл ю", "дубль вэ"),
}  # fmt: skip
LETTER_NAMES: Final[frozenset[str]] = frozenset(
    "бэ вэ гэ дэ жэ зэ ка эл эм эн пэ эр эс тэ эф цэ чэ аш эйч".split()
)
"""Names of letters that are not words of their own."""

_HALF_SPELLED: Final = {
    "к н": "кН", "эн": "Н", "м-п-а": "МПа", "к п а": "кПа", "г-п-а": "ГПа",
    "эм па": "МПа", "мэ па": "МПа", "ка па": "кПа", "кэ па": "кПа", "гэ па": "ГПа",
    "мега па": "МПа", "кило па": "кПа", "гига па": "ГПа", "кило эн": "кН", "мега эн": "МН",
    "эмпа": "МПа", "мэпа": "МПа", "к г с": "кгс", "г-ц": "Гц", "к г ц": "кГц", "к вт": "кВт",
    "к в т": "кВт", "h r c": "HRC", "h r b": "HRB", "h b": "HB", "h v": "HV",
}  # fmt: skip
"""Said half by letters. One that begins with a symbol (м, г) is read only with hyphens."""
_LATIN: Final = {
    "kn": "кН", "n": "Н", "mn": "МН", "pa": "Па", "kpa": "кПа", "mpa": "МПа", "gpa": "ГПа",
    "mm": "мм", "cm": "см", "km": "км", "um": "мкм", "µm": "мкм", "μm": "мкм", "µм": "мкм",
    "μм": "мкм", "kg": "кг", "mg": "мг", "kgf": "кгс", "tf": "тс", "gf": "гс", "hz": "Гц",
    "khz": "кГц", "mhz": "МГц", "ghz": "ГГц", "kv": "кВ", "mv": "мВ", "ma": "мА", "kw": "кВт",
    "kva": "кВА", "ms": "мс", "sec": "с", "min": "мин", "bar": "бар", "atm": "атм",
}  # fmt: skip
_LATIN_EXACT: Final = {
    "V": "В", "B": "В", "A": "А", "W": "Вт", "H": "Н", "J": "Дж", "MW": "МВт", "m": "м",
    "g": "г", "t": "т", "s": "с", "h": "ч", "mN": "мН", "mW": "мВт",
}  # fmt: skip
"""Where the case of a Latin letter tells one unit from another."""

_CYRILLIC_ALIKE: Final = str.maketrans("ABCEHKMOPTXaceopxk", "АВСЕНКМОРТХасеорхк")
_LATIN_ALIKE: Final = str.maketrans("АВСЕНКМОРТХасеорх", "ABCEHKMOPTXaceopx")


def spellings(letters: str) -> Iterator[str]:
    """Ways to read ``letters`` out by their names: «ка эн», «кэ эн», …"""
    for names in product(*(_LETTER_NAMES[letter] for letter in letters)):
        yield " ".join(names)


def _forms_of(unit: Unit) -> Iterator[tuple[str, Form]]:
    for word in unit.words:
        yield word, Form(unit.symbol, unit.kind, unit.word_need)
    if unit.letters:
        # Two letters run together can be a word or a name («Хави»): these need a number.
        need = Need.NUMBER if len(unit.letters) <= 2 else unit.spelled_need
        for said in spellings(unit.letters):
            yield said.replace(" ", ""), Form(unit.symbol, unit.kind, need, spelled=True)
            yield said, Form(unit.symbol, unit.kind, unit.spelled_need, spelled=True)
    if unit.symbol_need is not None:
        form = Form(unit.symbol, unit.kind, unit.symbol_need, written=True)
        yield unit.symbol.lower(), form


def _all_forms(units: Iterable[Unit]) -> dict[str, Form]:
    forms = {said: form for unit in units for said, form in _forms_of(unit)}
    symbols = {form.symbol: form for form in forms.values() if form.written}
    for said, symbol in _HALF_SPELLED.items():
        forms[said] = replace(symbols[symbol], need=Need.NUMBER, spelled=True, written=False)
    for said, symbol in _LATIN.items():
        forms[said] = symbols[symbol]
    return forms


FORMS: Final = _all_forms(UNITS)
_BY_SYMBOL: Final = {
    form.symbol: form for unit in UNITS for _, form in _forms_of(unit) if form.written
}
_WORDS_OF_FORMS: Final = tuple(said.replace("-", " ").split() for said in FORMS)
_FIRST_WORDS: Final = frozenset(words[0] for words in _WORDS_OF_FORMS)
MOST_WORDS: Final = max(len(words) for words in _WORDS_OF_FORMS)


def fold(word: str) -> str:
    """The key of a word: lower case, look-alike letters of the other alphabet put right."""
    key = word.lower()
    if key in _FIRST_WORDS or not any("A" <= letter <= "z" for letter in word):
        return key
    cyrillic = word.translate(_CYRILLIC_ALIKE)
    if cyrillic.lower() in _FIRST_WORDS:
        return cyrillic.lower()
    latin = word.translate(_LATIN_ALIKE).lower()
    return latin if latin in _FIRST_WORDS else key


def find_form(words: tuple[str, ...], *, hyphenated: bool) -> Form | None:
    """The unit that these words, as they stand in the text, name exactly; ``None`` if none."""
    if len(words) == 1 and (form := _by_exact_case(words[0])) is not None:
        return form
    form = FORMS.get(" ".join(words).lower()) or FORMS.get(" ".join(fold(word) for word in words))
    if form is None and hyphenated:
        form = FORMS.get("-".join(words).lower())
    if form is not None and len(words) == 1 and len(words[0]) == 1 and words[0].isupper():
        # «5 М» may be a thread or a name; «5 М/С» is a speed.
        return form if form.symbol.isupper() else replace(form, need=Need.PARTNER)
    return form


def _by_exact_case(word: str) -> Form | None:
    """A symbol in its right case («мН» is not «МН»), or a Latin one told by its case."""
    if word in _BY_SYMBOL:
        return _BY_SYMBOL[word]
    if (symbol := _LATIN_EXACT.get(word)) is None:
        return None
    form = _BY_SYMBOL[symbol]
    return replace(form, need=Need.DIGITS) if form.need is Need.LAST else form
