"""Clock times, working hours and days of the week."""

import re
from typing import Final

from bot.russian.number_words import counted
from bot.russian.spoken.cases import Case, case_after, in_case

_TIME: Final = re.compile(
    r"\b(?:(с|до|от|после|около|к|по|в|на|за|при) )?([01]?\d|2[0-3]):([0-5]\d)\b(?![:.,]?\d)",
    re.IGNORECASE,
)
_RANGE: Final = re.compile(r"(?<!с )\b(\d{1,2}:\d\d) ?[-–—] ?(\d{1,2}:\d\d)\b")
_DOTTED: Final = re.compile(
    r"\b([Сс]) ([01]?\d|2[0-3])\.([0-5]0) до ([01]?\d|2[0-3])\.([0-5]0)"
    r"(?![.,]?\d| ?[а-яёА-Я]{1,2}\b)"
)
_HOUR: Final = r"([01]?\d|2[0-3])"
_HYPHENED: Final = re.compile(rf"\b([СсВвКк]|[Дд]о|[Оо]т|[Пп]осле) {_HOUR}-(00)\b(?!-)")
_HYPHENED_AT: Final = re.compile(rf"\b([Вв]) {_HOUR}-([0-5]\d)\b(?!-| [а-яё])")
"""«в 8-30» but not «в 8-30 раз»."""
_ROUND_THE_CLOCK: Final = re.compile(r"(?<![\d/])24/7(?![\d/])")
_MOSCOW_TIME: Final = re.compile(r"(?:\bпо )?\b(?:МСК|мск)\b")
_HOURS: Final[dict[Case, tuple[str, str, str]]] = {
    "n": ("час", "часа", "часов"),
    "g": ("часа", "часов", "часов"),
    "d": ("часу", "часам", "часам"),
    "a": ("час", "часа", "часов"),
    "p": ("часе", "часах", "часах"),
}
_MINUTES: Final[dict[Case, tuple[str, str, str]]] = {
    "n": ("минута", "минуты", "минут"),
    "g": ("минуты", "минут", "минут"),
    "d": ("минуте", "минутам", "минутам"),
    "a": ("минуту", "минуты", "минут"),
    "p": ("минуте", "минутах", "минутах"),
}
_DAYS: Final = {
    "пн": ("понедельник", "понедельника"), "вт": ("вторник", "вторника"),
    "ср": ("среду", "среды"), "чт": ("четверг", "четверга"), "пт": ("пятницу", "пятницы"),
    "сб": ("субботу", "субботы"), "вс": ("воскресенье", "воскресенья"),
}  # fmt: skip
"""A day's short name to its accusative and genitive."""
_DAY: Final = "|".join(_DAYS)
_DAY_RANGE: Final = re.compile(
    rf"(?<![\w.-])({_DAY})\.? ?[-–—] ?({_DAY})\b\.?(?![\w-])", re.IGNORECASE
)
_ONE_DAY: Final = re.compile(r"(?<![\w.-])(пн|чт|пт|сб|вс)\b(?![\w-])\.?", re.IGNORECASE)
"""«вт» may be watts and «ср» an average, so these two are read only in a range."""
_NOMINATIVE: Final = {"пятницу": "пятница", "субботу": "суббота"}


def speak_clock(text: str) -> str:
    """«с 9:00 до 18:30» → «с девяти часов до восемнадцати часов тридцати минут»."""
    text = _ROUND_THE_CLOCK.sub("круглосуточно", text)
    text = _MOSCOW_TIME.sub("по московскому времени", text)
    text = _DAY_RANGE.sub(_speak_day_range, text)
    text = _ONE_DAY.sub(_speak_day, text)
    text = _HYPHENED_AT.sub(r"\1 \2:\3", _HYPHENED.sub(r"\1 \2:\3", text))
    text = _DOTTED.sub(r"\1 \2:\3 до \4:\5", text)
    return _TIME.sub(_speak_time, _RANGE.sub(r"с \1 до \2", text))


def _speak_day_range(match: re.Match[str]) -> str:
    first, last = match.group(1).lower(), match.group(2).lower()
    return f"{'со' if first in ('вт', 'ср') else 'с'} {_DAYS[first][1]} по {_DAYS[last][0]}"


def _speak_day(match: re.Match[str]) -> str:
    day = _DAYS[match.group(1).lower()][0]
    return _NOMINATIVE.get(day, day)


def _speak_time(match: re.Match[str]) -> str:
    preposition, hours, minutes = match.group(1) or "", int(match.group(2)), int(match.group(3))
    case = case_after(preposition)
    said = [preposition, in_case(hours, case), counted(str(hours), *_HOURS[case])]
    if minutes:
        said += [in_case(minutes, case, "f"), counted(str(minutes), *_MINUTES[case])]
    return " ".join(said).strip()
