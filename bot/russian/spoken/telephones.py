"""Telephone numbers by the groups they are written in."""

import re
from typing import Final

from bot.russian.spoken.digits import speak_digits

_FULL: Final = re.compile(
    r"(?<![\w+.,/-])(?:\+ ?7|8|7(?= ?\())[ -]?\(?\d{3,5}\)?(?:[ -]{0,3}\d{1,3}){2,4}(?!\d)"
)
_UNBROKEN: Final = re.compile(r"(?<![\w+.,/-])(?:\+7\d{10}|[78][3489]\d{9})(?!\d)")
_WITH_AREA: Final = re.compile(r"(?<![\w+.,/-])\(\d{3,5}\)[ -]?\d{1,3}(?:[ -]\d\d){2}(?!\d)")
_LOCAL: Final = re.compile(r"(?<![\w+.,/-])\d{1,3}(?:-\d\d){2}(?![\w-])")
_DASHES: Final = re.compile(r"(?<=\d)[–‑](?=\d\d(?:\D|$))")
_EXTENSION: Final = re.compile(r"\bдоб(?:\.|авочн\w+)? ?(?=\d)")
_LABEL: Final = re.compile(r"\b([Тт])ел\.? ?(:?) ?(?=[+\d(])")
_DIGITS: Final = 11


def speak_telephones(text: str) -> str:
    """«+7 (34783) 3-65-11» → «плюс семь, тридцать четыре семьсот восемьдесят три, …»."""
    text = _LABEL.sub(r"\1елефон\2 ", _EXTENSION.sub("добавочный ", text))
    text = _UNBROKEN.sub(_speak_unbroken, text)
    text = _FULL.sub(_speak_full, _dashes_as_hyphens(text))
    return _LOCAL.sub(_speak_groups, _WITH_AREA.sub(_speak_groups, text))


def _dashes_as_hyphens(text: str) -> str:
    """«3–65–11» with hyphens; a single dash between numbers is left, it may be a range."""
    return re.sub(
        r"(?<![\d–‑])\d{1,3}(?:[–‑]\d\d){2}(?!\d)", lambda m: _DASHES.sub("-", m[0]), text
    )


def _speak_unbroken(match: re.Match[str]) -> str:
    digits = match.group().lstrip("+")
    groups = (digits[0], digits[1:4], digits[4:7], digits[7:9], digits[9:])
    return _speak(groups, plus=match.group().startswith("+"))


def _speak_full(match: re.Match[str]) -> str:
    groups = tuple(re.findall(r"\d+", match.group()))
    if sum(map(len, groups)) != _DIGITS:
        return match.group()
    return _speak(groups, plus=match.group().startswith("+"))


def _speak_groups(match: re.Match[str]) -> str:
    return _speak(tuple(re.findall(r"\d+", match.group())), plus=False)


def _speak(groups: tuple[str, ...], *, plus: bool) -> str:
    return ("плюс " if plus else "") + ", ".join(speak_digits(group) for group in groups)
