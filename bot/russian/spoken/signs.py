"""Signs between and before numbers: comparisons, products, fractions."""

import re
from typing import Final

from bot.russian.spoken.cases import in_case

_COMPARISONS: Final = {
    "≥": "не меньше", ">=": "не меньше", "≤": "не больше", "<=": "не больше",
    ">": "больше", "<": "меньше", "≈": "около", "~": "около", "∼": "около",
}  # fmt: skip
_COMPARISON: Final = re.compile(r"(>=|<=|[≥≤><≈~∼]) ?(?=[-+]?\d)")
_FRACTIONS: Final = {"½": "1/2", "⅓": "1/3", "¼": "1/4", "¾": "3/4", "⅔": "2/3"}
_FRACTION: Final = re.compile("|".join(_FRACTIONS))
_DIAMETER: Final = re.compile(r"[Øø⌀∅] ?(?=\d)")
_NUMBERS: Final = re.compile(r"№ ?№ ?(?=\d)")
_NUMBER_SIGN: Final = re.compile(r"№ ?(?=\d)")
_PARAGRAPH: Final = re.compile(r"§ ?(?=\d)")
_AT_LEAST: Final = re.compile(r"(?<![\w.,+-])(\d+)\+(?= [а-яё]|[.,;!?)]|$)")
_HALVES: Final = re.compile(r"(?<![\d/])50/50(?![\d/])")
_EQUALS: Final = re.compile(r"(?<=[\w.)²³%°]) ?= ?(?=[-+]?\d)")
_PLUS: Final = re.compile(r"(?<=[\w.)²³%°]) \+ (?=[\dа-яА-Я])")
_SIZE_ALONE: Final = re.compile(r"(?<![\w.,])(\d{1,6}) ?[×xх] ?(\d{1,6})(?= *(?:[.;)]|,\D|$))")
_ALTERNATIVES: Final = re.compile(r"(?<![\w/.,])\d+(?:/\d+){2,}(?![\w/]|[.,]\d)")
_TWO_VERSIONS: Final = re.compile(r"(?<=[A-Za-z]) (\d+)/(\d+)(?![\w/]|[.,]\d)")
_TIMES: Final = re.compile(r"(?<=\d) ?[×xх*·⋅] ?(?=\d)")
_TWO_VALUES: Final = re.compile(r"(?<![\d/,.])(?<!номер )(\d{2,})/(\d{2,})(?= ?[А-Яа-яёA-Z°%])")
_MINUS: Final = re.compile(r"(?:(?<=\s)|(?<=[(«/])|^)[–—−](?=\d)|−(?=\s?\d)")


def speak_signs(text: str) -> str:
    """«≥ 5 кН» → «не меньше 5 кН», «2×3» → «2 на 3», «№ 5» → «номер 5»."""
    text = _MINUS.sub("-", _FRACTION.sub(lambda match: f" {_FRACTIONS[match[0]]}", text))
    text = _COMPARISON.sub(lambda match: _COMPARISONS[match[1]] + " ", text)
    text = _NUMBER_SIGN.sub("номер ", _NUMBERS.sub("номера ", _DIAMETER.sub("диаметр ", text)))
    text = _AT_LEAST.sub(r"больше \1", _PARAGRAPH.sub("параграф ", text))
    text = _TWO_VALUES.sub(r"\1 и \2", _HALVES.sub("50 на 50", text))
    text = _ALTERNATIVES.sub(lambda match: match[0].replace("/", ", "), text)
    text = _PLUS.sub(" плюс ", _EQUALS.sub(", это ", _TWO_VERSIONS.sub(r" \1 и \2", text)))
    text = _SIZE_ALONE.sub(_speak_size, text)
    return _TIMES.sub(" на ", text)


def _speak_size(match: re.Match[str]) -> str:
    """«1920×1080»: without a unit the library would take the second number for a year."""
    return " на ".join(in_case(int(number), "n") for number in match.groups())
