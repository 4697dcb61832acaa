"""The cache's hits, right and wrong ones, told from each other."""

from typing import Any

import pytest

from bot.evaluation.measures import Judged, judge
from bot.evaluation.repeating import judge_cache, reworded, turns_again
from bot.evaluation.running import Outcome
from bot.golden import GoldenQuestion
from tests.evaluation.parts import TEXTS, again, golden, outcome, passages, refused

DELIVERY = passages(("general", "Доставка", 0.9))
ORIGINAL = golden("original", contains=["24"])
PARAPHRASE = golden("other-words", kind="paraphrase", same_as="original", contains=["24"])


def hit(question: GoldenQuestion, answer: str = "Гарантия 24 месяца.", **made: Any) -> Outcome:
    return outcome(question, answer, **made, cached=True)


def judged_with(first_pass: list[Outcome], *turns: Any) -> dict[str, Judged]:
    found = judge_cache([judge(one, TEXTS) for one in first_pass], turns)
    return {one.question.id: one for one in found}


def wrong_hits(own: Outcome, *turns: Any) -> float:
    return judged_with([own, outcome(ORIGINAL)], *turns)[own.question.id].scores["cache_wrong_hits"]


def test_hits_and_misses_are_counted_by_what_was_asked() -> None:
    found = judged_with(
        [outcome(ORIGINAL), outcome(PARAPHRASE)],
        again("first", outcome(ORIGINAL)),
        again("paraphrase", outcome(PARAPHRASE)),
        again("repeated", hit(ORIGINAL)),
        again("repeated", hit(PARAPHRASE)),
    )
    assert found["original"].scores["cache_repeated"] == 1
    assert "cache_paraphrases" not in found["original"].scores
    assert found["other-words"].scores["cache_paraphrases"] == 0
    assert found["other-words"].scores["cache_repeated"] == 1
    assert all(one.scores["cache_wrong_hits"] == 0 for one in found.values())


def test_a_hit_with_the_originals_answer_is_right() -> None:
    turns = again("first", outcome(ORIGINAL)), again("paraphrase", hit(PARAPHRASE))
    assert wrong_hits(outcome(PARAPHRASE), *turns) == 0


def test_a_hit_with_the_answer_to_another_question_is_wrong() -> None:
    turns = (
        again("first", outcome(ORIGINAL)),
        again("paraphrase", hit(PARAPHRASE, "За 24 дня.", found=DELIVERY)),
    )
    judged = judged_with([outcome(PARAPHRASE), outcome(ORIGINAL)], *turns)["other-words"]
    assert judged.scores["cache_wrong_hits"] == 1
    assert judged.remarks == ("из кэша взят ответ о другом: «Доставка»",)


def test_a_first_question_that_is_taken_for_another_is_a_wrong_hit() -> None:
    delivery = golden("delivery", headings=["Доставка"])
    assert wrong_hits(outcome(delivery, found=DELIVERY), again("first", hit(delivery))) == 1
    hopeless = golden("hopeless", kind="no_answer")
    assert wrong_hits(refused(hopeless), again("first", hit(hopeless))) == 1


def test_a_follow_up_that_is_answered_as_if_it_stood_alone_is_a_wrong_hit() -> None:
    history = [{"question": "Расскажите про РЭМ-100", "answer": "Машина на 100 кН."}]
    question = golden("follow", kind="follow_up", history=history, headings=["Доставка"])
    assert wrong_hits(outcome(question, found=DELIVERY), again("first", hit(question))) == 1


def test_the_cache_is_not_blamed_for_what_the_search_found_wrong() -> None:
    missed = outcome(ORIGINAL, "За 10 дней.", found=DELIVERY)
    repeated = hit(ORIGINAL, "За 10 дней.", found=DELIVERY)
    turns = again("first", missed), again("repeated", repeated)
    assert judged_with([missed], *turns)["original"].scores["cache_wrong_hits"] == 0
    same = again("paraphrase", hit(PARAPHRASE, "За 10 дней.", found=DELIVERY))
    found = judged_with([missed, outcome(PARAPHRASE)], again("first", missed), same)
    assert found["other-words"].scores["cache_wrong_hits"] == 0


def test_a_hit_without_the_needed_words_is_wrong_where_the_original_had_them() -> None:
    narrower = golden("narrow", kind="paraphrase", same_as="original", contains=["36"])
    turns = again("first", outcome(ORIGINAL)), again("paraphrase", hit(narrower))
    assert wrong_hits(outcome(narrower, "Продлим до 36."), *turns) == 1
    wordless = outcome(ORIGINAL, "Да, даём.")
    turns = again("first", wordless), again("paraphrase", hit(narrower, "Да, даём."))
    assert wrong_hits(outcome(narrower, "Да, даём."), *turns) == 0


def test_a_kept_refusal_is_wrong_only_where_there_was_an_answer() -> None:
    kept = refused(PARAPHRASE, cached=True)
    turn = again("paraphrase", kept)
    assert wrong_hits(outcome(PARAPHRASE), again("first", outcome(ORIGINAL)), turn) == 1
    assert wrong_hits(outcome(PARAPHRASE), again("first", refused(ORIGINAL)), turn) == 0
    hopeless = golden("hopeless", kind="no_answer")
    assert wrong_hits(refused(hopeless), again("first", refused(hopeless, cached=True))) == 0


def test_wrong_hits_of_one_question_add_up() -> None:
    delivery = golden("delivery", headings=["Доставка"])
    own = outcome(delivery, found=DELIVERY)
    turns = again("first", hit(delivery)), again("repeated", hit(delivery))
    assert wrong_hits(own, *turns) == 1  # the repeat gives what the first was given
    fresh = again("first", own), again("repeated", hit(delivery))
    assert wrong_hits(own, *fresh) == 1


def test_what_was_asked_only_for_the_paraphrase_is_not_judged() -> None:
    turns = again("first", outcome(ORIGINAL)), again("paraphrase", hit(PARAPHRASE))
    assert list(judged_with([outcome(PARAPHRASE)], *turns)) == ["other-words"]


def test_the_second_pass_repeats_only_what_stands_alone_and_has_an_answer() -> None:
    history = [{"question": "Что?", "answer": "Да."}]
    questions = [
        ORIGINAL,
        PARAPHRASE,
        golden("follow", kind="follow_up", history=history),
        golden("none", kind="no_answer"),
    ]
    assert turns_again(questions) == 4 + 2


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("Какая гарантия?", "какая гарантия"),
        ("какая гарантия", "Какая гарантия?"),
        ("Скажите, пожалуйста: когда — сегодня?", "скажите пожалуйста когда сегодня"),
        ("сколько стоит рэм-100", "Сколько стоит рэм-100?"),
        ("Скорость 0,5 мм/мин есть", "скорость 0,5 мм/мин есть?"),
    ],
)
def test_a_repeated_question_differs_in_case_and_punctuation_only(text: str, other: str) -> None:
    assert reworded(text) == other
