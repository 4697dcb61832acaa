"""A caller's words as they are worked with: one line, nothing invisible, not too long."""

import pytest

from bot.question import LONGEST_CHARS, question_of


@pytest.mark.parametrize(
    ("typed", "worked_with"),
    [
        ("Какая гарантия?", "Какая гарантия?"),
        ("  Какая\n\tгарантия?\r\n", "Какая гарантия?"),
        ("Ка\u200bкая", "Ка кая"),
        ("гарантия\x00\x1b[31m", "гарантия [31m"),
        ("гарантия \ud83d?", "гарантия ?"),
        ("гарантия 😀", "гарантия 😀"),
        ("й" + "и\u0306", "й" + "и\u0306"),
        ("", ""),
        ("😀🔥", ""),
        ("…?!_", ""),
        ("\u202e\u200b", ""),
    ],
)
def test_only_what_can_be_said_is_left(typed: str, worked_with: str) -> None:
    assert question_of(typed) == worked_with


def test_a_long_text_ends_after_a_word() -> None:
    assert question_of("слово " * 5_000) == " ".join(["слово"] * (LONGEST_CHARS // 6))
    assert question_of("а" * 20_000) == "а" * LONGEST_CHARS
    exact = "а" * (LONGEST_CHARS - 2) + " б"
    assert question_of(exact) == question_of(exact + " в") == exact


def test_what_is_left_can_be_encoded() -> None:
    question_of("".join(map(chr, range(0xD7F0, 0xE010)))).encode()
