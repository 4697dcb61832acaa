"""Numbers in a chosen case, for what the library cannot see the case of."""

from functools import cache
from typing import Final, Literal

from num2words import num2words  # type: ignore[import-untyped]  # it publishes no types

Case = Literal["n", "g", "d", "a", "i", "p"]
"""Nominative, genitive, dative, accusative, instrumental, prepositional, as num2words has them."""
Gender = Literal["m", "f", "n"]

_AFTER: Final[dict[str, Case]] = {
    **dict.fromkeys(
        "от до из без около более менее больше меньше свыше выше ниже порядка после вместо "
        "кроме для у с хватает пределах размере районе достигает превышает".split(),
        "g",
    ),
    **dict.fromkeys(("к", "равна", "равно", "равен", "равны"), "d"),
    **dict.fromkeys(("на", "за", "через", "по", "в", "во"), "a"),
    **dict.fromkeys(("при", "о", "об"), "p"),
    **dict.fromkeys(("между", "над", "перед"), "i"),
}


def case_after(word: str) -> Case:
    """The case that ``word`` asks of a number after it; the nominative after any other word."""
    return _AFTER.get(word.lower(), "n")


@cache
def in_case(value: int, case: Case, gender: Gender = "m") -> str:
    """``value`` in words: 21, «g», «f» → «двадцати одной»."""
    words: str = num2words(value, lang="ru", case=case, gender=gender, animate=False)
    return (
        words.replace("ноля", "нуля")
        .replace("нолю", "нулю")
        .replace("ноле", "нуле")
        .replace("нолё", "нулё")
    )


@cache
def ordinal(value: int, case: Case, gender: Gender = "m") -> str:
    """``value`` as an ordinal: 22, «g», «n» → «двадцать второго»."""
    words: str = num2words(value, lang="ru", to="ordinal", case=case, gender=gender, animate=False)
    return words
