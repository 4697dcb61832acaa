"""Russian number words: which words count, what they add up to, and a number in words."""

from collections.abc import Sequence
from typing import Final

_ONES: Final = {
    "ноль": 0, "один": 1, "два": 2, "три": 3, "четыре": 4, "пять": 5, "шесть": 6, "семь": 7,
    "восемь": 8, "девять": 9,
}  # fmt: skip
_TEENS: Final = {
    "десять": 10, "одиннадцать": 11, "двенадцать": 12, "тринадцать": 13, "четырнадцать": 14,
    "пятнадцать": 15, "шестнадцать": 16, "семнадцать": 17, "восемнадцать": 18,
    "девятнадцать": 19,
}  # fmt: skip
_TENS: Final = {
    "двадцать": 20, "тридцать": 30, "сорок": 40, "пятьдесят": 50, "шестьдесят": 60,
    "семьдесят": 70, "восемьдесят": 80, "девяносто": 90,
}  # fmt: skip
_HUNDREDS: Final = {
    "сто": 100, "двести": 200, "триста": 300, "четыреста": 400, "пятьсот": 500,
    "шестьсот": 600, "семьсот": 700, "восемьсот": 800, "девятьсот": 900,
}  # fmt: skip
_THOUSAND: Final = frozenset({"тысяча", "тысячу", "тысячи", "тысяч"})
_FEMININE: Final = {"одна": 1, "одну": 1, "две": 2}

_OTHER_CASES: Final = """
нуль нуля нулю нулём нулем нуле ноля нолю ноле
одна одно одну одного одной одному одним одном одною
две двух двум двумя трёх трех трём трем тремя четырёх четырех четырём четырем четырьмя
пяти пятью шести шестью семи семью восьми восемью восьмью девяти девятью
десяти десятью одиннадцати двенадцати тринадцати четырнадцати пятнадцати шестнадцати
семнадцати восемнадцати девятнадцати двадцати двадцатью тридцати тридцатью сорока
пятидесяти шестидесяти семидесяти восьмидесяти пятьюдесятью шестьюдесятью семьюдесятью
восемьюдесятью девяноста ста
двухсот двумстам двумястами двухстах трёхсот трехсот трёмстам тремстам тремястами трёхстах
четырёхсот четырехсот четырёмстам четыремстам четырьмястами четырёхстах
пятисот пятистам пятьюстами пятистах шестисот шестистам шестьюстами шестистах
семисот семистам семьюстами семистах восьмисот восьмистам восемьюстами восьмистах
девятисот девятистам девятьюстами девятистах
тысяче тысячей тысячью тысячам тысячами тысячах тыс
миллион миллиона миллиону миллионом миллионе миллионы миллионов миллионам миллионами млн
миллиард миллиарда миллиардов миллиарды миллиардами млрд
полтора полторы полутора полтораста половиной целых десятых сотых тысячных
сотня сотни сотню сотен десяток десятка десятков
"""

NUMBER_WORDS: Final[frozenset[str]] = frozenset(
    {*_ONES, *_TEENS, *_TENS, *_HUNDREDS, *_THOUSAND, *_OTHER_CASES.split()}
)
"""Lower-case words that say how many, in every case; ordinals are not among them."""


def value_of(words: Sequence[str]) -> int | None:
    """What nominative number words add up to: «сто», «пятьдесят» → 150.

    ``None`` when they are not one whole number below a million («сто двести», «пяти»).
    """
    split = next((at for at, word in enumerate(words) if word in _THOUSAND), None)
    if split is None:
        return _below_thousand(words)
    thousands = _below_thousand(words[:split], feminine=True) if split else 1
    rest = _below_thousand(words[split + 1 :]) if split + 1 < len(words) else 0
    if thousands is None or rest is None:
        return None
    return thousands * 1000 + rest


def _below_thousand(words: Sequence[str], *, feminine: bool = False) -> int | None:
    total, room = 0, 1000
    for word in words:
        if word in _HUNDREDS and room == 1000:
            total, room = total + _HUNDREDS[word], 100
        elif word in _TENS and room >= 100:
            total, room = total + _TENS[word], 10
        elif word in _TEENS and room >= 100:
            total, room = total + _TEENS[word], 1
        elif word in _ONES and room >= 10:
            total, room = total + _ONES[word], 1
        elif feminine and word in _FEMININE and room >= 10:
            total, room = total + _FEMININE[word], 1
        else:
            return None
    return total if words else None


def words_of(value: int) -> str:
    """A whole number below a million in the nominative: 1497 → «тысяча четыреста девяносто семь».

    Raises :class:`ValueError` for a larger or a negative one.
    """
    if not 0 <= value < 1_000_000:
        raise ValueError(f"no words for {value}")
    thousands, rest = divmod(value, 1000)
    words = _thousands_in_words(thousands) if thousands else []
    if rest or not thousands:
        words += _in_words(rest)
    return " ".join(words)


def _in_words(value: int) -> list[str]:
    words: list[str] = []
    for names in (_HUNDREDS, _TENS, _TEENS, _ONES):
        fitting = [word for word, size in names.items() if 0 < size <= value]
        if fitting:
            words.append(fitting[-1])
            value -= names[fitting[-1]]
    return words or ["ноль"]


def _thousands_in_words(count: int) -> list[str]:
    if count == 1:
        return ["тысяча"]
    words = _in_words(count)
    words[-1] = {"один": "одна", "два": "две"}.get(words[-1], words[-1])
    return [*words, counted(str(count), "тысяча", "тысячи", "тысяч")]


def counted(number: str, one: str, few: str, many: str) -> str:
    """The form of a noun after ``number`` in digits: «1 час», «2 часа», «5 часов», «0,5 часа»."""
    if "," in number or "." in number:
        return few
    last, last_two = int(number[-1]), int(number[-2:])
    if 11 <= last_two <= 14 or last == 0 or last >= 5:
        return many
    return one if last == 1 else few
