"""Abbreviations: with a full stop or a stroke in whole words, in capitals by their letters."""

import re
from typing import Final

from bot.russian.spoken.adjectives import speak_adjectives
from bot.russian.spoken.letters import CYRILLIC, spell

_WHOLE: Final = {
    "в т.ч.": "в том числе", "в т. ч.": "в том числе", "и пр.": "и прочее",
    "вкл.": "включительно", "моб.": "мобильный", "разд.": "раздел", "каб.": "кабинет",
    "наб.": "набережная", "мкр.": "микрорайон", "инж.": "инженер",
    "исп.": "исполнение", "зав.": "заведующий", "зам.": "заместитель",
    "эл. почта": "электронная почта", "эл. почте": "электронной почте",
    "эл. почту": "электронную почту", "кол-во": "количество", "кол-ва": "количества",
    "к-т": "комплект", "р/с": "расчётный счёт", "б/у": "бэ у", "н/д": "нет данных",
    "и/или": "и или", "раб. дней": "рабочих дней", "раб. дня": "рабочих дня",
    "раб. день": "рабочий день", "раб. дн.": "рабочих дней", "кал. дней": "календарных дней",
}  # fmt: skip
_WHOLE_WORD: Final = re.compile(
    rf"(?<![\w-])({'|'.join(re.escape(short) for short in sorted(_WHOLE, key=len, reverse=True))})"
    r"(?![\w-])",
    re.IGNORECASE,
)
_ITEM: Final = re.compile(r"(?<![\w.])п(п?)\. ?(?=\d|[а-я]+ точка\b)")
_CAPITALS: Final = re.compile(r"(?<![А-Яа-яЁё])[А-ЯЁ]{2,}(?![А-Яа-яЁё])")
_UNIT_SYMBOLS: Final = frozenset({"МН", "ВА", "КБ", "МБ", "ГБ"})
"""Of units only after a number."""
_SPELLED: Final = frozenset(
    "ООО АО ОАО ЗАО ПАО ИП ПО ТУ КП ТО ИНН КПП ЭДО ОТК СИ ТЗ УЗ США".split()
)
_READ: Final = {"ФГИС": "эф гис", "СНИП": "снип", "США": "сэ шэ а"}
_WORDS: Final = frozenset("СБИС СТОП ВНИИ СНИП ПРОШУ СРОК ЦЕНА".split())
_VOWELS: Final = frozenset("АЕЁИОУЫЭЮЯ")
_LONGEST_SPELLED: Final = 4


def speak_abbreviations(text: str) -> str:
    """«макс. усилие, в т.ч. НДС» → «максимальное усилие, в том числе эн дэ эс»."""
    text = _ITEM.sub(lambda match: "пункты " if match[1] else "пункт ", text)
    text = _WHOLE_WORD.sub(lambda match: _WHOLE[match[1].lower()], text)
    return _CAPITALS.sub(_speak_capitals, speak_adjectives(text))


def _speak_capitals(match: re.Match[str]) -> str:
    """By letters when it cannot be read («НДС», «ЧПУ»), else as a word («ГОСТ»)."""
    word = match.group()
    if word in _UNIT_SYMBOLS and re.search(r"\d ?$", match.string[: match.start()]):
        return word
    if word in _READ:
        return _READ[word]
    if word in _SPELLED or not _VOWELS.intersection(word) or _starts_hard(word):
        return spell(word, CYRILLIC)
    return word.lower()


def _starts_hard(word: str) -> bool:
    """A short word of two consonants first: rather letters («ЧПУ») than a word («СТОП»)."""
    short = len(word) <= _LONGEST_SPELLED and word not in _WORDS
    return short and not _VOWELS.intersection(word[:2])
