"""Lexical search over character 4-grams."""

import math
import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.search.lexical import READ_POSTINGS, build_lexical

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


def grams(text: str) -> list[str]:
    words = " ".join(re.findall("[0-9a-zа-я]+", text.lower().replace("ё", "е")))
    return [f" {words} "[at : at + 4] for at in range(len(words) - 1)]


def plain_bm25(question: str, texts: Sequence[str]) -> list[float]:
    """The formula of Robertson and Zaragoza, as it is written, over each gram and passage."""
    counted = [Counter(grams(text)) for text in texts]
    mean = sum(sum(counts.values()) for counts in counted) / len(texts)
    sums, most = [0.0] * len(texts), 0.0
    for gram in set(grams(question)):
        found_in = sum(gram in counts for counts in counted)
        idf = math.log(1 + (len(texts) - found_in + 0.5) / (found_in + 0.5))
        most += idf * 2.2
        for number, counts in enumerate(counted):
            length = sum(counts.values())
            norm = 1.2 * (0.25 + 0.75 * length / mean)
            sums[number] += idf * counts[gram] * 2.2 / (counts[gram] + norm)
    return [one / most for one in sums]


def shuffled_texts(count: int, words: int = 12) -> list[str]:
    """Texts of different lengths over a few hundred words, some of which are everywhere."""
    of = np.random.default_rng(5)
    spoken = re.findall("[а-я]+", " ".join(TEXTS).lower()) + [f"м{n}" for n in range(300)]
    lengths = of.integers(1, 2 * words, count)
    return [" ".join(spoken[min(313, int(w))] for w in of.zipf(1.3, n)) for n in lengths]


@pytest.mark.parametrize("question", ["гарантия на машины м17", "поверка россии год м3 м222", "м1"])
def test_scores_and_order_are_those_of_the_plain_formula(question: str) -> None:
    texts = shuffled_texts(300)
    expected = np.array(plain_bm25(question, texts))
    lexical = build_lexical(texts)
    assert np.allclose(lexical.scores(question, np.arange(300)), expected, atol=1e-6)
    best = lexical.best(question, 20)
    assert np.allclose(expected[best], np.sort(expected)[::-1][: len(best)], atol=1e-6)


def test_scores_of_some_passages_are_those_they_have_among_all() -> None:
    lexical = build_lexical(shuffled_texts(200))
    some = np.array([199, 3, 57])
    every = lexical.scores("гарантия на машины", np.arange(200))
    assert lexical.scores("гарантия на машины", some).tolist() == every[some].tolist()


def test_passages_of_several_batches_keep_their_numbers() -> None:
    texts = [f"машина {number}" for number in range(20_000)]
    lexical = build_lexical(texts)
    assert [lexical.best(f"{number}", 1)[0] for number in (7777, 12345, 19_999)] == [
        7777, 12345, 19_999,
    ]  # fmt: skip


def test_among_equals_the_first_comes_first_and_strangers_do_not_come() -> None:
    texts = ["насос", "машина", "машина", "копёр", "машина"]
    assert build_lexical(texts).best("машина", 10).tolist() == [1, 2, 4]
    assert build_lexical(texts).best("машина", 2).tolist() == [1, 2]


COMMON = "универсальная электромеханическая испытательная машина"


def test_in_a_base_too_large_to_read_whole_the_rare_words_lead_to_the_passage() -> None:
    texts = [f"{COMMON} номер {number} для испытаний" for number in range(4000)]
    texts[2500] += " пружин из титана"
    question = f"{COMMON} для пружин из титана"
    assert len(grams(question)) * len(texts) > READ_POSTINGS
    best = build_lexical(texts).best(question, 5)
    assert best[0] == 2500
    assert len(set(best.tolist())) == 5


def test_in_a_base_too_large_a_question_of_common_words_alone_finds_passages_too() -> None:
    texts = [f"{COMMON} номер {number}" for number in range(4000)]
    assert len(build_lexical(texts).best(COMMON, 5)) == 5
