"""The telling words of a text, and how much of a question's a passage has."""

import pytest

from bot.search.asked import asked, told
from bot.search.meanings import meanings_of
from bot.search.terms import alike, models, terms
from bot.search.wording import Said, compare, count_words, wording

PASSAGES = tuple(
    wording(("База", heading), text)
    for heading, text in (
        ("Цены", "Цена РЭМ-10 — 1,3 миллиона рублей. Цена РЭМ-100 — 3,2 миллиона рублей."),
        ("РЭМ-100", "Масса РЭМ-100 — 900 кг. Наибольшее усилие РЭМ-100 — 100 кН."),
        ("Печи", "Печь нагревает образец до 1200 градусов. Печь ставят на любую машину."),
        ("Доставка", "Доставляем по всей России. Груз застрахован."),
    )
)
VOCABULARY = count_words(PASSAGES)


def said(question: str, passage: int) -> Said:
    return compare(question, PASSAGES, VOCABULARY)[passage]


def stems(text: str) -> list[str]:
    return [term.stem for term in terms(text)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("поверка", "поверку"), ("разрывная", "разрывные"), ("захваты", "захватов"),
        ("ёмкость", "емкости"), ("РЭМ-100", "рэм-100"), ("сто двадцать", "120"),
    ],
)  # fmt: skip
def test_forms_of_a_word_and_ways_to_write_a_number_are_one_term(one: str, other: str) -> None:
    assert stems(one) == stems(other) != []


def test_words_that_say_nothing_are_no_terms() -> None:
    assert stems("Скажите, пожалуйста, а у вас это можно?") == []
    assert stems("") == stems("?! 😀") == []


def test_a_word_that_goes_with_anything_tells_less() -> None:
    taken, furnace = terms("взять печь")
    assert taken.weight < furnace.weight == 1.0


@pytest.mark.parametrize(
    ("asked_for", "written"),
    [("почём", "цена"), ("привезёте", "доставка"), ("весит", "масса"), ("предоплата", "аванс")],
)
def test_words_of_one_meaning_have_a_key_in_common(asked_for: str, written: str) -> None:
    assert not terms(asked_for)[0].keys.isdisjoint(terms(written)[0].keys)


def test_a_word_belongs_to_no_group_by_its_middle() -> None:
    assert meanings_of("пересказ") == frozenset()
    assert meanings_of("тонкий") == frozenset()


@pytest.mark.parametrize(("heard", "meant"), [("поверько", "поверка"), ("захвта", "захваты")])
def test_misheard_words_are_alike(heard: str, meant: str) -> None:
    assert alike(stems(heard)[0], stems(meant)[0]) >= 0.5


@pytest.mark.parametrize(
    ("one", "other"), [("рэм-10", "рэм-100"), ("гарант", "печ"), ("10", "100")]
)
def test_other_words_and_other_numbers_are_not_alike(one: str, other: str) -> None:
    assert alike(one, other) == 0.0


def test_models_are_names_with_their_numbers() -> None:
    assert models("Чем РЭМ-10 лучше КМ-450 и РЭМ?") == {"рэм-10", "км-450"}


@pytest.mark.parametrize(
    ("question", "facts"),
    [
        ("Сколько стоит печь?", {"price"}),
        ("почём у вас РЭМ-10", {"price"}),
        ("Сколько весит РЭМ-100?", {"weight"}),
        ("Во сколько вы открываетесь?", {"time"}),
        ("Во сколько обойдётся доставка?", {"price"}),
        ("Сколько у неё колонн?", {"number"}),
        ("Есть ли у вас печи?", set()),
    ],
)
def test_a_question_asks_for_a_fact(question: str, facts: set[str]) -> None:
    assert asked(question) == facts


@pytest.mark.parametrize(
    ("sentence", "fact"),
    [
        ("Печь стоит 100 тысяч рублей.", "price"), ("Доставка бесплатная.", "price"),
        ("Масса РЭМ-100 — 900 кг.", "weight"), ("Работаем с 8:00 до 17:00.", "time"),
        ("Пишите на zakaz@metrotest.example.", "mail"), ("Звоните: +7 34783.", "telephone"),
    ],
)  # fmt: skip
def test_a_sentence_tells_a_fact(sentence: str, fact: str) -> None:
    assert told(sentence, frozenset({fact, "colour"})) == {fact}
    assert not told("Груз застрахован.", frozenset({fact}))


def test_the_passage_that_names_the_model_says_more_than_one_that_names_another() -> None:
    assert said("усилие РЭМ-100", 1).sentence == 1.0
    assert said("усилие РЭМ-10", 1).sentence < 0.7
    assert (said("усилие РЭМ-10", 1).model, said("усилие РЭМ-10", 0).model) == (0.0, 1.0)


def test_what_was_asked_must_stand_with_what_it_was_asked_of() -> None:
    price = said("Сколько стоит РЭМ-10?", 0)
    assert (price.fact, price.together) == (1.0, price.sentence)
    weight = said("Сколько весит печь?", 2)
    assert (weight.fact, weight.together) == (0.0, 0.0)
    assert weight.passage > 0


def test_a_rare_word_counts_for_more_than_a_common_one() -> None:
    furnace = said("нагрев РЭМ-100", 2).passage
    assert furnace > said("нагрев РЭМ-100", 1).passage > 0


def test_a_thing_that_the_passage_does_not_name_is_missed() -> None:
    assert said("Какая масса у РЭМ-100?", 1).names == 1.0
    assert said("Какая подсветка у РЭМ-100?", 1).names < 0.7
    assert said("Как красиво нагревает?", 2).names == 1.0


@pytest.mark.parametrize("question", ["", "?", "а вы?", "😀", "а" * 5000])
def test_any_question_can_be_compared(question: str) -> None:
    for one in compare(question, PASSAGES, VOCABULARY):
        assert 0.0 <= min(one.passage, one.sentence, one.together, one.names) <= 1.0
        assert len(one.sentences) == 2
