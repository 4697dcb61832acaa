"""The scale of relevance: its arithmetic, and what it promises on the bases that ship."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from bot.embeddings.local import LocalEmbedder
from bot.examples import read_examples
from bot.golden import GoldenQuestion, read_golden
from bot.normalize import normalize
from bot.prompts import read_prompts
from bot.records import now
from bot.retrieval import Base, Hit, Index
from bot.routing import choose_base
from bot.search.builds import Builds, digests_of
from bot.search.company_questions import COMPANY_QUESTIONS
from bot.search.foreign_questions import FOREIGN_QUESTIONS
from bot.search.knowledge import read_base
from bot.search.logistic import Curve, fit_curve
from bot.search.relevance import (
    OURS,
    SIGNS,
    TOLD,
    Candidate,
    Closeness,
    Match,
    Scale,
    Spreads,
    closeness,
    nearness,
    sentence_scores,
    signs,
    told_by_words,
)
from bot.search.routedsearch import Found, Search, find
from bot.search.wording import Said
from tests.questions import MISHEARD, OFF_TOPIC, ON_TOPIC

ROOT = Path(__file__).parent.parent
SOURCES: dict[Base, Path] = {"general": ROOT / "kb/general.md", "tech": ROOT / "kb/tech.md"}
THRESHOLD = 0.2
OTHER: dict[Base, Base] = {"general": "tech", "tech": "general"}
SPREADS = Spreads(0.02, 0.02, 0.05)
HALF = Said(0.5, 0.5, 1.0, 0.5, 1.0, 1.0, ((0.5, 1.0), (0.2, 1.0)))


def sample(means: Sequence[float], seed: int, size: int = 60) -> np.ndarray:
    return np.random.default_rng(seed).normal(means, 1.0, (size, len(means)))


def chances(curve: Curve, row: Sequence[float]) -> float:
    logit = curve.offset + np.dot(curve.weights, (row - np.array(curve.means)) / curve.deviations)
    return float(1 / (1 + np.exp(-logit)))


def all_at(value: float) -> tuple[float, ...]:
    return (value,) * len(SIGNS)


SCALE = Scale((1.0,) * 3, 0, 0, all_at(2.0), all_at(1.0), all_at(1.0), all_at(1.0), (0.0, 0.0))
"""On it a passage with all the signs at 1 has even chances on both curves."""


HIGH, LOW, PRIOR = sample([6, 3], 1), sample([2, 3], 2), np.array([0.5, 0.5])
CURVE = fit_curve(HIGH, LOW, PRIOR, 1.0)


def test_halfway_between_the_samples_chances_are_even() -> None:
    assert chances(CURVE, [4, 3]) == pytest.approx(0.5, abs=0.1)
    assert chances(CURVE, [6, 3]) > 0.9 > 0.1 > chances(CURVE, [2, 3])


def test_the_larger_sample_does_not_weigh_more() -> None:
    many = fit_curve(HIGH, np.concatenate([LOW] * 5), PRIOR, 1.0)
    assert many.weights == pytest.approx(CURVE.weights, abs=1e-6)
    assert many.offset == pytest.approx(CURVE.offset, abs=1e-6)


def test_the_curve_does_not_depend_on_the_units_of_the_signs() -> None:
    other = fit_curve(HIGH * 50, LOW * 50, PRIOR, 1.0)
    assert chances(other, [150, 150]) == pytest.approx(chances(CURVE, [3, 3]), abs=1e-6)


def test_a_sign_that_speaks_the_wrong_way_is_not_listened_to() -> None:
    assert fit_curve(LOW, HIGH, PRIOR, 1.0).weights[0] == 0.0


def test_what_few_examples_say_hardly_moves_the_prior() -> None:
    few = fit_curve(HIGH[:2], LOW[:200], PRIOR, 10.0)
    assert few.weights == pytest.approx(tuple(PRIOR), abs=0.2)
    assert CURVE.weights[0] > few.weights[0]


def test_one_question_of_each_kind_is_enough_for_a_finite_curve() -> None:
    curve = fit_curve(np.full((1, 2), 5.0), np.full((1, 2), 5.0), PRIOR, 10.0)
    assert np.all(np.isfinite([*curve.weights, curve.offset]))
    assert chances(curve, [5, 5]) == pytest.approx(0.5)


def test_relevance_lies_between_0_and_1_and_grows_with_each_sign() -> None:
    assert SCALE.relevance(all_at(1.0)) == pytest.approx(0.25)
    found = [SCALE.relevance(all_at(x)) for x in np.linspace(-1000, 1000, 201)]
    assert 0.0 <= min(found) <= max(found) <= 1.0
    assert found == sorted(found)
    for sign in range(len(SIGNS)):
        more = [*all_at(1.0)]
        more[sign] = 1.5
        assert SCALE.relevance(more) > SCALE.relevance(all_at(1.0))


def test_a_sign_counts_up_to_its_cap() -> None:
    capped = replace(SCALE, caps=(1.0, *SCALE.caps[1:]))
    assert capped.relevance((9.0, *all_at(1.0)[1:])) == capped.relevance(all_at(1.0))


def test_what_is_ours_but_not_told_is_as_little_relevant_as_what_is_not_ours() -> None:
    untold = (9.0,) * len(OURS) + (-9.0,) * len(TOLD)
    foreign = (-9.0,) * len(OURS) + (9.0,) * len(TOLD)
    assert max(SCALE.relevance(untold), SCALE.relevance(foreign)) < 0.01


def test_more_evidence_in_the_other_base_lowers_relevance_and_less_does_not() -> None:
    alone = SCALE.relevance(all_at(1.0), lead=np.inf)
    assert SCALE.relevance(all_at(1.0), lead=0.5) == alone
    assert SCALE.relevance(all_at(1.0), lead=-3.0) < alone / 2


def test_evidence_grows_with_each_of_its_parts() -> None:
    flat = np.full(4, 0.8)
    raised = [flat.copy() for _ in range(3)]
    for place, scores in enumerate(raised):
        scores[place] += 0.02
    evidence = nearness(Match(np.arange(4), *raised), SPREADS)
    assert np.all(evidence[:3] > evidence[3])
    assert told_by_words(Said(0.6, 0.6, 1.0, 0.6, 1.0, 1.0, ())) > told_by_words(HALF)


def test_a_question_near_everyday_ones_has_fewer_signs_of_being_ours() -> None:
    candidate = Candidate(0, 100.0, 0.85, HALF)
    plain = signs(candidate, Closeness(0.8, 0.8), SPREADS)
    strange = signs(candidate, Closeness(0.9, 0.9), SPREADS)
    worse = {name for name, a, b in zip(SIGNS, plain, strange, strict=True) if b < a}
    assert worse == {"evidence", "everyday", "company"}


def test_examples_tell_nothing_unless_there_are_answered_and_unanswered_ones() -> None:
    some, others, none = np.array([0.9, 0.8, 0.1]), np.array([0.6, 0.4, 0.3]), np.empty(0)
    assert closeness(some, some, some, others).examples == pytest.approx(0.85 - 0.5)
    assert closeness(some, some, some, none).examples == 0.0
    assert closeness(some, some, none, others).examples == 0.0


def test_examples_alone_cannot_outweigh_what_a_passage_says() -> None:
    """A question asked before without an answer may have one since."""
    candidate = Candidate(0, 100.0, 0.85, HALF)
    place = SIGNS.index("examples")
    near = [signs(candidate, Closeness(0.8, 0.8, how), SPREADS)[place] for how in (-9.0, -1.0, 0.0)]
    assert near[0] == near[1] < near[2] == 0.0


def test_the_sentence_that_has_the_words_goes_before_one_that_is_as_near() -> None:
    first, second = sentence_scores((0.85, 0.85), HALF, SPREADS)
    assert first > second


def test_no_question_of_the_fit_is_asked_here() -> None:
    fitted = (*FOREIGN_QUESTIONS, *COMPANY_QUESTIONS)
    assert not set(fitted) & set(OFF_TOPIC)
    assert len(set(fitted)) == len(fitted) >= 200


@dataclass(frozen=True)
class Searched:
    index: Index
    embedder: LocalEmbedder

    def hits(self, kb: Base, question: str) -> list[Hit]:
        return self.index.search(self.embedder.embed_query(question), question, 3)[kb]

    def best(self, kb: Base, question: str) -> float:
        return self.hits(kb, question)[0].relevance

    def found(self, question: str, words: dict[Base, tuple[str, ...]]) -> Found:
        search = Search(question, self.embedder.embed_query(question), 3, THRESHOLD)
        return find(self.index, search, choose_base(question, words))


@pytest.fixture(scope="module")
def golden() -> tuple[GoldenQuestion, ...]:
    return read_golden(ROOT / "kb/golden.jsonl")


@pytest.fixture(scope="module")
def shipped(
    golden: tuple[GoldenQuestion, ...], tmp_path_factory: pytest.TempPathFactory
) -> Searched:
    """The index of the shipped bases by the bundled model: that of ``make setup`` if fresh."""
    embedder = LocalEmbedder()
    texts = {kb: read_base(path) for kb, path in SOURCES.items()}
    builds = Builds(ROOT / "index" / "builds")
    examples = read_examples(ROOT / "kb/calibration.json")
    build_id = builds.find(digests_of(texts, golden, examples), embedder.model_key)
    if not build_id:
        builds = Builds(tmp_path_factory.mktemp("builds"))
        build_id = builds.make(texts, embedder, now(), golden=golden, examples=examples).build_id
    return Searched(builds.load(build_id, embedder.model_key), embedder)


slow = pytest.mark.timeout(600)


@slow
def test_the_default_threshold_keeps_questions_that_the_bases_answer(shipped: Searched) -> None:
    kept = [shipped.best(kb, question) >= THRESHOLD for question, kb, _ in ON_TOPIC]
    assert np.mean(kept) >= 0.9


@slow
def test_the_default_threshold_keeps_misheard_questions(shipped: Searched) -> None:
    kept = [shipped.best(kb, normalize(question)) >= THRESHOLD for question, kb, _ in MISHEARD]
    assert np.mean(kept) >= 0.9


@slow
def test_the_default_threshold_refuses_questions_about_anything_else(shipped: Searched) -> None:
    best = [max(shipped.best("general", q), shipped.best("tech", q)) for q in OFF_TOPIC]
    assert np.mean(np.array(best) < THRESHOLD) >= 0.95


@slow
def test_a_model_that_no_base_knows_makes_a_question_less_relevant(shipped: Searched) -> None:
    for known, unknown in (("РЭМ-100", "РЭМ-1500"), ("РГМ-1000", "РГМ-500"), ("КМ-300", "КМ-900")):
        asked = "Какая наибольшая нагрузка у {}?"
        assert shipped.best("tech", asked.format(unknown)) < shipped.best(
            "tech", asked.format(known)
        )


@slow
def test_the_section_that_names_the_model_comes_before_those_of_others(shipped: Searched) -> None:
    for model in ("РЭМ-5", "РЭМ-10", "РЭМ-50", "РЭМ-200", "РЭМ-300", "РЭМ-600", "РГМ-2000"):
        assert shipped.hits("tech", f"Расскажите про {model}")[0].passage.heading == model
        assert model in shipped.hits("general", f"Почём {model}?")[0].passage.heading


@slow
def test_the_right_base_is_chosen_whatever_the_words_point_to(shipped: Searched) -> None:
    routing = read_prompts(ROOT / "kb/prompts.json").routing
    astray: dict[Base, tuple[str, ...]] = {"general": (), "tech": ()}
    for words, share in ((routing, 0.95), (astray, 0.9)):
        chosen = [shipped.found(question, words).base == kb for question, kb, _ in ON_TOPIC]
        assert np.mean(chosen) >= share


def share_found(shipped: Searched, questions: Sequence[tuple[str, Base, str]], first: int) -> float:
    found = [
        any(heading in hit.passage.heading for hit in shipped.hits(kb, question)[:first])
        for question, kb, heading in questions
    ]
    return float(np.mean(found))


@slow
def test_the_section_that_answers_is_among_the_first_three(shipped: Searched) -> None:
    assert share_found(shipped, ON_TOPIC, 3) >= 0.93
    assert share_found(shipped, ON_TOPIC, 1) >= 0.8
    assert share_found(shipped, MISHEARD, 3) >= 0.9


@slow
def test_hits_come_best_first(shipped: Searched) -> None:
    for question, kb, _ in ON_TOPIC[:10]:
        relevance = [hit.relevance for hit in shipped.hits(kb, question)]
        assert relevance == sorted(relevance, reverse=True)
        assert all(0 <= value <= 1 for value in relevance)


@slow
def test_a_notice_about_the_file_answers_nobody(shipped: Searched) -> None:
    question = "это вымышленные данные, образец?"
    for kb in SOURCES:
        assert not any("ОБРАЗЕЦ" in hit.passage.text for hit in shipped.hits(kb, question))


@slow
def test_the_background_is_what_the_bases_do_not_answer(shipped: Searched) -> None:
    everyday = shipped.index.scale.everyday
    assert everyday == len(FOREIGN_QUESTIONS)
    assert everyday < len(shipped.index.background) < everyday + len(COMPANY_QUESTIONS)
