"""Lexical search over character 4-grams."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.search.lexical import build_lexical

TEXTS = (
    "Гарантия на машины составляет двадцать четыре месяца",
    "Поверка нужна раз в год",
    "Доставляем машины по всей России",
)


def scores(question: str, texts: Sequence[str]) -> NDArray[np.float64]:
    return build_lexical(texts).scores(question, np.arange(len(texts)))


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
    assert int(np.argmax(scores(question, TEXTS))) == best


def test_scores_lie_between_0_and_1_and_strange_words_lower_them() -> None:
    asked = scores("гарантия на машины", TEXTS)
    diluted = scores("гарантия на машины фуксия жужжит щебечет", TEXTS)
    assert 0 < diluted[0] < asked[0] <= 1


@pytest.mark.parametrize("question", ["", "?!", "а", "ы" * 3, "xyzzy", "\0", "😀😀😀😀"])
def test_a_question_that_shares_nothing_scores_0(question: str) -> None:
    assert scores(question, TEXTS).tolist() == [0, 0, 0]


def test_io_and_ie_are_the_same_letter() -> None:
    texts = ["счёт", "другое слово"]
    assert scores("счет", texts)[0] == scores("счёт", texts)[0] > 0


@pytest.mark.parametrize("texts", [[], [""], ["", "а"]])
def test_empty_texts_are_searched_without_an_error(texts: list[str]) -> None:
    assert scores("вопрос", texts).tolist() == [0] * len(texts)


def test_a_rare_word_counts_more_than_a_common_one() -> None:
    texts = ["машина и машина", "машина раз", "редкий копёр", "машина два"]
    found = scores("машина копёр", texts)
    assert found[2] == max(found)
