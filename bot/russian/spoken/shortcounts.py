"""Counted words that are shortened with full stops: «3 л.с.», a term of «1 г.»."""

import re
from typing import Final

from bot.russian.number_words import counted
from bot.russian.spoken.cases import Case, case_after

_Forms = tuple[str, str, str]
_NUMBER: Final = r"(?:\b(?P<before>[а-яё]+) )?(?P<number>\d+(?:,\d+)?) ?"
_HORSEPOWER: Final = re.compile(rf"{_NUMBER}л\. ?с\.(?P<end>(?= ?$| (?-i:[А-ЯЁ])))?", re.IGNORECASE)
_HORSEPOWER_FORMS: Final[dict[Case, _Forms]] = {
    "n": ("лошадиная сила", "лошадиные силы", "лошадиных сил"),
    "a": ("лошадиную силу", "лошадиные силы", "лошадиных сил"),
    "g": ("лошадиной силы", "лошадиных сил", "лошадиных сил"),
}
_HORSEPOWER_PART: Final = "лошадиной силы"
_TERM: Final = re.compile(
    r"(?P<term>\b(?:гаранти|срок|служб|стаж|интервал|возраст)\w*(?:[ ,—–-]+[а-яё]+){0,3}?[ ,—–-]+)"
    rf"{_NUMBER}г\.(?P<end>(?= ?$| (?-i:[А-ЯЁ])))?",
    re.IGNORECASE,
)
_YEAR_FORMS: Final[dict[Case, _Forms]] = {
    "n": ("год", "года", "лет"),
    "g": ("года", "лет", "лет"),
}
_CALENDAR_YEAR: Final = 1800


def speak_short_counts(text: str) -> str:
    """«3 л.с.» → «3 лошадиные силы», «Гарантия 1 г.» → «Гарантия 1 год.»."""
    return _TERM.sub(_speak_term, _HORSEPOWER.sub(_speak_horsepower, text))


def _speak_horsepower(match: re.Match[str]) -> str:
    return _counted(match, _HORSEPOWER_FORMS, _HORSEPOWER_PART)


def _speak_term(match: re.Match[str]) -> str:
    number = match["number"]
    if "," not in number and int(number) >= _CALENDAR_YEAR:
        return match.group()
    return match["term"] + _counted(match, _YEAR_FORMS, "года")


def _counted(match: re.Match[str], forms: dict[Case, _Forms], part: str) -> str:
    """The number and its word in the case after the word before; ``part`` is after a fraction."""
    before, number = match["before"] or "", match["number"]
    of_case = forms.get(case_after(before), forms["n"])
    word = part if "," in number else counted(number, *of_case)
    stop = "." if match["end"] is not None else ""
    return f"{before} {number} {word}{stop}".lstrip()
