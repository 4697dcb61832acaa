"""Several questions in one breath are told apart, and one question is left whole."""

import pytest

from bot.compound import parts_of, readings


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        (
            "сколько стоит РЭМ-100 и когда привезёте?",
            ("сколько стоит РЭМ-100", "когда привезёте?"),
        ),
        (
            "когда привезёте и сколько стоит РЭМ-100",
            ("когда привезёте", "сколько стоит РЭМ-100"),
        ),
        (
            "Где вы находитесь, какой у завода адрес?",
            ("Где вы находитесь", "какой у завода адрес?"),
        ),
        (
            "Сколько весит РЭМ-5? А сколько стоит РЭМ-10? И когда привезёте?",
            (
                "Сколько весит РЭМ-5",
                "сколько стоит РЭМ-10",
                "когда привезёте?",
            ),
        ),
        (
            "какая гарантия и можно ли взять в лизинг",
            ("какая гарантия", "можно ли взять в лизинг"),
        ),
    ],
)
def test_questions_are_told_apart(question: str, parts: tuple[str, ...]) -> None:
    assert parts_of(question) == parts


@pytest.mark.parametrize(
    "question",
    [
        "",
        "сколько стоит РЭМ-100",
        "как часто и где проводят поверку",
        "Скажите, сколько стоит машина",
        "Мы техникум. Какая нам положена скидка?",
        "растяжение и сжатие на одной машине можно?",
        "РЭМ-100 и РЭМ-200 чем отличаются",
        "Давно вы на рынке, с какого года работаете?",
        "и когда",
        "и" * 600,
        "? и как ? и как ? и как",
    ],
)
def test_one_question_stays_whole(question: str) -> None:
    assert parts_of(question) == (question,)


def test_a_part_without_a_machine_is_read_with_those_of_the_others_and_without() -> None:
    whole = "сколько стоит РЭМ-100 и когда привезёте?"
    assert readings("когда привезёте?", whole) == ("когда привезёте? РЭМ-100", "когда привезёте?")
    assert readings("сколько стоит РЭМ-100", whole) == ("сколько стоит РЭМ-100",)
    assert readings("какая гарантия", "какая гарантия и где вы") == ("какая гарантия",)
