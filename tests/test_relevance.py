"""The scale of relevance: its arithmetic, and what it promises on the bases that ship."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from bot.embeddings.local import LocalEmbedder
from bot.records import now
from bot.retrieval import Base, Hit, Index
from bot.search.builds import Builds, digests_of
from bot.search.foreign_questions import FOREIGN_QUESTIONS
from bot.search.knowledge import read_base
from bot.search.relevance import Match, Scale, Spreads, evidence, fit_scale
from tests.questions import MISHEARD, OFF_TOPIC, ON_TOPIC

ROOT = Path(__file__).parent.parent
SOURCES: dict[Base, Path] = {"general": ROOT / "kb/general.md", "tech": ROOT / "kb/tech.md"}
THRESHOLD = 0.2
OTHER: dict[Base, Base] = {"general": "tech", "tech": "general"}


def sample(mean: float, spread: float, seed: int, size: int = 60) -> np.ndarray:
    return np.random.default_rng(seed).normal(mean, spread, size)


SCALE = fit_scale(Spreads(1, 1), sample(6, 1, 1), sample(4, 1, 2), sample(2, 1, 3))


def test_evidence_halfway_between_the_samples_has_even_chances() -> None:
    assert SCALE.relevance(np.array([4.0]), -np.inf)[0] == pytest.approx(0.5, abs=0.1)


def test_relevance_lies_between_0_and_1_and_grows_with_evidence() -> None:
    found = np.linspace(-1000, 1000, 201)
    relevance = SCALE.relevance(found, -np.inf)
    assert np.all((relevance >= 0) & (relevance <= 1))
    assert np.all(np.diff(relevance) >= 0)


def test_a_better_match_in_the_other_base_lowers_relevance_and_a_worse_one_does_not() -> None:
    found = np.array([5.0, 3.0])
    alone = SCALE.relevance(found, -np.inf)
    assert SCALE.relevance(found, 4.9).tolist() == alone.tolist()
    assert np.all(SCALE.relevance(found, 7.0) < alone)


def test_the_scale_does_not_depend_on_the_units_of_the_evidence() -> None:
    other = fit_scale(
        Spreads(1, 1), sample(6, 1, 1) * 50, sample(4, 1, 2) * 50, sample(2, 1, 3) * 50
    )
    found = np.array([1.0, 3.0, 4.0, 6.0])
    assert other.relevance(found * 50, 300.0) == pytest.approx(
        SCALE.relevance(found, 6.0), abs=0.02
    )


@pytest.mark.parametrize("mean", [2.0, -2.0])
def test_a_model_that_cannot_tell_the_samples_apart_never_turns_the_order_round(
    mean: float,
) -> None:
    scale = fit_scale(Spreads(1, 1), sample(mean, 1, 1), sample(mean, 1, 2), sample(2, 1, 3))
    assert scale.slope > 0
    assert scale.rival_slope > 0


def test_one_question_is_enough_for_a_finite_scale() -> None:
    scale = fit_scale(Spreads(1, 1), np.array([5.0]), np.array([5.0]), np.array([1.0]))
    assert np.all(np.isfinite(dataclasses.astuple(scale)[1:]))


def test_a_question_near_everyday_ones_has_less_evidence() -> None:
    match = Match(np.array([0]), np.array([0.85]), np.array([0.85]), np.array([0.1]))
    spreads = Spreads(0.02, 0.05)
    near, far = np.array([0.9, 0.9, 0.7]), np.array([0.8, 0.8, 0.7])
    assert evidence(match, near, spreads)[0] < evidence(match, far, spreads)[0]


def test_no_question_of_the_fit_is_asked_here() -> None:
    assert not set(FOREIGN_QUESTIONS) & set(OFF_TOPIC)
    assert len(set(FOREIGN_QUESTIONS)) == len(FOREIGN_QUESTIONS) >= 60


@dataclass(frozen=True)
class Searched:
    index: Index
    embedder: LocalEmbedder

    def hits(self, kb: Base, question: str) -> list[Hit]:
        return self.index.search(kb, self.embedder.embed_query(question), question, 3)

    def best(self, kb: Base, question: str) -> float:
        return self.hits(kb, question)[0].relevance


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Searched:
    """The index of the shipped bases by the bundled model: that of ``make setup`` if fresh."""
    embedder = LocalEmbedder()
    texts = {kb: read_base(path) for kb, path in SOURCES.items()}
    builds = Builds(ROOT / "index" / "builds")
    build_id = builds.find(digests_of(texts), embedder.model_key)
    if not build_id:
        builds = Builds(tmp_path_factory.mktemp("builds"))
        build_id = builds.make(texts, embedder, now()).build_id
    return Searched(builds.load(build_id, embedder.model_key), embedder)


slow = pytest.mark.timeout(600)


@slow
def test_the_default_threshold_keeps_questions_that_the_bases_answer(shipped: Searched) -> None:
    kept = [shipped.best(kb, question) >= THRESHOLD for question, kb, _ in ON_TOPIC]
    assert np.mean(kept) >= 0.95


@slow
def test_the_default_threshold_keeps_misheard_questions(shipped: Searched) -> None:
    kept = [shipped.best(kb, question) >= THRESHOLD for question, kb, _ in MISHEARD]
    assert np.mean(kept) >= 0.9


@slow
def test_the_default_threshold_refuses_questions_about_anything_else(shipped: Searched) -> None:
    best = [max(shipped.best("general", q), shipped.best("tech", q)) for q in OFF_TOPIC]
    assert np.mean(np.array(best) < THRESHOLD) >= 0.8


@slow
def test_a_question_to_the_wrong_base_is_sent_on_to_the_right_one(shipped: Searched) -> None:
    """The rule of the agent: the first base, unless it stays below the threshold."""
    sent = []
    for question, right, _ in ON_TOPIC:
        wrong = shipped.best(OTHER[right], question)
        sent.append(wrong < THRESHOLD and shipped.best(right, question) > wrong)
    assert np.mean(sent) >= 0.7


def share_found(shipped: Searched, questions: Sequence[tuple[str, Base, str]], first: int) -> float:
    found = [
        any(heading in hit.passage.heading_path[-1] for hit in shipped.hits(kb, question)[:first])
        for question, kb, heading in questions
    ]
    return float(np.mean(found))


@slow
def test_the_section_that_answers_is_among_the_first_three(shipped: Searched) -> None:
    assert share_found(shipped, ON_TOPIC, 3) >= 0.9
    assert share_found(shipped, ON_TOPIC, 1) >= 0.75
    assert share_found(shipped, MISHEARD, 3) >= 0.9


@slow
def test_hits_come_best_first(shipped: Searched) -> None:
    for question, kb, _ in ON_TOPIC[:10]:
        relevance = [hit.relevance for hit in shipped.hits(kb, question)]
        assert relevance == sorted(relevance, reverse=True)
        assert all(0 <= value <= 1 for value in relevance)


@slow
def test_the_scale_in_use_is_the_one_of_the_build(shipped: Searched) -> None:
    assert isinstance(shipped.index.scale, Scale)
    assert shipped.index.background.shape == (len(FOREIGN_QUESTIONS), 384)
