"""Roman numerals before a noun, as ordinals that agree with it."""

import re
from typing import Final

from bot.russian.spoken.cases import Case, Gender, ordinal

_VALUES: Final = {
    "I": 1, "II": 2, "III": 3, "IV": 4, "V": 5, "VI": 6, "VII": 7, "VIII": 8, "IX": 9, "X": 10,
    "XI": 11, "XII": 12, "XIII": 13, "XIV": 14, "XV": 15, "XVI": 16, "XVII": 17, "XVIII": 18,
    "XIX": 19, "XX": 20, "XXI": 21, "XXII": 22,
}  # fmt: skip
_NUMERAL: Final = "|".join(sorted(_VALUES, key=len, reverse=True))
_BEFORE_NOUN: Final = re.compile(
    rf"(?<![\w-])(?:(?P<first>{_NUMERAL})(?P<joint> и |, |[-–])){{0,1}}(?P<last>{_NUMERAL}) "
    r"(?P<noun>категори|степен|групп|част|очеред|стади|ступен|этап|класс|разряд|тип|том|вид|раздел"
    r"|полугоди)"
    r"(?P<ending>[а-яё]{0,3})\b"
)
_FEMININE: Final[dict[str, Case]] = {
    "я": "n", "а": "n", "ь": "n", "и": "g", "ы": "g", "ей": "i", "ой": "i", "ью": "i", "ю": "a",
    "у": "a", "е": "p",
}  # fmt: skip
_MASCULINE: Final[dict[str, Case]] = {"": "n", "а": "g", "у": "d", "ом": "i", "е": "p"}
_NEUTER: Final[dict[str, Case]] = {"е": "n", "я": "g", "ю": "d", "ем": "i", "и": "p"}
_NEUTER_NOUN: Final = "полугоди"
_MASCULINE_NOUNS: Final = frozenset("этап класс разряд тип том вид раздел".split())


def speak_roman(text: str) -> str:
    """«I и II категории» → «первой и второй категории»."""
    return _BEFORE_NOUN.sub(_as_ordinal, text)


def _declined(noun: str) -> tuple[dict[str, Case], Gender]:
    if noun in _MASCULINE_NOUNS:
        return _MASCULINE, "m"
    return (_NEUTER, "n") if noun == _NEUTER_NOUN else (_FEMININE, "f")


def _as_ordinal(match: re.Match[str]) -> str:
    endings, gender = _declined(match["noun"])
    case = endings.get(match["ending"])
    if case is None:
        return match.group()
    first = ordinal(_VALUES[match["first"]], case, gender) if match["first"] else ""
    last = ordinal(_VALUES[match["last"]], case, gender)
    return f"{first}{match['joint'] or ''}{last} {match['noun']}{match['ending']}"
