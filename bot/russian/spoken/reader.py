"""ru-normalizr 1.3.0: numbers, prices and dates in words and in their case, and what it leaves.

Compared in offline-stack.md with other packages; what it reads wrongly is put right here.
"""

import re
from functools import cache
from typing import Final, Protocol

from bot.russian.number_words import NUMBER_WORDS
from bot.russian.spoken.cases import Case, case_after, in_case


class _Normalizer(Protocol):
    def normalize(self, text: str) -> str: ...


@cache
def _normalizer() -> _Normalizer:
    """Imported when first needed: the morphology's dictionaries take most of a second."""
    from ru_normalizr import NormalizeOptions, Normalizer

    options = NormalizeOptions.tts(
        enable_caps_normalization=False,
        enable_first_word_decap=False,
        enable_latinization=False,
        enable_letter_abbreviation_expansion=False,
        enable_url_normalization=False,
        remove_links=False,
    )
    normalizer: _Normalizer = Normalizer(options)
    return normalizer


_OF_DATIVE: Final = re.compile(r"\b([Рр]ав(?:ен|на|но|ны|няется)) (?=\d)")
_OF_GENITIVE: Final = re.compile(
    r"\b(в (?:пределах|районе)|(?:не )?хвата(?:ет|ло)|хватит|кроме|нет) (?=\d)", re.IGNORECASE
)
_PRICE_NAMED: Final = re.compile(
    r"\b([Цц]ена|[Сс]тоимость) (?=[\d ,]*\d ?(?:руб|₽|тыс|млн|млрд|миллион|р\.|\$|€|евро|доллар))"
)
_KEPT_APART: Final = "\U0010f200"
"""Between a noun and its number, which the library would take for its attribute («цена ста»)."""
_NUMBER_WORD: Final = f"(?:{'|'.join(sorted(NUMBER_WORDS))})"
_SPARE_DATIVE: Final = re.compile(rf"\b([Рр]ав\w+) к (?={_NUMBER_WORD}\b)")
_SPARE_GENITIVE: Final = re.compile(
    rf"\b(пределах|районе|хвата\w+|хватит|кроме|нет) до (?={_NUMBER_WORD}\b)", re.IGNORECASE
)
_NOUGHT_OTHERWISE: Final = re.compile(r"\bнол(?=[яюе]\b)")
"""«ноля» is as right as «нуля», but nobody says it of a number."""

_NOUGHT: Final = re.compile(
    r"(?:\b(?P<before>[А-Яа-яё]+) )?(?P<sign>(?:минус|плюс) )?ноль целых "
    r"(?P<words>(?:[а-яё]+ ){1,4}?)"
    r"(?P<place>(?:десяти|сто)?(?:десят|сот|тысячн|миллионн))(?P<one>ая|ых)\b"
)
_GOVERNED: Final = re.compile(
    rf"\b([А-Яа-яё]+) (?:{_NUMBER_WORD} )+(?:(?!{_NUMBER_WORD} )[^\s,.;]+ ){{0,4}}$"
)
_BASIC: Final = (*range(1, 20), *range(20, 100, 10), *range(100, 1000, 100))
_VALUES: Final = {in_case(value, "n", "f"): value for value in _BASIC}
_PLACE_ENDINGS: Final[dict[Case, tuple[str, str]]] = {
    "n": ("ая", "ых"), "g": ("ой", "ых"), "d": ("ой", "ым"), "a": ("ую", "ых"), "i": ("ой", "ыми"),
    "p": ("ой", "ых"),
}  # fmt: skip
_ONE_THOUSAND: Final = re.compile(
    r"(?:\b(?P<before>[а-яё]+) )?\bодн(?:а|у|ой) (?=тысяч(?:а|у|и|е|ей)\b)"
)


def read_numbers(text: str) -> str:
    """``text`` with its numbers in words."""
    text = _OF_GENITIVE.sub(r"\1 до ", _OF_DATIVE.sub(r"\1 к ", text))
    text = _normalizer().normalize(_PRICE_NAMED.sub(rf"\1{_KEPT_APART} ", text))
    text = _NOUGHT_OTHERWISE.sub("нул", text.replace(_KEPT_APART, ""))
    text = _SPARE_GENITIVE.sub(r"\1 ", _SPARE_DATIVE.sub(r"\1 ", text))
    return _ONE_THOUSAND.sub(_without_one, _NOUGHT.sub(_decline_nought, text))


def _case_before(match: re.Match[str]) -> Case:
    """What governs a nought; «от двухсот вольт и 0,5 …» is governed like the number before."""
    before = match["before"] or ""
    if before in ("и", "или"):
        earlier = _GOVERNED.search(match.string[: match.start()])
        before = earlier[1] if earlier else ""
    return case_after(before)


def _decline_nought(match: re.Match[str]) -> str:
    """«до ноль целых пять десятых» → «до нуля целых пяти десятых»."""
    values = [_VALUES.get(word) for word in match["words"].split()]
    case = _case_before(match)
    if case == "n" or None in values:
        return match.group()
    words = " ".join(in_case(value, case, "f") for value in values if value is not None)
    ending = _PLACE_ENDINGS[case][0 if match["one"] == "ая" else 1]
    nought = f"{match['before']} {match['sign'] or ''}{in_case(0, case)} целых"
    return f"{nought} {words} {match['place']}{ending}"


def _without_one(match: re.Match[str]) -> str:
    """«тысяча» rather than «одна тысяча», but «двадцать одна тысяча»."""
    before = match["before"] or ""
    return match.group() if before in NUMBER_WORDS else f"{before} ".lstrip()
