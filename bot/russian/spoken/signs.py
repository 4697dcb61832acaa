"""Signs between and before numbers: comparisons, products, fractions."""

import re
from typing import Final

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
_TIMES: Final = re.compile(r"(?<=\d) ?[×xх*] ?(?=\d)")
_TWO_VALUES: Final = re.compile(r"(?<![\d/])(\d{2,3})/(\d{3}) ?(?=В\b)")
_ONE_AND_A_HALF: Final = re.compile(r"(?<![\w,.])1,5(?= раза?\b)")
_AND_A_HALF: Final = re.compile(r"(?<![\w,.])([2-9]|1\d),5(?= раза?\b)")
_MINUS: Final = re.compile(r"(?:(?<=\s)|(?<=[(«/])|^)[–—−](?=\d)|−(?=\s?\d)")


def speak_signs(text: str) -> str:
    """«≥ 5 кН» → «не меньше 5 кН», «2×3» → «2 на 3», «№ 5» → «номер 5»."""
    text = _MINUS.sub("-", _FRACTION.sub(lambda match: f" {_FRACTIONS[match[0]]}", text))
    text = _COMPARISON.sub(lambda match: _COMPARISONS[match[1]] + " ", text)
    text = _NUMBER_SIGN.sub("номер ", _NUMBERS.sub("номера ", _DIAMETER.sub("диаметр ", text)))
    text = _AT_LEAST.sub(r"больше \1", _PARAGRAPH.sub("параграф ", text))
    text = _TWO_VALUES.sub(r"\1 и \2 ", _HALVES.sub("50 на 50", text))
    text = _AND_A_HALF.sub(r"\1 с половиной", _ONE_AND_A_HALF.sub("полтора", text))
    return _TIMES.sub(" на ", text)
