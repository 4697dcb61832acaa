"""What has to hold for the answer to one question to be given to another."""

import itertools
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from prometheus_client import CollectorRegistry

from bot.cache import Cache
from bot.embeddings import Vectors
from bot.golden import GoldenQuestion, is_held_out, read_golden
from bot.metrics import Metrics
from bot.normalize import normalize
from bot.paraphrase.answered import LEAST_NEARNESS, AnsweredQuestions, AskedQuestion, nearness
from bot.paraphrase.sense import Asks, read
from bot.retrieval import Base, Hit, Passage
from bot.search.foreign_questions import FOREIGN_QUESTIONS
from tests.lab.openai_embeddings import text_vector

PAIRS = Path(__file__).with_name("question_pairs.tsv")


def pairs(relation: str) -> list[tuple[str, str]]:
    rows = [line.split("\t") for line in PAIRS.read_text(encoding="utf-8").splitlines()]
    return [(row[1], row[2]) for row in rows if row[0] == relation]


def asks_the_same(one: str, other: str) -> bool:
    ours, theirs = read(normalize(one)), read(normalize(other))
    return ours is not None and theirs is not None and ours.same_as(theirs)


@pytest.mark.parametrize(("one", "other"), pairs("other"))
def test_other_questions_do_not_ask_the_same_however_alike(one: str, other: str) -> None:
    assert not asks_the_same(one, other)
    assert not asks_the_same(other, one)


@pytest.mark.parametrize(("one", "other"), pairs("same"))
def test_the_same_is_asked_in_other_words(one: str, other: str) -> None:
    assert asks_the_same(one, other)
    assert asks_the_same(other, one)


@pytest.fixture(scope="module")
def golden() -> Mapping[str, tuple[GoldenQuestion, Asks | None]]:
    """Every golden question that is asked without a dialogue, with what it asks."""
    questions = [one for one in read_golden() if not one.history]
    return {one.id: (one, read(normalize(one.question)[:1000])) for one in questions}


def has_one_answer(one: GoldenQuestion, other: GoldenQuestion) -> bool:
    if (one.same_as or one.id) == (other.same_as or other.id):
        return True
    alike = set(one.contains) == set(other.contains) and set(one.headings) & set(other.headings)
    return one.base is not None and bool(alike)


def test_no_golden_questions_of_different_answers_ask_the_same(
    golden: Mapping[str, tuple[GoldenQuestion, Asks | None]],
) -> None:
    wrong = [
        (one.question, other.question)
        for (one, asks), (other, others) in itertools.combinations(golden.values(), 2)
        if asks and others and asks.same_as(others) and not has_one_answer(one, other)
    ]
    assert wrong == []


@pytest.mark.parametrize(("held_out", "least"), [(False, 0.40), (True, 0.25)])
def test_enough_golden_paraphrases_are_known_for_what_they_are(
    golden: Mapping[str, tuple[GoldenQuestion, Asks | None]], held_out: bool, least: float
) -> None:
    known = [
        asks.same_as(other)
        for one, asks in golden.values()
        if one.same_as and is_held_out(one) is held_out
        if asks and (other := golden[one.same_as][1])
    ]
    assert sum(known) >= least * len(known)


@pytest.mark.parametrize("question", ["Сколько стоит?", "А сколько она весит?", "почём", "", "?"])
def test_a_question_that_does_not_say_of_what_asks_nothing_known(question: str) -> None:
    assert read(normalize(question)) is None


def test_whatever_is_asked_can_be_read() -> None:
    for question in ("без", "не", "от и до", "5", "100 кН", "🔥", "из " * 500, "сколько " * 300):
        read(question)


def vector(text: str) -> Vectors:
    return text_vector(text, 1536)


BACKGROUND = np.stack([vector(question) for question in FOREIGN_QUESTIONS])


def passage(heading: str, kb: Base = "general") -> Passage:
    return Passage(kb, (heading,), f"{heading}: подробности.", 0)


PRICE, WEIGHT = passage("Цена РЭМ-100"), passage("Масса", "tech")


def asked(text: str, *found: Passage, scope: str = "release 1") -> AskedQuestion:
    hits = [Hit(one, 0.9) for one in found or (PRICE,)]
    return AskedQuestion(text, f"{scope}\n{text}", scope, vector(text), hits)


HOW_MUCH = "Сколько примерно стоит РЭМ-100?"
PRICED = "Сколько стоит РЭМ-100, подскажите?"


class Kept:
    """Answered questions over a cache in memory."""

    def __init__(self, **limits: int) -> None:
        self.metrics = Metrics(CollectorRegistry())
        self.cache = Cache(None, self.metrics)
        self.answered = AnsweredQuestions(self.cache, self.metrics, **limits)

    def answer(self, question: AskedQuestion, lines: bytes = b"answer") -> None:
        self.cache.put("answer", question.key, lines, 60)
        self.answered.remember(question)

    def found(self, question: AskedQuestion) -> str:
        known = self.answered.find(question, BACKGROUND)
        return known.text if known else ""

    def counted(self, result: str, cache: str = "meaning") -> float:
        labels = {"cache": cache, "result": result}
        return self.metrics.registry.get_sample_value("bot_cache_total", labels) or 0.0


def test_an_answer_is_found_by_its_question_asked_in_other_words() -> None:
    kept = Kept()
    kept.answer(asked(HOW_MUCH), b"3.2")
    known = kept.answered.find(asked(PRICED), BACKGROUND)
    assert known is not None
    assert (known.text, known.lines) == (HOW_MUCH, b"3.2")


def test_look_ups_are_counted_apart_from_those_by_the_very_words() -> None:
    kept = Kept()
    kept.found(asked(PRICED))
    kept.answer(asked(HOW_MUCH))
    kept.found(asked(PRICED))
    assert (kept.counted("hit"), kept.counted("miss")) == (1, 1)
    assert kept.counted("hit", "answer") == kept.counted("miss", "answer") == 0


@pytest.mark.parametrize(
    "question",
    [
        asked(PRICED, scope="release 2"),
        asked(PRICED, passage("Цена РЭМ-100", "tech")),
        asked(PRICED, passage("Скидки")),
        asked("Сколько стоит РЭМ-10, подскажите?"),
        asked("Сколько весит РЭМ-100, подскажите?"),
        asked("Сколько стоит аренда РЭМ-100?"),
    ],
    ids=["release", "base", "passage", "machine", "measure", "one word more"],
)
def test_an_answer_is_not_used_when_anything_differs(question: AskedQuestion) -> None:
    kept = Kept()
    kept.answer(asked(HOW_MUCH))
    assert kept.found(question) == ""
    assert kept.counted("miss") == 1


def test_an_answer_is_used_when_its_passage_was_found_second() -> None:
    kept = Kept()
    kept.answer(asked(HOW_MUCH))
    assert kept.found(asked(PRICED, passage("Скидки"), PRICE)) == HOW_MUCH


def test_vectors_that_are_not_near_forbid_what_the_words_allow() -> None:
    kept = Kept()
    kept.answer(asked(HOW_MUCH))
    assert kept.found(replace(asked(PRICED), vector=vector("погода на выходных"))) == ""


def test_an_answer_that_the_cache_has_lost_is_not_found() -> None:
    kept = Kept()
    kept.answered.remember(asked(HOW_MUCH))
    assert kept.found(asked(PRICED)) == ""
    assert kept.counted("miss") == 1


def test_the_oldest_question_is_forgotten_first() -> None:
    kept = Kept(most=2)
    kept.answer(asked(HOW_MUCH))
    kept.answer(asked("Сколько весит РЭМ-100?", WEIGHT))
    kept.answer(asked(PRICED))  # one with the first, which is now the latest
    kept.answer(asked("Сколько весит РЭМ-10?", WEIGHT))
    assert kept.found(asked("РЭМ-100 сколько весит?", WEIGHT)) == ""
    assert kept.found(asked("Сколько стоит РЭМ-100 примерно?")) == PRICED


def test_nearness_tells_questions_about_other_things_apart_with_any_model() -> None:
    near = nearness(vector(HOW_MUCH), vector(PRICED), BACKGROUND)
    far = nearness(vector(HOW_MUCH), vector("какая погода в Москве"), BACKGROUND)
    assert near > LEAST_NEARNESS > far
    alike = np.full((3, 4), 0.5, np.float32)
    assert np.isfinite(nearness(alike[0], alike[1], alike))
