"""Personal data made unreadable: callers' numbers, and what callers say of themselves.

A number keeps its beginning and its last four digits (``+7961***0001``), so that an operator can
tell two callers apart. In what was said, telephone numbers, cards and other long numbers, e-mails,
and numbers dictated digit by digit are replaced; prices, models and dates stay. What is masked
cannot be got back; the original stays in the database.
"""

import re
from typing import Final

from bot.russian.number_words import NUMBER_WORDS

HIDDEN: Final = "***"
_KEPT_FRONT: Final = 5
_KEPT_BACK: Final = 4
_LEAST_HIDDEN: Final = 3
_SHORTEST_NUMBER: Final = 10
"""Digits of a number that says who somebody is: a telephone with its code, a card, a passport."""

# Bounded, and tried only where a word begins: a long text without an @ takes no longer.
_EMAIL: Final = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_SPOKEN_EMAIL: Final = re.compile(
    r"(?<![\w.-])[\w.-]{1,64}\s{1,3}собака\s{1,3}[\w-]{1,63}"
    r"(?:\s{1,3}точка\s{1,3}[\w-]{1,63}){1,8}",
    re.IGNORECASE,
)
_DIGITS: Final = re.compile(r"\+?\d(?:[ \u00a0()-]{0,3}\d){6,}")
_LOCAL: Final = re.compile(r"\d{3}[- ]\d\d[- ]\d\d")
_SCALES: Final = frozenset("тысяча тысячи тысяч тысячу миллион миллиона миллионов миллиард".split())
_WORD: Final = re.compile(r"[^\W\d_]+")
_FEWEST_WORDS: Final = 5
"""Number words in a row that are a dictated number: no price and no model has so many."""


def mask_number(number: str) -> str:
    """A caller's number or name; empty stays empty.

    Of ten digits and more the beginning and the last four are kept, of anything shorter nothing
    but its first character.
    """
    if not number:
        return ""
    if sum(character.isdigit() for character in number) < _SHORTEST_NUMBER:
        return number[0] + HIDDEN
    front = min(_KEPT_FRONT, len(number) - _KEPT_BACK - _LEAST_HIDDEN)
    return number[:front] + HIDDEN + number[-_KEPT_BACK:]


def mask_text(text: str) -> str:
    """What was said, without numbers and addresses that say who somebody is."""
    text = _EMAIL.sub(HIDDEN, text)
    text = _SPOKEN_EMAIL.sub(HIDDEN, text)
    text = _DIGITS.sub(_masked_digits, text)
    return _mask_dictated(text)


def _masked_digits(match: re.Match[str]) -> str:
    digits = re.sub(r"\D", "", match[0])
    if len(digits) >= _SHORTEST_NUMBER:
        return HIDDEN + digits[-_KEPT_BACK:]
    return HIDDEN if _LOCAL.fullmatch(match[0]) else match[0]


def _mask_dictated(text: str) -> str:
    """Runs of number words without a thousand or a million among them."""
    pieces, run, done = [], list[re.Match[str]](), 0
    for match in [*_WORD.finditer(text), None]:
        is_number = match is not None and match[0].lower() in NUMBER_WORDS
        if match is not None and is_number and _is_next(text, run, match):
            run.append(match)
            continue
        if _is_dictated(run):
            pieces += [text[done : run[0].start()], HIDDEN]
            done = run[-1].end()
        run = [match] if match is not None and is_number else []
    return "".join([*pieces, text[done:]])


def _is_next(text: str, run: list[re.Match[str]], word: re.Match[str]) -> bool:
    """Whether nothing but blanks and signs stands between a run and a word."""
    return not run or not text[run[-1].end() : word.start()].strip(" ,.-\u00a0")


def _is_dictated(run: list[re.Match[str]]) -> bool:
    has_scale = any(word[0].lower() in _SCALES for word in run)
    return len(run) >= _FEWEST_WORDS and not has_scale
