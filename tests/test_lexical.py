"""Lexical search over character 4-grams."""

import numpy as np
import pytest

from bot.search.lexical import build_lexical

TEXTS = (
    "Гарантия на машины составляет двадцать четыре месяца",
    "Поверка нужна раз в год",
    "Доставляем машины по всей России",
)


@pytest.mark.parametrize(
    ("question", "best"),
    [
        ("какая гарантия", 0),
        ("какая гаранте на ваши машины", 0),
        ("ПОВЕРКУ делаете", 1),
        ("нужна ли поверочка", 1),
        ("доставите в Россию", 2),
    ],
)
def test_endings_case_and_a_recognisers_errors_are_forgiven(question: str, best: int) -> None:
    assert int(np.argmax(build_lexical(TEXTS).scores(question))) == best


def test_scores_lie_between_0_and_1_and_strange_words_lower_them() -> None:
    lexical = build_lexical(TEXTS)
    asked = lexical.scores("гарантия на машины")
    diluted = lexical.scores("гарантия на машины фуксия жужжит щебечет")
    assert 0 < diluted[0] < asked[0] <= 1


@pytest.mark.parametrize("question", ["", "?!", "а", "ы" * 3, "xyzzy", "\0", "😀😀😀😀"])
def test_a_question_that_shares_nothing_scores_0(question: str) -> None:
    assert build_lexical(TEXTS).scores(question).tolist() == [0, 0, 0]


def test_io_and_ie_are_the_same_letter() -> None:
    lexical = build_lexical(["счёт", "другое слово"])
    assert lexical.scores("счет")[0] == lexical.scores("счёт")[0] > 0


@pytest.mark.parametrize("texts", [[], [""], ["", "а"]])
def test_empty_texts_are_searched_without_an_error(texts: list[str]) -> None:
    assert build_lexical(texts).scores("вопрос").tolist() == [0] * len(texts)


def test_a_rare_word_counts_more_than_a_common_one() -> None:
    lexical = build_lexical(["машина и машина", "машина раз", "редкий копёр", "машина два"])
    scores = lexical.scores("машина копёр")
    assert scores[2] == max(scores)
