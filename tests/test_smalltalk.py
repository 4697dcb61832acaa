"""What is small talk and what is a question, by the phrases that ship in kb/prompts.json."""

import re
from pathlib import Path

import pytest

from bot.golden import read_golden
from bot.normalize import normalize
from bot.prompts import read_prompts
from bot.smalltalk import CONTROLS, Control, PhraseBook

KB = Path(__file__).parent.parent / "kb"
BOOK = read_prompts(KB / "prompts.json").phrase_book


@pytest.mark.parametrize(
    ("said", "control"),
    [
        ("Здравствуйте!", "greeting"),
        ("добрый день девушка", "greeting"),
        ("Большое вам спасибо.", "thanks"),
        ("нет спасибо", "thanks"),
        ("угу", "acknowledgement"),
        ("ну хорошо", "acknowledgement"),
        ("пока нет", "acknowledgement"),
        ("Алло, вы меня слышите?", "presence"),
        ("это робот что ли", "robot"),
        ("С кем я разговариваю?", "robot"),
        ("повторите пожалуйста", "repeat"),
        ("а можно ещё раз", "repeat"),
        ("что", "repeat"),
        ("можно чуть помедленнее", "slower"),
        ("вы слишком быстро говорите", "slower"),
        ("Оператор!", "operator"),
        ("соедините меня пожалуйста с живым человеком", "operator"),
        ("хочу поговорить с менеджером", "operator"),
        ("до свидания", "goodbye"),
        ("всё, пока", "goodbye"),
    ],
)
def test_whole_phrases_are_recognised(said: str, control: Control) -> None:
    assert BOOK.control_of(said) == control


@pytest.mark.parametrize(
    ("said", "control"),
    [
        ("спосибо", "thanks"),
        ("здраствуйте", "greeting"),
        ("повторити пожалуста", "repeat"),
        ("помедленее", "slower"),
        ("аператор", "operator"),
        ("дасвидания", "goodbye"),
        ("вы меня слышете", "presence"),
    ],
)
def test_a_slip_of_the_recogniser_does_not_hide_them(said: str, control: Control) -> None:
    assert BOOK.control_of(said) == control


@pytest.mark.parametrize(
    ("said", "control"),
    [
        ("Спасибо, до свидания!", "goodbye"),
        ("понятно спасибо", "thanks"),
        ("алло здравствуйте", "presence"),
        ("не понял, повторите помедленнее", "slower"),
        ("вы робот соедините с оператором", "operator"),
        ("здравствуйте, повторите пожалуйста", "repeat"),
    ],
)
def test_of_several_controls_the_weightiest_counts(said: str, control: Control) -> None:
    assert BOOK.control_of(said) == control


@pytest.mark.parametrize(
    "question",
    [
        "спасибо, а сколько стоит РЭМ-100?",
        "здравствуйте какая гарантия",
        "повторите цену",
        "поверка",
        "сколько длится поверка",
        "обучение операторов",
        "как вызвать оператора на обучение",
        "нет скидок?",
        "пока машина едет, что готовить",
        "медленнее 5 мм/мин можно?",
        "хорошо ли она держит резину",
        "человек нужен для поверки?",
        "телефон",
        "",
        "?!",
        "спасибо " * 40,
    ],
)
def test_a_question_is_no_small_talk(question: str) -> None:
    assert BOOK.control_of(question) is None


def test_no_question_about_the_bases_is_taken_for_small_talk() -> None:
    taken = [
        question.id
        for question in read_golden(KB / "golden.jsonl")
        if question.control is None and BOOK.control_of(normalize(question.question))
    ]
    assert taken == []


def test_no_heading_of_the_bases_and_no_word_of_one_is_taken_for_small_talk() -> None:
    told = (KB / "general.md").read_text("utf-8") + (KB / "tech.md").read_text("utf-8")
    headings = re.findall(r"^#+ (.+)$", told, re.MULTILINE)
    words = {word for heading in headings for word in heading.split()} - {"операторов"}
    assert {text for text in {*headings, *words} if BOOK.control_of(text)} <= {"Что", "и"}


@pytest.mark.parametrize(
    ("said", "question"),
    [
        ("Здравствуйте, какая гарантия?", "какая гарантия?"),
        ("спасибо большое а сколько она стоит", "а сколько она стоит"),
        ("Алло, добрый день! Понятно. А доставка?", "А доставка?"),
        ("Какая гарантия? Спасибо.", "Какая гарантия? Спасибо."),
        ("хорошо ли она держит резину", "хорошо ли она держит резину"),
        ("Нет скидок?", "Нет скидок?"),
        ("спасибо", "спасибо"),
        ("Здравствуйте", "Здравствуйте"),
    ],
)
def test_a_question_loses_nothing_but_its_courtesies(said: str, question: str) -> None:
    assert BOOK.question_in(said) == question


def test_a_control_without_phrases_is_never_asked_for() -> None:
    book = PhraseBook({"goodbye": ["до свидания", "", "…"]})
    assert book.control_of("до свидания") == "goodbye"
    assert book.control_of("спасибо") is None


def test_every_phrase_that_ships_asks_for_its_own_control() -> None:
    prompts = read_prompts(KB / "prompts.json")
    for control in CONTROLS:
        for phrase in prompts.small_talk[control].phrases:
            assert BOOK.control_of(phrase) == control, phrase
