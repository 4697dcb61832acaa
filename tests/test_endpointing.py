"""How finished an utterance looks, and what only says «I am listening»."""

import pytest

from bot.endpointing import Completeness, completeness, is_backchannel


@pytest.mark.parametrize(
    "text",
    [
        "Сколько стоит РЭМ-100?",
        "сколько стоит рэм 100 и когда привезёте",
        "Какая скорость у машины на сто килоньютон",
        "Есть ли у вас экстензометры",
        "Спасибо.",
        "да",
        "Стоп!",
    ],
)
def test_questions_and_whole_answers_are_complete(text: str) -> None:
    assert completeness(text) is Completeness.COMPLETE


@pytest.mark.parametrize(
    "text",
    [
        "Мне нужна машина и",
        "Какая скорость у",
        "Подскажите, а",
        "Я хотел спросить...",
        "Хочу узнать про",
        "",
        "запишите девятьсот двенадцать, сорок пять",
        "мой номер 8 912 345",
    ],
)
def test_what_breaks_off_and_what_is_dictated_is_unfinished(text: str) -> None:
    assert completeness(text) is Completeness.UNFINISHED


@pytest.mark.parametrize("text", ["Мне нужна машина.", "РЭМ-100", "Добрый день"])
def test_a_statement_may_go_on(text: str) -> None:
    assert completeness(text) is Completeness.OPEN


@pytest.mark.parametrize("text", ["Угу.", "ага", "да-да", "Да, да, да.", "ну да", "М-м", "Понятно"])
def test_backchannels_are_no_interruption(text: str) -> None:
    assert is_backchannel(text)


@pytest.mark.parametrize(
    "text", ["Стоп", "нет", "подождите", "а цена", "да, а сколько стоит", "ну да ну да хорошо"]
)
def test_words_with_a_purpose_are_an_interruption(text: str) -> None:
    assert not is_backchannel(text)
