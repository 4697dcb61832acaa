"""Whether a caller dictates: a number in groups, a name by letters, an address. Pure.

Who dictates pauses between the groups, up to 1.5 s, and none of these pauses ends their turn.
"""

import re
from collections.abc import Sequence

_UNIT = re.compile(
    r"^(ноль|нуля|один|одна|одного|два|две|три|четыре|пять|шесть|семь|восемь|девять)$"
)
_TENS = re.compile(r"^(десять|\w+надцать|двадцать|тридцать|сорок|\w+десят|девяносто)$")
_HUNDREDS = re.compile(r"^(сто|двести|триста|четыреста|\w+сот)$")
WHOLE_PHONE_DIGITS = 10
"""Without the 8 or +7 in front, which makes it eleven."""
FEWEST_GROUPS = 2
LONGEST_AMOUNT_DIGITS = 4
"""A single number is an amount, a year or a machine's name unless it is longer."""
SPELLED_LETTERS = 2
_LETTERS = frozenset(
    "а б в г д е ё ж з и й к л м н о п р с т у ф х ц ч ш щ ъ ы ь э ю я "
    "бэ вэ гэ дэ жэ зэ ка эл эль эм эн пэ эр эс тэ эф ха цэ че ша ща мягкий твердый твёрдый знак "
    "дабл икс игрек зет джей кью".split()
)
_NO_LETTERS = frozenset("а в и к о с у я".split())
"""Words as well: they count as letters only beside another one."""
_ANNOUNCED = re.compile(
    r"\b(записывай\w*|запиши\w*|пишите|диктую|продиктую|по буквам|по слогам|"
    r"(мой|наш) (номер|телефон|инн|адрес|имейл|e-?mail)|(моя|наша) (почта|фамилия)|"
    r"организация|получатель|название|называется|(моё|мое) имя|фамилия|адрес доставки|почта такая|"
    r"^это (?=[а-яё]+(ов|ев|ёв|ин|ын|ий|ова|ева|ина|ко)\b)|"
    r"меня зовут|номер (моего )?(телефона|договора|заказа|счета)|электронн\w+ (почта|адрес))\b"
)
_ASKS = re.compile(r"\b(как\w*|сколько|где|когда|подскажите|скажите|можно|ваш\w*|у вас)\b")
_MAIL = re.compile(r"@|\bсобак\w+|\bточка\b|\bдефис\b|\bподч[её]ркивание\b|\bslash\b|\bdot\b")
_MAIL_END = re.compile(r"(\.|точка )\s?(ру|ком|рф|орг|нет|ru|com|org|net|su)\W*$")
_FEW_WORDS = 3


def is_dictation(text: str, words: Sequence[str]) -> bool:
    """Whether ``text``, whose lower-case ``words`` these are, looks like a part of a dictation."""
    lower = text.lower()
    if _MAIL_END.search(lower):
        return False
    if _MAIL.search(lower) or _spells(words):
        return True
    groups = digit_groups(words)
    if groups:
        nothing_else = all(word == "плюс" or _digits_of(word)[0] for word in words)
        return _is_part_of_number(groups, announced=nothing_else or _is_announced(lower))
    return _is_announced(lower) and _words_after_announcement(lower) <= _FEW_WORDS


def _is_part_of_number(groups: Sequence[int], *, announced: bool) -> bool:
    digits = sum(groups)
    if digits >= WHOLE_PHONE_DIGITS + (groups[0] == 1):
        return False
    return announced or len(groups) >= FEWEST_GROUPS or digits > LONGEST_AMOUNT_DIGITS


def digit_groups(words: Sequence[str]) -> list[int]:
    """How many digits each number at the end of ``words`` has: «восемь девятьсот двенадцать» 1, 3.

    Hundreds, tens and units that follow one another are one number.
    """
    groups: list[int] = []
    room = 0
    """The digits that the next word may still fill of the present number."""
    for word in words:
        digits, left = _digits_of(word)
        if not digits:
            groups, room = [], 0
        elif groups and digits <= room:
            room = left if left < digits else 0
        else:
            groups.append(digits)
            room = left
    return groups


def _digits_of(word: str) -> tuple[int, int]:
    """Digits that a word stands for, and how many of them the next word may fill."""
    if (digits := word.replace("-", "")).isdigit():
        return len(digits), 0
    if _UNIT.match(word):
        return 1, 0
    if _HUNDREDS.match(word):
        return 3, 2
    if _TENS.match(word):
        return 2, 0 if word == "десять" or word.endswith("надцать") else 1
    return 0, 0


def _spells(words: Sequence[str]) -> bool:
    """Whether the last words are letters, said one by one."""
    tail = words[-SPELLED_LETTERS:]
    letters = [word for word in tail if word in _LETTERS]
    return len(letters) >= SPELLED_LETTERS and not all(word in _NO_LETTERS for word in letters)


def _is_announced(lower: str) -> bool:
    return bool(_ANNOUNCED.search(lower)) and not _ASKS.search(lower)


def _words_after_announcement(lower: str) -> int:
    last = list(_ANNOUNCED.finditer(lower))[-1]
    return len(re.findall(r"\w+", lower[last.end() :]))
