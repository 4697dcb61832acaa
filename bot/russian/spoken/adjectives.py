"""Shortened adjectives in the gender and case of the noun after them."""

import re
from typing import Final

_STEMS: Final = {
    "макс": "максимальн", "мин": "минимальн", "ном": "номинальн", "доп": "дополнительн",
    "ср": "средн", "осн": "основн", "станд": "стандартн",
}  # fmt: skip
_SOFT_STEM: Final = "средн"
_SOFT: Final = {
    "ый": "ий", "ое": "ее", "ая": "яя", "ой": "ей", "ом": "ем", "ым": "им", "ого": "его",
    "ую": "юю",
}  # fmt: skip
_SHORTENED: Final = re.compile(
    rf"(?:\b(?P<before>[А-Яа-яё]+) )?(?<!\w)(?<!\d )(?P<short>{'|'.join(_STEMS)})\. "
    r"(?P<noun>[а-яё]+)",
    re.IGNORECASE,
)
_LIMIT: Final = re.compile(r"\b(макс|мин)\.? (?=\d)(?<!\d мин )(?<!\d мин\. )", re.IGNORECASE)
_LIMITS: Final = {"макс": "максимум ", "мин": "минимум "}
_OF_GENITIVE: Final = frozenset(
    "от до без для из около более менее больше меньше выше ниже свыше после у с".split()
)
_ENDINGS: Final = (
    (("ием", "ом", "ем"), "ым"),
    (("остью", "ией", "ой", "ей", "ости", "ы"), "ой"),
    (("лии", "нии"), "ом"),
    (("ии", "и"), "ой"),
    (("ость", "ую", "ия", "а", "я"), "ая"),
    (("ие", "ее", "ье", "о"), "ое"),
    (("у", "ю"), "ую"),
)
"""The first that a noun ends with tells its adjective's; any other noun is masculine."""


def speak_adjectives(text: str) -> str:
    """«макс. скорость» → «максимальная скорость», «от макс. усилия» → «от максимального …»."""
    text = _LIMIT.sub(lambda match: _LIMITS[match[1].lower()], text)
    return _SHORTENED.sub(_agree, text)


def _agree(match: re.Match[str]) -> str:
    before, noun = match["before"] or "", match["noun"]
    ending = next((adjective for ends, adjective in _ENDINGS if noun.endswith(ends)), "ый")
    if ending == "ая" and before.lower() in _OF_GENITIVE:
        ending = "ого"  # the genitive of a neuter or masculine noun: «усилия», «размера»
    stem = _STEMS[match["short"].lower()]
    if stem == _SOFT_STEM:
        ending = _SOFT[ending]
    return f"{before} {stem}{ending} {noun}".lstrip()
