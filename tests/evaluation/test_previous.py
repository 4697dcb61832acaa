"""A run held against the one before it, question by question."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.errors import KnowledgeError
from bot.evaluation.figures import Figure
from bot.evaluation.measures import Judged
from bot.evaluation.previous import Comparison, Run, compare, digest_of, keep_run, read_run
from bot.golden import GoldenQuestion
from tests.evaluation.parts import golden, outcome

ASKED_AT = datetime(2025, 11, 22, 12, 30, tzinfo=UTC)


def run(*questions: tuple[GoldenQuestion, dict[str, float]]) -> Run:
    rows = [{"id": q.id, "digest": digest_of(q), "scores": scores} for q, scores in questions]
    return Run.model_validate({"file": "golden.jsonl", "asked_at": ASKED_AT, "questions": rows})


def scored(question: GoldenQuestion, **scores: float) -> Judged:
    return Judged(outcome(question), scores, ())


def moved(comparison: Comparison) -> tuple[list[str], list[str]]:
    def named(changed: object) -> list[str]:
        return [
            f"{one.judged.question.id} {move.measure} {move.before:g}→{move.now:g}"
            for one in changed  # type: ignore[attr-defined]
            for move in one.moves
        ]

    return named(comparison.worse), named(comparison.better)


def test_what_got_worse_and_what_got_better_is_told_by_question() -> None:
    one, two, three = golden("one"), golden("two"), golden("three")
    before = run((one, {"routing": 1, "contains": 0}), (two, {"routing": 0}), (three, {"mrr": 1}))
    found = compare(
        before,
        [scored(one, routing=0, contains=1), scored(two, routing=1), scored(three, mrr=1)],
    )
    assert moved(found) == (
        ["one routing 1→0"],
        ["one contains 0→1", "two routing 0→1"],
    )
    assert (found.new, found.asked_at) == (0, ASKED_AT)
    assert found.figures["routing"] == Figure(1, 2)


def test_of_some_measures_less_is_better() -> None:
    question = golden()
    before = run((question, {"refused_answerable": 0, "cache_wrong_hits": 2}))
    now = scored(question, refused_answerable=1, cache_wrong_hits=0)
    assert moved(compare(before, [now])) == (
        ["q refused_answerable 0→1"],
        ["q cache_wrong_hits 2→0"],
    )


def test_a_fault_that_was_impossible_before_is_a_change_too() -> None:
    question = golden()
    assert moved(compare(run((question, {})), [scored(question, exact_numbers=0)]))[0] == [
        "q exact_numbers 1→0"
    ]
    before = run((question, {"exact_numbers": 0}))
    assert moved(compare(before, [scored(question)]))[1] == ["q exact_numbers 0→1"]
    assert moved(compare(run((question, {})), [scored(question, exact_numbers=1)])) == ([], [])


def test_the_rank_is_told_only_when_nothing_else_has_moved() -> None:
    question = golden()
    before = run((question, {"recall_at_1": 1, "mrr": 1}))
    assert moved(compare(before, [scored(question, recall_at_1=0, mrr=0.5)]))[0] == [
        "q recall_at_1 1→0"
    ]
    before = run((question, {"recall_at_1": 0, "mrr": 0.5}))
    assert moved(compare(before, [scored(question, recall_at_1=0, mrr=1 / 3)]))[0] == [
        "q mrr 0.5→0.333333"
    ]


def test_a_question_with_other_expectations_is_another_question() -> None:
    before = run((golden(contains=["24"]), {"contains": 1}))
    found = compare(before, [scored(golden(contains=["36"]), contains=0)])
    assert (moved(found), found.new) == (([], []), 1)
    assert found.figures == {}


def test_a_measure_that_is_no_more_is_left_out() -> None:
    assert moved(compare(run((golden(), {"charm": 1})), [scored(golden())])) == ([], [])


def test_a_kept_run_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "data" / "last.json"
    assert read_run(path) is None
    kept = run((golden(), {"routing": 1}))
    keep_run(path, kept.model_dump(mode="json") | {"more": "things"})
    assert read_run(path) == kept
    assert [file.name for file in path.parent.iterdir()] == ["last.json"]


@pytest.mark.parametrize("text", ["", "[]", "{", '{"file": 1}', "\x00"])
def test_a_file_that_is_no_run_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "last.json").write_text(text)
    with pytest.raises(KnowledgeError, match=r"last\.json: is no result of an evaluation"):
        read_run(tmp_path / "last.json")


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    with pytest.raises(KnowledgeError, match=r"last\.json: cannot be written"):
        keep_run(tmp_path / "data" / "last.json", {})
