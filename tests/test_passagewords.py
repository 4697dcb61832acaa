"""The words of passages, read when the index is built, and kept with it."""

import pytest

from bot.search.passagewords import StaleWords, read_passages, words_as_bytes, words_of_bytes
from bot.search.terms import READING
from bot.search.wording import wording

PASSAGES = (
    (("Машины", "РЭМ-100"), "Масса РЭМ-100 — 900 кг. Усилие РЭМ-100 — сто кН."),
    (
        ("Машины", "Разрывные", "Цены"),
        "Цена — 3,2 миллиона рублей.\n\n- Торг уместен\n- Скидок нет",
    ),
    ((), "и не то, и не это"),
)


def test_the_words_are_those_that_reading_the_passage_gives() -> None:
    words = read_passages(PASSAGES)
    for number, (headings, text) in enumerate(PASSAGES):
        assert words.wording(number, text) == wording(headings[-2:], text)


def test_the_words_are_the_same_after_they_were_kept() -> None:
    words = read_passages(PASSAGES)
    kept = words_of_bytes(words_as_bytes(words))
    for number, (_, text) in enumerate(PASSAGES):
        assert kept.wording(number, text) == words.wording(number, text)
    assert words_of_bytes(words_as_bytes(read_passages(()))).keys == ()


def test_words_that_another_version_read_are_stale() -> None:
    data = words_as_bytes(read_passages(PASSAGES))
    assert data.count(READING.encode()) == 1
    with pytest.raises(StaleWords):
        words_of_bytes(data.replace(READING.encode(), READING[::-1].encode()))


@pytest.mark.parametrize("cut", [0, 7, 40, -1])
def test_damaged_words_are_told_from_whole_ones(cut: int) -> None:
    data = words_as_bytes(read_passages(PASSAGES))
    with pytest.raises(ValueError, match="damaged"):
        words_of_bytes(data[:cut])
