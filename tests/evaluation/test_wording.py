"""What an answer must hold and must not, word by word."""

import pytest

from bot.evaluation.wording import missing, present


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("Гарантия — 24 месяца.", "24 месяца"),
        ("ГАРАНТИЯ\u00a024  МЕСЯЦА", "24 месяца"),
        ("Подберем модель.", "подберём"),
        ("За 40-60 рабочих дней.", "40–60 рабочих дней"),
        ("Скидка 5 %.", "5 процентов"),
        ("Скидка 5 процентов.", "5 %"),
        ("Пришлём за день.", "отправим|пришлём"),
        ("Бесплатная доставка", "бесплатн"),
        ("Напишите на zakaz@metrotest.example.", "zakaz@metrotest.example"),
    ],
)
def test_words_are_found_however_they_are_spelled(answer: str, words: str) -> None:
    assert missing(answer, [words]) == ()
    assert present(answer, [words]) == (words,)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("Гарантия 124 месяца.", "24 месяца"),
        ("Машина РЭМ-1000.", "РЭМ-100"),
        ("Точность 10,5.", "0,5"),
        ("Точность 0,55.", "0,5"),
        ("Скидка 5,5.", "5"),
        ("Масса 1200 кг", "200 кг"),
        ("Пришлём.", "отправим|привезём"),
        ("", "24"),
    ],
)
def test_a_part_of_a_number_or_another_word_is_not_it(answer: str, words: str) -> None:
    assert missing(answer, [words]) == (words,)
    assert present(answer, [words]) == ()


def test_each_missing_word_is_named() -> None:
    assert missing("Гарантия 24 месяца", ["24", "36", "продлить|дольше"]) == (
        "36", "продлить|дольше",
    )  # fmt: skip
