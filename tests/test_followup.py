"""Which questions need the dialogue, and what of it they get."""

import pytest

from bot.followup import needs_history, rewrite
from bot.llm import Exchange

ABOUT_REM = [Exchange("Какая скорость у РЭМ-100?", "Скорость — до 500 мм/мин.")]


@pytest.mark.parametrize(
    ("question", "query"),
    [
        ("А сколько она стоит?", "А сколько она стоит? РЭМ-100"),
        ("а какая у неё скорость", "а какая у неё скорость РЭМ-100"),
        ("А гарантия?", "А гарантия? РЭМ-100"),
        (
            "И какое усилие она развивает при 220 В",
            "И какое усилие она развивает при 220 В РЭМ-100",
        ),
        ("Подойдёт ли эта машина для испытаний пружин", None),
        ("Сколько весит?", "Сколько весит? РЭМ-100"),
        ("Можно ли поставить на неё термокамеру", None),
    ],
)
def test_a_dependent_question_gets_the_last_subject(question: str, query: str | None) -> None:
    assert rewrite(question, ABOUT_REM) == (query or f"{question} РЭМ-100")


@pytest.mark.parametrize(
    "question",
    [
        "Какой срок поставки машин в Казань",
        "Какая скорость у РГМ-1000?",
        "А у РГМ-1000?",
        "РЭМ-50",
        "Сколько длится поверка на месте у заказчика",
    ],
)
def test_a_question_that_stands_alone_is_left_alone(question: str) -> None:
    assert rewrite(question, ABOUT_REM) == ""


def test_without_a_dialogue_nothing_is_rewritten() -> None:
    assert rewrite("А сколько она стоит?", []) == ""


def test_the_subject_is_sought_behind_questions_that_depended_too() -> None:
    history = [*ABOUT_REM, Exchange("А гарантия?", "Два года, на РГМ-50 — три.")]
    assert rewrite("А масса?", history) == "А масса? РЭМ-100"


def test_the_newer_subject_wins() -> None:
    history = [*ABOUT_REM, Exchange("А усилие у РГМ-1000?", "1000 кН.")]
    assert rewrite("А масса?", history) == "А масса? РГМ-1000"


def test_without_a_product_the_telling_words_are_carried() -> None:
    history = [Exchange("Сколько длится поверка машин у заказчика?", "Обычно один день.")]
    query = rewrite("А сколько это стоит?", history)
    assert query.startswith("А сколько это стоит? ")
    assert "поверка" in query


def test_a_name_in_the_answer_is_the_subject_when_the_question_named_none() -> None:
    history = [Exchange("Какая машина подойдёт для резины?", "Подойдёт РЭМ-5 или РЭМ-10.")]
    assert "РЭМ-5" in rewrite("А сколько она весит?", history)


@pytest.mark.parametrize("question", ["", "?", "…"])
def test_no_words_are_no_trouble(question: str) -> None:
    assert needs_history(question)
    assert isinstance(rewrite(question, ABOUT_REM), str)


def test_units_and_standards_are_no_products() -> None:
    assert needs_history("А твёрдость по HRC у неё по ГОСТ 9013?")


@pytest.mark.parametrize("question", ["Где вы находитесь?", "Как вас найти?", "Ваш адрес?"])
def test_a_short_question_about_the_company_stands_alone(question: str) -> None:
    assert not needs_history(question)


@pytest.mark.parametrize("question", ["А где вы?", "Вы её привезёте?"])
def test_a_short_question_that_points_back_needs_the_dialogue_all_the_same(question: str) -> None:
    assert needs_history(question)


def test_words_of_an_earlier_question_do_not_drown_those_of_a_telling_one() -> None:
    history = [Exchange("Какой гарантийный срок на машину?", "24 месяца.")]
    question = "А какое у неё напряжение питания?"
    assert rewrite(question, history) == question
