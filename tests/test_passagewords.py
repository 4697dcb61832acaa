"""The words of passages, read when the index is built, and kept with it."""

import io

import numpy as np
import pytest

from bot.search.passagewords import StaleWords, read_passages, words_as_bytes, words_of_bytes
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
    with np.load(io.BytesIO(words_as_bytes(read_passages(PASSAGES)))) as kept:
        parts = dict(kept)
    parts["keys"][0] ^= 1  # of the mark of the version
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **parts)
    with pytest.raises(StaleWords):
        words_of_bytes(file.getvalue())
