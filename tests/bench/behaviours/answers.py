"""What the model's stand-in answers: one short sentence, or half a minute of different words."""

import random
import re
from collections.abc import Mapping
from typing import Any

LONG_QUESTIONS = (
    "Расскажите про захваты?",
    "Расскажите про экстензометры?",
    "Расскажите про датчики силы?",
    "Расскажите про копры?",
    "Расскажите про твердомеры?",
)
"""Answered at length; each answer has words of its own."""
MODELS = ("РЭМ-5", "РЭМ-10", "РЭМ-50", "РЭМ-100", "РЭМ-200", "РЭМ-300", "РЭМ-600", "РГМ-1000")
SHORT = "Машина номер {number} стоит три миллиона рублей."
_SYLLABLES = [consonant + vowel for consonant in "бвгдзклмнпрст" for vowel in "аеиоу"]
_SENTENCES, _WORDS_EACH = 18, 8


def question(number: int) -> str:
    """A question that no other number asks; answered by :data:`SHORT` with its number."""
    return f"Сколько стоит {MODELS[number % len(MODELS)]}, если взять {number} штук?"


def long_answer(asked: str) -> list[str]:
    """The sentences of the answer to one of :data:`LONG_QUESTIONS`: letters and spaces only,
    and no word twice, so that a piece of what was heard has one place.

    Under 500 tokens, and at 33 ms a letter some 35 s.
    """
    chance = random.Random(LONG_QUESTIONS.index(asked))
    words = dict.fromkeys("".join(chance.sample(_SYLLABLES, 3)) for _ in range(400))
    each = iter(words)
    rows = (" ".join(next(each) for _ in range(_WORDS_EACH)) for _ in range(_SENTENCES))
    return [f"{row.capitalize()}." for row in rows]


def reply(body: Mapping[str, Any]) -> str:
    """For ``Plan.answer``."""
    last = body["messages"][-1]["content"]
    for asked in LONG_QUESTIONS:
        if asked in last:
            return "".join(f"{sentence}|" for sentence in long_answer(asked))
    number = re.search(r"взять (\d+) штук", last)
    return SHORT.format(number=number.group(1) if number else len(last)) + "|"
