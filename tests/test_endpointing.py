"""How finished an utterance looks, and what only says «I am listening»."""

import pytest

from bot.endpointing import (
    WAIT_S,
    CallerPauses,
    Completeness,
    completeness,
    is_backchannel,
)


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
        "Скажите, пожалуйста, сколько стоит.",
        "Мне нужно узнать, какой срок.",
        "Есть ли у вас.",
        "Хочу уточнить.",
        "Здравствуйте. Если мы возьмём две машины.",
        "",
    ],
)
def test_what_breaks_off_is_unfinished(text: str) -> None:
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


def test_a_caller_who_pauses_long_inside_sentences_is_waited_for_and_a_fluent_one_is_not() -> None:
    pauses = CallerPauses()
    for pause_s in (0.1, 0.2, 0.25, 0.2):
        pauses.note(pause_s)
    assert {looks: pauses.wait_s(looks) for looks in Completeness} == WAIT_S
    for pause_s in (1.0, 0.8, 1.1):
        pauses.note(pause_s)
    assert pauses.wait_s(Completeness.OPEN) == pytest.approx(1.3)
    assert pauses.wait_s(Completeness.COMPLETE) == 0.9
    assert pauses.wait_s(Completeness.DICTATION) == WAIT_S[Completeness.DICTATION]


@pytest.mark.parametrize("text", ["Добран.", "дадо", "Идем, идем.", "Нуда.", "Тик!", "Ай-ки!"])
def test_what_recognisers_make_of_a_murmur_is_no_interruption_if_it_was_brief(text: str) -> None:
    assert is_backchannel(text, brief=True)
    assert not is_backchannel(text)


@pytest.mark.parametrize(
    "text",
    ["Стоп", "нет", "Цена?", "А сколько", "Оператор!", "повторите", "Мне нужен захват", "ещё раз"],
)
def test_brief_words_with_a_purpose_are_an_interruption(text: str) -> None:
    assert not is_backchannel(text, brief=True)
