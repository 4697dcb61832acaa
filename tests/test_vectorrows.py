"""The FAISS index of a base: exact while it is small, near enough when it is large."""

from collections.abc import Iterator
from dataclasses import dataclass

import faiss
import numpy as np
import pytest
from numpy.typing import NDArray

from bot.embeddings import Vectors
from bot.retrieval import Passage, Rows, SearchedBase
from bot.search.lexical import build_lexical
from bot.search.passagewords import read_passages
from bot.search.vectorrows import EXACT_ROWS, ExactRows, NearRows, faiss_parts, rows_of, vector_rows

DIMENSIONS = 48
FOUND = 10


@dataclass(frozen=True)
class Base:
    """Vectors of passages about some topics and of their sentences."""

    passages: int
    vectors: Vectors
    owners: NDArray[np.int32]

    def batches(self, size: int = 999) -> Iterator[Vectors]:
        return (self.vectors[at : at + size] for at in range(0, len(self.vectors), size))

    def questions(self, count: int) -> Vectors:
        """Near a passage each, as questions are."""
        of = np.random.default_rng(3)
        asked = self.vectors[of.integers(0, self.passages, count)]
        return unit(asked + of.normal(0, 0.05, asked.shape))


def unit(vectors: NDArray[np.floating]) -> Vectors:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def base_of(passages: int, sentences: int) -> Base:
    """Unit vectors as a model's are: all in one direction, in topics, with a few loners."""
    of = np.random.default_rng(1)
    topics = of.normal(0, 0.12, (100, DIMENSIONS)) + of.normal(0, 0.3, DIMENSIONS)
    own = topics[of.integers(0, 100, passages)] + of.normal(0, 0.08, (passages, DIMENSIONS))
    owners = np.append(np.arange(passages), np.repeat(np.arange(passages), sentences))
    told = own[owners[passages:]] + of.normal(0, 0.06, (passages * sentences, DIMENSIONS))
    return Base(passages, unit(np.concatenate([own, told])), owners.astype(np.int32))


@pytest.fixture(scope="module")
def large() -> Base:
    return base_of(9000, 3)


@pytest.fixture(scope="module")
def near(large: Base) -> Rows:
    assert len(large.owners) > EXACT_ROWS
    return vector_rows(large.batches(), large.owners)


def test_a_small_base_is_searched_exactly() -> None:
    base = base_of(2000, 4)
    rows = vector_rows(base.batches(), base.owners)
    question = base.questions(1)
    cosines, found = rows.search(question, 1000)
    expected = base.vectors @ question[0]
    assert np.allclose(cosines[0], np.sort(expected)[::-1][:1000], atol=1e-6)
    assert np.allclose(expected[found[0]], cosines[0], atol=1e-6)


def test_a_large_base_finds_what_exact_search_finds(large: Base, near: Rows) -> None:
    shares = []
    for question in large.questions(100):
        exact = np.argsort(-(large.vectors[: large.passages] @ question))[:FOUND]
        _, rows = near.search(question[np.newaxis], 1000)
        found = rows[0][rows[0] < large.passages][:FOUND]
        shares.append(len(np.intersect1d(exact, found)) / FOUND)
    assert np.mean(shares) >= 0.95


def test_each_passage_found_comes_with_its_sentences_nearest_rows_first(
    large: Base, near: Rows
) -> None:
    question = large.questions(1)
    cosines, rows = near.search(question, 1000)
    assert np.allclose(cosines[0], large.vectors[rows[0]] @ question[0], atol=0.01)
    assert (np.diff(cosines[0]) <= 0).all()
    passages = np.sort(rows[0][rows[0] < large.passages])
    of_sentences = large.owners[rows[0][rows[0] >= large.passages]]
    assert np.sort(of_sentences).tolist() == np.repeat(passages, 3).tolist()


def test_no_more_rows_are_given_than_were_asked_for(large: Base, near: Rows) -> None:
    assert near.search(large.questions(1), 7)[1].shape == (1, 7)


def test_every_row_can_be_compared(large: Base, near: Rows) -> None:
    assert (near.d, near.ntotal) == (DIMENSIONS, len(large.owners))
    rows = np.array([near.ntotal - 1, 0, large.passages, large.passages - 1])
    question = large.questions(1)[0]
    expected = large.vectors[rows] @ question
    assert np.allclose(near.inner_products(rows, question), expected, atol=0.005)
    assert near.inner_products(rows[:0], question).shape == (0,)


def test_a_sentence_is_compared_as_the_vector_that_was_kept_of_it(large: Base, near: Rows) -> None:
    assert isinstance(near, NearRows)
    question = large.questions(1)[0]
    kept = near.sentences.reconstruct_n(0, near.sentences.ntotal) @ question
    rows = np.arange(large.passages, near.ntotal)
    assert np.allclose(near.inner_products(rows, question), kept, atol=1e-5)


def test_a_stored_base_searches_as_the_one_that_was_built(large: Base, near: Rows) -> None:
    stored = {name: faiss.serialize_index(part) for name, part in faiss_parts(near).items()}
    loaded = rows_of({n: faiss.deserialize_index(d) for n, d in stored.items()}, large.owners)
    for question in large.questions(20):
        for built, read in zip(
            near.search(question[np.newaxis], 1000),
            loaded.search(question[np.newaxis], 1000),
            strict=True,
        ):
            assert built.tolist() == read.tolist()
    rows, question = np.array([17, 20_000]), large.questions(1)[0]
    compared = near.inner_products(rows, question).tolist()
    assert loaded.inner_products(rows, question).tolist() == compared


def test_long_passages_make_a_base_large_too() -> None:
    base = base_of(300, 100)
    rows = vector_rows(base.batches(), base.owners)
    assert isinstance(rows, NearRows)
    for question in base.questions(10):
        best = int(np.argmax(base.vectors[:300] @ question))
        _, found = rows.search(question[np.newaxis], 1000)
        assert best in base.owners[found[0]]


def test_too_few_vectors_are_refused(large: Base) -> None:
    with pytest.raises(ValueError, match="9000"):
        vector_rows([large.vectors[:8000]], large.owners)


def test_the_sentences_of_a_passage_are_found_at_once_in_either_kind(
    large: Base, near: Rows
) -> None:
    passages = tuple(Passage("tech", (), f"текст {n}", n) for n in range(large.passages))
    exact = faiss.IndexFlatIP(DIMENSIONS)
    exact.add(large.vectors)
    question = large.questions(1)[0]
    for rows in (near, ExactRows(exact)):
        base = SearchedBase(passages, rows, large.owners, build_lexical([]), read_passages(()))
        expected = large.vectors[large.passages :][17 * 3 : 18 * 3] @ question
        assert np.allclose(base.sentence_cosines(17, question), expected, atol=0.01)
