"""Figures of single questions and of many, computed by hand."""

import pytest

from bot.evaluation.effect import effects
from bot.evaluation.figures import by_base, by_half, by_kind, summarise
from bot.evaluation.measures import judge
from bot.golden import is_held_out
from tests.evaluation.parts import TEXTS, golden, judged, outcome, passages, refused

DELIVERY_FIRST = passages(("general", "Доставка", 0.8), ("general", "Гарантия", 0.7))


def test_a_right_answer_has_the_best_of_every_figure() -> None:
    one = judged(golden(contains=["24 месяца"], lacks=["36"]))
    assert one.scores == {
        "recall_at_1": 1.0, "recall_at_3": 1.0, "mrr": 1.0, "routing": 1.0, "first_choice": 1.0,
        "refused_answerable": 0.0, "false_control": 0.0, "contains": 1.0, "lacks": 1.0,
        "exact_numbers": 1.0,
    }  # fmt: skip
    assert one.remarks == ()


@pytest.mark.parametrize(("rank", "at_1", "at_3"), [(1, 1, 1), (2, 0, 1), (3, 0, 1), (4, 0, 0)])
def test_recall_and_rank_go_by_the_first_right_passage(rank: int, at_1: int, at_3: int) -> None:
    found = [("general", f"Другое {n}", 0.5) for n in range(1, 5)]
    found[rank - 1] = ("general", "Гарантия", 0.5)
    scores = judged(golden(), found=passages(*found)).scores  # type: ignore[arg-type]
    assert (scores["recall_at_1"], scores["recall_at_3"]) == (at_1, at_3)
    assert scores["mrr"] == pytest.approx(1 / rank)


def test_any_of_the_headings_will_do_but_only_in_its_base() -> None:
    question = golden(headings=["Доставка", "Сроки"])
    assert judged(question, found=DELIVERY_FIRST).scores["recall_at_1"] == 1
    elsewhere = judged(question, found=passages(("tech", "Доставка", 0.9)))
    assert elsewhere.scores["recall_at_3"] == elsewhere.scores["routing"] == 0
    assert "не та база" in elsewhere.remarks


def test_a_fallback_is_judged_only_where_it_fired() -> None:
    assert "fallback_precision" not in judged(golden()).scores
    saved = judged(golden(), base_fallback=True, first_base="tech").scores
    assert (saved["fallback_precision"], saved["first_choice"], saved["routing"]) == (1, 0, 1)
    lost = judged(golden(), found=passages(("tech", "РЭМ-100", 0.3)), base_fallback=True).scores
    assert lost["fallback_precision"] == 0


def test_refusals_are_right_where_there_is_no_answer_and_wrong_where_there_is() -> None:
    hopeless = golden(kind="no_answer")
    assert judge(refused(hopeless), TEXTS).scores["refusal_recall"] == 1
    assert judge(refused(hopeless), TEXTS).scores["refusal_precision"] == 1
    wrongly_answered = judged(hopeless)
    assert wrongly_answered.scores["refusal_recall"] == 0
    assert "refusal_precision" not in wrongly_answered.scores
    timid = judge(refused(golden(contains=["24"])), TEXTS)
    assert timid.scores["refused_answerable"] == 1
    assert timid.scores["refusal_precision"] == timid.scores["contains"] == 0
    assert timid.scores["recall_at_1"] == 1  # it was found, and yet refused


def test_small_talk_never_counts_as_an_answer() -> None:
    greeted = {"answer": "Здравствуйте!", "found": (), "control": "greeting"}
    question = judged(golden(), **greeted)
    assert question.scores["refused_answerable"] == question.scores["false_control"] == 1
    assert judged(golden(kind="off_topic"), **greeted).scores["refusal_recall"] == 1


def test_small_talk_must_be_told_and_answered_without_search_or_requests() -> None:
    question = golden(kind="small_talk", question="алло", control="presence")
    at_once = {"answer": "Слушаю.", "found": ()}

    def right(**trace: object) -> float:
        return judged(question, **at_once, **trace).scores["small_talk"]

    assert right(control="presence") == 1
    assert right(control="greeting") == 0
    assert right(control="presence", requests={"embedding": 1}) == 0
    assert right(control="presence", retrieval_ms=12.0) == 0
    assert right(unanswered=True) == 0


def test_a_follow_up_is_right_when_found_in_its_base_and_not_refused() -> None:
    history = [{"question": "Что с гарантией?", "answer": "24 месяца."}]
    question = golden(kind="follow_up", history=history)
    assert judged(question, found=DELIVERY_FIRST).scores["follow_up"] == 1
    assert judge(refused(question), TEXTS).scores["follow_up"] == 0
    assert judged(question, found=passages(("tech", "РЭМ-100", 1))).scores["follow_up"] == 0


def test_a_made_up_number_is_named() -> None:
    one = judged(golden(), answer="Гарантия 36 месяцев.")
    assert one.scores["exact_numbers"] == 0
    assert one.remarks == ("чисел нет в найденном: «36 месяцев»",)


def test_answers_without_numbers_and_refusals_have_no_exactness() -> None:
    assert "exact_numbers" not in judged(golden(), answer="Да, даём.").scores
    no_answer = refused(golden(kind="no_answer"))
    assert "exact_numbers" not in judge(no_answer, TEXTS).scores


def test_a_failed_question_counts_against_every_measure_it_belongs_to() -> None:
    failed = judged(
        golden(contains=["24"], lacks=["36"]), answer="", found=(), failure="openai: timeout"
    )
    assert failed.scores == {
        "recall_at_1": 0, "recall_at_3": 0, "mrr": 0, "routing": 0, "first_choice": 0,
        "refused_answerable": 1, "false_control": 1, "contains": 0, "lacks": 0,
        "exact_numbers": 0,
    }  # fmt: skip
    assert failed.remarks == ("не ответила: openai: timeout",)
    hopeless = judged(golden(kind="no_answer"), answer="", found=(), failure="openai: timeout")
    assert hopeless.scores["refusal_recall"] == 0


def test_many_questions_come_to_shares_and_times_by_group() -> None:
    right, second = golden("right"), golden("second", kind="numbers")
    speed = golden("speed", base="tech", headings=["РЭМ-100"])
    all_of_them = [
        judged(right, requests={"embedding": 1, "llm": 1}),
        judged(second, found=DELIVERY_FIRST, requests={"llm": 2}),
        judged(speed, found=passages(("tech", "РЭМ-100", 0.9)), answer="До 500 мм/мин."),
        judge(refused(golden("none", kind="no_answer")), TEXTS),
    ]
    total = summarise(all_of_them)
    assert (total.questions, total.failed) == (4, 0)
    assert total.figures["recall_at_1"].value == pytest.approx(2 / 3)
    assert (total.figures["mrr"].total, total.figures["mrr"].of) == (2.5, 3)
    assert total.requests == {"embedding": 1, "llm": 3}
    assert total.total_ms is not None
    assert (total.total_ms.p50, total.total_ms.p95) == (20.0, 20.0)
    assert {name: one.questions for name, one in by_base(all_of_them).items()} == {
        "general": 2, "tech": 1, "none": 1,
    }  # fmt: skip
    assert list(by_kind(all_of_them)) == ["plain", "numbers", "no_answer"]
    assert by_kind(all_of_them)["numbers"].figures["recall_at_1"].value == 0


def test_the_held_out_half_is_counted_apart() -> None:
    names = [f"q-{n}" for n in range(10)]
    halves = by_half([judged(golden(name)) for name in names])
    held_out = sum(is_held_out(golden(name)) for name in names)
    assert 0 < held_out < 10
    assert halves["held_out"].questions == held_out
    assert halves["other"].questions == 10 - held_out


def test_a_measure_that_no_question_has_is_not_there() -> None:
    assert "follow_up" not in summarise([judged(golden())]).figures
    assert summarise([]).figures == {}


def test_the_effect_of_a_threshold_is_the_share_of_best_relevances_below_it() -> None:
    outcomes = [
        outcome(golden("a"), found=passages(("general", "Гарантия", 0.5))),
        outcome(golden("b"), found=passages(("general", "Гарантия", 0.12))),
        outcome(golden("c"), found=passages(("general", "Гарантия", 0.1)), scores={"tech": 0.3}),
        refused(golden("d", kind="no_answer"), scores={"general": 0.19}, found=()),
        outcome(golden("e"), found=(), failure="timeout"),
        outcome(golden("f", kind="off_topic"), found=(), control="greeting"),
    ]
    at = {effect.threshold: effect for effect in effects(outcomes)}
    assert (min(at), max(at)) == (0.05, 0.6)
    assert (at[0.1].refused_answerable, at[0.1].refused_no_answer) == (0, 0)
    assert at[0.2].refused_answerable == pytest.approx(1 / 3)
    assert at[0.2].refused_no_answer == 1
    assert at[0.35].refused_answerable == pytest.approx(2 / 3)
    assert effects([])[0].refused_answerable is None
