"""What words find, and where they are shown, on SQLite and PostgreSQL alike."""

import pytest

from bot.calllog import CallLog
from bot.calllog.asked import asked_words
from bot.calllog.excerpt import best_excerpt, marked
from bot.calllog.filter import CallFilter
from bot.calllog.words import lemmas_of
from tests.calllog.talk import answered, asked, found, one_call

SAID = (
    "О тарифах расскажите",
    "Звонки на мобильный",
    "Образцы из стали",
    "Есть ли РЭМ-100-А и РГМ-2000?",
    "Ёмкость бака 0,5 литра",
    "Влажность 50 градусов",
    "Влажность 50%",
    "Людей у вас много?",
)


@pytest.mark.parametrize(
    ("q", "places"),
    [
        ("тарифы", [0]),
        ("ТАРИФ", [0]),
        ("звонок", [1]),
        ("сталь", [2]),
        ("стальной", []),
        ("рэм-100", [3]),
        ("рэм сто", [3]),
        ("рэм", [3]),
        ("100", [3]),
        ("рэм-100-а", [3]),
        ("рэм-10", []),
        ("ргм две тысячи", [3]),
        ("емкости", [4]),
        ("0.5", [4]),
        ("влажности", [5, 6]),
        ("50%", [6]),
        ("50 процентов", [6]),
        ("человек", [7]),
        ("влажн*", [5, 6]),
        ("образ*", [2]),
        ("влажность тарифов", []),
        ("...", []),
        ("* ? \"'", []),
        ("NOT AND OR", []),
        ("тарифах расскажите о", [0]),
    ],
)
def test_words_find_their_other_forms(calls: CallLog, q: str, places: list[int]) -> None:
    numbers = [one_call(calls, words) for words in SAID]
    expected = [numbers[place] for place in places]
    assert found(calls, CallFilter(q=q, order="asc")) == expected


def test_an_unfinished_word_that_no_dictionary_has_finds_how_it_may_go_on(calls: CallLog) -> None:
    number = one_call(calls, "Где экстензометр?")
    assert found(calls, CallFilter(q="экстензо")) == [number]
    assert found(calls, CallFilter(q="эк")) == []


def test_words_of_one_call_are_found_whoever_said_them_and_when(calls: CallLog) -> None:
    number = calls.start_call("101", "channel", "worker-1")
    calls.append(number, asked("Какая гарантия?"))
    assert found(calls, CallFilter(q="гарантии")) == [number]  # while the call goes on
    calls.append(number, answered("Двадцать четыре месяца.", "general"))
    assert found(calls, CallFilter(q="месяц гарантия")) == [number]
    assert found(calls, CallFilter(q="месяц", source="general", status="InProgress")) == [number]
    calls.end_call(number, "Completed")
    assert found(calls, CallFilter(q="месяц", status="InProgress")) == []
    assert found(calls, CallFilter(q="месяц", status="Completed", source="general")) == [number]


def test_no_word_is_long_enough_to_break_the_index(calls: CallLog) -> None:
    number = one_call(calls, "я" * 5000 + " " + "рэм-" * 2000 + "1")
    assert found(calls, CallFilter(q="я" * 100)) == [number]


def test_a_page_shows_where_the_words_stand(calls: CallLog) -> None:
    number = calls.start_call("101", "channel", "worker-1")
    calls.append(number, asked("Какая гарантия?"))
    calls.append(number, answered("Гарантия на машину двадцать четыре месяца."))
    calls.end_call(number, "Completed")
    excerpt = calls.page(CallFilter(q="месяц гарантии")).excerpts[number]
    assert excerpt.role == "bot"
    assert [piece.text for piece in excerpt.pieces if piece.is_match] == ["Гарантия", "месяца"]
    assert calls.page(CallFilter()).excerpts == {}


def test_every_form_and_reading_of_a_question_is_marked() -> None:
    pieces = marked("РЭМ-100: тарифы, о тарифах", asked_words("рэм сто тариф"))
    assert [piece.text for piece in pieces if piece.is_match] == ["РЭМ-100", "тарифы", "тарифах"]
    assert "".join(piece.text for piece in pieces) == "РЭМ-100: тарифы, о тарифах"


def test_an_excerpt_is_a_window_of_whole_words_around_the_first_match() -> None:
    before, after = "до " * 100, " после" * 100
    transcript = f'[{{"role": "user", "text": "{before}гарантия{after}"}}]'
    excerpt = best_excerpt(transcript, asked_words("гарантии"))
    assert excerpt is not None
    text = "".join(piece.text for piece in excerpt.pieces)
    assert text.startswith("… до ")
    assert text.endswith(" после …")
    assert 100 < len(text) < 200


@pytest.mark.parametrize("damaged", ["", "не JSON", "{}", "[1]", '[{"role": "user"}]'])
def test_a_damaged_dialogue_has_no_excerpt(damaged: str) -> None:
    assert best_excerpt(damaged, asked_words("гарантия")) is None


def test_the_words_of_a_text_are_folded_and_each_is_there_once() -> None:
    assert lemmas_of("Ёлка, ёлки и ЕЛКИ") == ("елка", "и")
    assert set(lemmas_of("РЭМ-100-А")) == {"рэм-100-а", "рэм-100", "рэм", "рэма", "100", "а"}
