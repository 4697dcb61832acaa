"""Dates and years: the day as an ordinal in the case its preposition asks for."""

import re
from typing import Final

from bot.russian.spoken.cases import Case, ordinal

_MONTHS: Final = (
    "января февраля марта апреля мая июня июля августа сентября октября ноября декабря".split()
)
_DOTTED: Final = re.compile(
    r"(?<![\w.,/-])(0?[1-9]|[12]\d|3[01])([./])(0?[1-9]|1[0-2])\2(\d{4}|\d\d)\b(?![./-]\d)"
    r"(?: ?г\b)?"
)
_ISO: Final = re.compile(r"(?<![\w.,/-])(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(?![\w-])")
_DAY: Final = r"(?:0?[1-9]|[12]\d|3[01])"
_MONTH: Final = rf"(?P<month>{'|'.join(_MONTHS)})\b"
_PREPOSITION: Final = r"(?:\b(?P<preposition>с|со|до|от|после|к|ко|на|по|за|под) )?"
_SPAN: Final = re.compile(
    rf"\b(?:[сС] )?(?<![\w.,-])(?P<first>{_DAY}) ?(?:[-–—]|по) ?(?P<last>{_DAY}) {_MONTH}"
)
_DATE: Final = re.compile(rf"{_PREPOSITION}(?<![\w.,-])(?P<day>{_DAY}) {_MONTH}", re.IGNORECASE)
_DAYS: Final = re.compile(
    rf"(?<![\w.,-])(?P<days>{_DAY}(?:, {_DAY})*) и (?P<last>{_DAY}) {_MONTH}", re.IGNORECASE
)
_YEAR: Final = r"((?:1[89]|20)\d\d)"
_YEARS: Final = re.compile(rf"(?<![\w.,-]){_YEAR} ?[-–—] ?{_YEAR} ?(?:гг?\b\.?|год\w*)")
_GOVERNED: Final = re.compile(r"\b(?:в|с|до|по|за|на|к|от) $", re.IGNORECASE)
_LONE_YEAR: Final = re.compile(rf"^{_YEAR} ?г\b")
_QUARTER: Final = re.compile(r"(?<![\w.,-])([1-4]) (?=квартал\b)")
_CENTURY_TURNS: Final = 70
_CASES: Final[dict[str, Case]] = {
    "к": "d", "ко": "d", "на": "a", "по": "a", "за": "a", "под": "a",
}  # fmt: skip


def speak_dates(text: str) -> str:
    """Days in words: «к 22.11.2026» → «к двадцать второму ноября 2026 года»."""
    text = _DOTTED.sub(lambda m: _written_out(m[1], m[3], m[4]), text)
    text = _ISO.sub(lambda m: _written_out(m[3], m[2], m[1]), text)
    text = _DATE.sub(_speak_date, _DAYS.sub(_speak_days, _SPAN.sub(_speak_span, text)))
    text = _QUARTER.sub(lambda match: f"{ordinal(int(match[1]), 'n')} ", text)
    return _LONE_YEAR.sub(r"\1 год", _YEARS.sub(_speak_years, text))


def _written_out(day: str, month: str, year: str) -> str:
    if len(year) == 2:
        year = ("19" if int(year) >= _CENTURY_TURNS else "20") + year
    return f"{int(day)} {_MONTHS[int(month) - 1]} {year} года"


def _speak_span(match: re.Match[str]) -> str:
    first, last = ordinal(int(match["first"]), "g", "n"), ordinal(int(match["last"]), "a", "n")
    return f"с {first} по {last} {match['month']}"


def _speak_days(match: re.Match[str]) -> str:
    days = ", ".join(ordinal(int(day), "g", "n") for day in match["days"].split(", "))
    return f"{days} и {ordinal(int(match['last']), 'g', 'n')} {match['month']}"


def _speak_date(match: re.Match[str]) -> str:
    preposition = match["preposition"] or ""
    day = ordinal(int(match["day"]), _CASES.get(preposition.lower(), "g"), "n")
    return f"{preposition} {day} {match['month']}".lstrip()


def _speak_years(match: re.Match[str]) -> str:
    """«2024–2026 гг.» as a span of time, unless a preposition already governs it."""
    if _GOVERNED.search(match.string[: match.start()]):
        return match.group()
    return f"с {match[1]} по {match[2]} год"
