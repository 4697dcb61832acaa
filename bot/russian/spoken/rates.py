"""Prices and counts for one of something: «руб./шт.», «шт./мес»."""

import re
from typing import Final

_FOR_ONE: Final = {
    "шт": "за штуку", "кг": "за килограмм", "т": "за тонну", "м": "за метр", "км": "за километр",
    "л": "за литр",    "м³": "за кубический метр",
    "м²": "за квадратный метр", "м2": "за квадратный метр", "чел": "за человека",
    "образец": "за образец", "час": "в час", "ч": "в час", "сут": "в сутки", "сутки": "в сутки",
    "день": "в день", "нед": "в неделю", "мес": "в месяц", "месяц": "в месяц", "год": "в год",
    "смену": "в смену",
}  # fmt: skip
_RATE: Final = re.compile(
    r"\b(?P<counted>руб|рубл\w+|шт|штук\w*|чел|цикл\w*|образц\w+|испытани\w+|коп)\b(?P<stop>\.?)"
    rf" ?/ ?(?P<one>{'|'.join(sorted(_FOR_ONE, key=len, reverse=True))})(?!\w)(?:\.(?= ?[а-яё,]))?"
)
_ROUBLE_SIGN: Final = re.compile(r"₽(?= ?/)")
_AFTER_SUM: Final = re.compile(r"(?:\d|тыс\.?|млн\.?|млрд\.?|тысяч\w*|миллион\w*) ?$")


def speak_rates(text: str) -> str:
    """«100 руб./кг» → «100 руб. за килограмм»; «руб./шт.» alone → «рублей за штуку»."""
    return _RATE.sub(_speak_rate, _ROUBLE_SIGN.sub("руб.", text))


def _speak_rate(match: re.Match[str]) -> str:
    counted = match["counted"] + match["stop"]
    if match["counted"] == "руб" and not _AFTER_SUM.search(match.string[: match.start()]):
        counted = "рублей"
    return f"{counted} {_FOR_ONE[match['one']]}"
