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


NONE = np.zeros(0, np.int64)


def scores(question: str, texts: Sequence[str]) -> NDArray[np.float64]:
    return build_lexical(texts).search(question, 0, np.arange(len(texts)))[1]


def best(question: str, texts: Sequence[str], k: int) -> list[int]:
    """The best passages, best first."""
    numbers, found = build_lexical(texts).search(question, k, NONE)
    return [int(numbers[at]) for at in np.argsort(-found, kind="stable")]


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
    assert np.allclose(scores(question, texts), expected, atol=1e-6)
    found = best(question, texts, 20)
    assert np.allclose(expected[found], np.sort(expected)[::-1][: len(found)], atol=1e-6)


def test_passages_that_are_asked_about_are_scored_beside_the_best() -> None:
    texts = shuffled_texts(200)
    also = np.array([3, 57, 199])
    numbers, found = build_lexical(texts).search("гарантия на машины", 5, also)
    every = scores("гарантия на машины", texts)
    assert set(numbers.tolist()) == {3, 57, 199} | set(best("гарантия на машины", texts, 5))
    assert numbers.tolist() == sorted(numbers.tolist())
    assert found.tolist() == every[numbers].tolist()


def test_passages_of_several_batches_keep_their_numbers() -> None:
    texts = [f"машина {number}" for number in range(20_000)]
    assert [best(f"{number}", texts, 1) for number in (7777, 19_999)] == [[7777], [19_999]]


def test_among_equals_the_first_comes_first_and_strangers_do_not_come() -> None:
    texts = ["насос", "машина", "машина", "копёр", "машина"]
    assert best("машина", texts, 10) == [1, 2, 4]
    assert best("машина", texts, 2) == [1, 2]


COMMON = "универсальная электромеханическая испытательная машина"


def too_large() -> list[str]:
    """Passages with more postings of :data:`COMMON` than are read."""
    texts = [f"{COMMON} номер {number} для испытаний" for number in range(2500)]
    assert len(grams(COMMON)) * len(texts) > READ_POSTINGS
    return texts


def test_in_a_base_too_large_to_read_whole_the_rare_words_lead_to_the_passage() -> None:
    texts = too_large()
    texts[1500] += " пружин из титана"
    found = best(f"{COMMON} для пружин из титана", texts, 5)
    assert found[0] == 1500
    assert len(found) == 5


def test_in_a_base_too_large_to_read_whole_scores_are_those_of_the_plain_formula() -> None:
    texts = too_large()
    question = f"{COMMON} для титана номер 77"
    expected = np.array(plain_bm25(question, texts))
    numbers, found = build_lexical(texts).search(question, 5, np.array([77, 900]))
    assert {77, 900} <= set(numbers.tolist())
    assert np.allclose(found, expected[numbers], atol=1e-6)


def test_in_a_base_too_large_a_question_of_common_words_alone_finds_passages_too() -> None:
    assert len(best(COMMON, too_large(), 5)) == 5
