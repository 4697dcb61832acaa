"""Names of machines and standards in what people say: «РЭМ-100», «двухсотая», «ГОСТ 1497»."""

import re
from collections.abc import Sequence

from bot.wordforms import Word

_NAME = re.compile(r"\b(?:РЭМ|РГМ|[А-ЯЁA-Z]{2,}(?=-\d))(?:-[А-ЯЁA-Z0-9]+)*\b")
"""A family or a product: РЭМ, РЭМ-100, РГМ-1000-А, КМ-50; the normaliser spells them so."""
_STANDARD = re.compile(r"\b(?:ГОСТ(?:\s+Р)?|ISO|ИСО|ASTM)[\s-]+[A-ZА-Я]?[\d.-]*\d")
_NO_NAMES = ("ГОСТ-", "ISO-", "ИСО-", "ASTM-")

_SIZES = {
    "пят": 5, "десят": 10, "двадцат": 20, "пятидесят": 50, "сот": 100, "двухсот": 200,
    "трехсот": 300, "четырехсот": 400, "пятисот": 500, "шестисот": 600, "тысячн": 1000,
    "двухтысячн": 2000, "трехтысячн": 3000, "пятитысячн": 5000,
}  # fmt: skip
_NICKNAMES = {stem + end: size for stem, size in _SIZES.items() for end in ("ый", "ой", "ка")}
_NICKNAMES |= {"пятерка": 5, "полтинник": 50, "тысячник": 1000, "двухтысячник": 2000}
"""What callers call a machine by its size, in the dictionary form: «двухсотая», «сотка»."""
_FRACTION = ("ых", "ыми")
"""«Пять десятых» is a number."""


def products(text: str) -> tuple[str, ...]:
    """The names of products in a text, in order, each once; not one that «не» stands before."""
    found = (
        match.group()
        for match in _NAME.finditer(text)
        if not match.group().startswith(_NO_NAMES)
        and not text[: match.start()].lower().endswith(("не ", "не про "))
    )
    return tuple(dict.fromkeys(found))


def names_standard(text: str) -> bool:
    """Whether a standard is named with its number."""
    return _STANDARD.search(text) is not None


def sized(word: Word, spoken_of: Sequence[str], catalogue: Sequence[str]) -> str:
    """The machine that ``word`` calls by its size alone; empty when it does not.

    ``spoken_of`` are the machines of the dialogue, the likeliest first; without any it is just a
    number. After РЭМ-100 «двухсотая» is РЭМ-200, and «двухтысячная» is РГМ-2000 if the
    ``catalogue`` has some РГМ no larger than that: a family begins at its least machine.
    """
    size = _NICKNAMES.get(word.lemma)
    if size is None or not spoken_of or word.text.endswith(_FRACTION):
        return ""
    same = next((name for name in spoken_of if _size(name) == size), "")
    return same or f"{_family_of(size, _family(spoken_of[0]), [*spoken_of, *catalogue])}-{size}"


def _family_of(size: int, present: str, names: Sequence[str]) -> str:
    """The family that ``size`` belongs to: the present one unless another begins nearer to it."""
    least: dict[str, int] = {}
    for name in names:
        if own := _size(name):
            least[_family(name)] = min(own, least.get(_family(name), own))
    fitting = [family for family, smallest in least.items() if smallest <= size]
    return max(fitting, key=lambda family: (least[family], family == present), default=present)


def _family(name: str) -> str:
    return name.partition("-")[0]


def _size(name: str) -> int:
    number = name.partition("-")[2]
    return int(number) if number.isdecimal() else 0
