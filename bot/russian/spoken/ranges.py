"""Ranges and lists of numbers."""

import re
from typing import Final

from bot.russian.spoken.cases import in_case

_NUMBER: Final = r"[-+]?\d+(?: \d{3})*(?:[.,]\d+)?"
_RANGE: Final = re.compile(
    rf"(?<![\w.,:/+-])(?<!\d )((?:[А-Яа-яё]+ )?)({_NUMBER}) ?(?:[-–—÷]|…|\.\.\.?) ?({_NUMBER})"
    r"(?![\w:-]|[.,/]\d)"
)
_WITH_UNITS: Final = re.compile(
    rf"(?<![\w.,:/+-])({_NUMBER}) ?(?P<unit>[А-Яа-яA-Za-z°%²³/]+\.?) ?[-–—…] ?"
    rf"({_NUMBER}) ?(?P=unit)(?!\w)"
)
_PAUSE: Final = re.compile(r"(?<=[^\s\d]) [-–—]+ | [-–—]+ (?=\D)")
_FEW: Final = re.compile(r"(?:^|\D)\d*(?<!1)[234]$")
_COUNTED_BY_FEW: Final = re.compile(r" (?:[а-яё]+[ыи]х )?[а-яё]{2,}[аяиы]\b")
"""«2–3 рабочих дня»: the noun is not in the plural that «от двух до трёх» would ask for."""
_OUT_OF: Final = re.compile(r"\b([Вв]) (\d{1,6}) из (?=\d)")
_GOVERNORS: Final = frozenset(
    "в во на за через от до с со по к о об около без для из у при под над между свыше после более "
    "менее больше меньше течение пределах размере порядка".split()
)
_LIST: Final = re.compile(
    r"(?:\b(?P<before>[А-Яа-яё]+) )?(?<![\w.,-])(?P<numbers>(?:\d+(?:,\d+)?, ){2,}\d+(?:,\d+)?)"
    r"(?= (?:и|или) \d)"
)
_AND_FEW_FEMININE: Final = re.compile(r" (?:и|или) \d*(?<!1)[234] [а-яё]{3,}[ыи]\b")
"""The end of «1, 2, 3 и 4 машины»: after such a number a masculine noun ends in «а» or «я»."""
_NOT_NOMINATIVE: Final = frozenset(
    "от до из без около более менее больше меньше свыше к при о об между".split()
)


def speak_ranges(text: str) -> str:
    """«40–60 дней» → «от 40 до 60 дней», unless a preposition already governs the range.

    Any other dash between blanks is a pause.
    """
    text = _OUT_OF.sub(lambda match: f"{match[1]} {in_case(int(match[2]), 'p')} из ", text)
    text = _WITH_UNITS.sub(r"от \1 \2 до \3 \2", text)
    return _PAUSE.sub(", ", _RANGE.sub(_speak_range, _LIST.sub(_speak_list, text)))


def _speak_range(match: re.Match[str]) -> str:
    before, low, high = match.groups()
    agrees = _FEW.search(high) and _COUNTED_BY_FEW.match(match.string, match.end())
    if agrees or before.strip().lower() in _GOVERNORS:
        return f"{before}{low} - {high}"
    return f"{before}от {low} до {high}"


def _speak_list(match: re.Match[str]) -> str:
    """«на 0,1, 0,5, 1 и 5 кН»: the library would take «0,5, 1» for something else."""
    before = match["before"] or ""
    numbers = match["numbers"].split(", ")
    if before.lower() in _NOT_NOMINATIVE:
        return match.group()
    if not any("," in number for number in numbers):
        return _speak_feminine(match, before, numbers)
    said = ", ".join(n if "," in n else in_case(int(n), "a") for n in numbers)
    return f"{before} {said}".lstrip()


def _speak_feminine(match: re.Match[str], before: str, numbers: list[str]) -> str:
    """«1, 2, 3 и 4 машины» → «одна, две, три и 4 машины»; other whole numbers as they are."""
    if not _AND_FEW_FEMININE.match(match.string, match.end()):
        return match.group()
    case = "a" if before.lower() in ("на", "за", "через") else "n"
    said = ", ".join(in_case(int(number), case, "f") for number in numbers)
    return f"{before} {said}".lstrip()
