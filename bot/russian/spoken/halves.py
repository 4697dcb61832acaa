"""One and a half, two and a half: of what is counted in words («1,5 часа», «в 2,5 раза»)."""

import re
from typing import Final

from bot.russian.spoken.cases import case_after, in_case

_NOUNS: Final = {
    "раза": ("m", "раз"), "часа": ("m", "часов"), "года": ("m", "лет"), "месяца": ("m", "месяцев"),
    "дня": ("m", "дней"), "метра": ("m", "метров"), "раз": ("m", "раз"), "лет": ("m", "лет"),
    "часов": ("m", "часов"), "месяцев": ("m", "месяцев"), "минуты": ("f", "минут"),
    "минут": ("f", "минут"), "недели": ("f", "недель"), "недель": ("f", "недель"),
    "тонны": ("f", "тонн"), "тонн": ("f", "тонн"), "секунды": ("f", "секунд"),
}  # fmt: skip
"""A noun after a decimal or a genitive: its gender and its genitive plural."""
_NOUN: Final = rf" (?P<noun>{'|'.join(sorted(_NOUNS, key=len, reverse=True))})\b"
_HALF: Final = re.compile(
    rf"(?:\b(?P<before>[А-Яа-яё]+) )?(?<![\w,.-])(?P<whole>\d{{1,2}}),5{_NOUN}"
)
_HALF_FIRST: Final = re.compile(rf"(?<![\w,.-])1,5 ?[-–—] ?(?P<high>\d{{1,2}}){_NOUN}")
_HALF_LAST: Final = re.compile(rf"(?<![\w,.-])1 ?[-–—] ?1,5{_NOUN}")


def speak_halves(text: str) -> str:
    """«в 1,5 раза» → «в полтора раза», «до 2,5 часа» → «до двух с половиной часов»."""
    text = _HALF_LAST.sub(lambda match: f"{_one_and_half(match, 'один', 'одна')}", text)
    return _HALF.sub(_speak_half, _HALF_FIRST.sub(_speak_half_first, text))


def _one_and_half(match: re.Match[str], masculine: str, feminine: str) -> str:
    if _NOUNS[match["noun"]][0] == "m":
        return f"{masculine}-полтора {match['noun']}"
    return f"{feminine}-полторы {match['noun']}"


def _speak_half_first(match: re.Match[str]) -> str:
    feminine = _NOUNS[match["noun"]][0] == "f"
    high = in_case(int(match["high"]), "n", "f" if feminine else "m")
    return f"{'полторы' if feminine else 'полтора'}-{high} {match['noun']}"


def _speak_half(match: re.Match[str]) -> str:
    before, whole, noun = match["before"] or "", int(match["whole"]), match["noun"]
    if whole == 0:
        return match.group()
    feminine = _NOUNS[noun][0] == "f"
    if case_after(before) == "g":
        number = "полутора" if whole == 1 else f"{in_case(whole, 'g')} с половиной"
        return f"{before} {number} {_NOUNS[noun][1]}"
    if whole == 1:
        number = "полторы" if feminine else "полтора"
    else:
        number = f"{in_case(whole, 'n', 'f' if feminine else 'm')} с половиной"
    return f"{before} {number} {noun}".lstrip()
