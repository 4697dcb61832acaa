"""The base to ask first follows from the words of the question."""

import pytest

from bot.retrieval import Base
from bot.routing import Route, choose_base

WORDS: dict[Base, tuple[str, ...]] = {
    "general": ("гарант", "достав", "цен", "стои"),
    "tech": ("скорост", "усили", "рэм", "захват", "учёт"),
}


@pytest.mark.parametrize(
    ("text", "first", "matched"),
    [
        ("Какая гарантия?", "general", ("гарантия",)),
        ("Какая СКОРОСТЬ у РЭМ-100?", "tech", ("скорость", "рэм-100")),
        ("Сколько стоит доставка РЭМ-100?", "general", ("стоит", "доставка")),
        ("Скорость, усилие и цена", "tech", ("скорость", "усилие")),
    ],
)
def test_more_matching_words_win(text: str, first: Base, matched: tuple[str, ...]) -> None:
    route = choose_base(text, WORDS)
    assert (route.first, route.matched_words) == (first, matched)


@pytest.mark.parametrize("text", ["Цена захвата", "Добрый день", "", "?!"])
def test_a_tie_goes_to_general(text: str) -> None:
    assert choose_base(text, WORDS).first == "general"


def test_only_beginnings_of_words_count() -> None:
    assert choose_base("Программа без премии", {"tech": ("рам", "рем")}).first == "general"


def test_a_word_said_twice_counts_once() -> None:
    assert choose_base("скорость скорость, цена и гарантия", WORDS).first == "general"


def test_case_and_yo_do_not_matter() -> None:
    assert choose_base("Учет усилий", WORDS).matched_words == ("учет", "усилий")


def test_no_routing_words_at_all_is_general() -> None:
    assert choose_base("Скорость", {}).first == "general"
    assert choose_base("Скорость", {"tech": ("", " ")}).matched_words == ()


def test_why_is_no_question_for_a_price() -> None:
    words: dict[Base, list[str]] = {"general": ["почем"], "tech": ["шум"]}
    assert choose_base("почему машина шумит", words) == Route("tech", ("шумит",))
    assert choose_base("почём машина", words) == Route("general", ("почем",))
