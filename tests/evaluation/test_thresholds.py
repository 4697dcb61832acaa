"""The file of thresholds, and figures held against it."""

from pathlib import Path

import pytest

from bot.errors import KnowledgeError
from bot.evaluation.figures import Figure
from bot.evaluation.thresholds import Threshold, judge_thresholds, read_thresholds


def write(folder: Path, text: str) -> Path:
    path = folder / "golden.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_least_and_greatest_values_are_told_apart(tmp_path: Path) -> None:
    path = write(tmp_path, "# доля\nrouting = 0.95\nrefused_answerable_max = 0\n"
                           "cache_wrong_hits_max = 3\n")  # fmt: skip
    assert read_thresholds(path) == (
        Threshold("routing", 0.95, at_most=False),
        Threshold("refused_answerable", 0.0, at_most=True),
        Threshold("cache_wrong_hits", 3.0, at_most=True),
    )


def test_the_products_own_thresholds_can_be_read() -> None:
    assert {"recall_at_1", "cache_wrong_hits"} <= {one.measure for one in read_thresholds()}


@pytest.mark.parametrize(
    ("threshold", "figure", "met"),
    [
        (Threshold("routing", 0.95, at_most=False), Figure(95, 100), True),
        (Threshold("routing", 0.95, at_most=False), Figure(94, 100), False),
        (Threshold("refused_answerable", 0.03, at_most=True), Figure(3, 100), True),
        (Threshold("refused_answerable", 0.03, at_most=True), Figure(4, 100), False),
        (Threshold("cache_wrong_hits", 0, at_most=True), Figure(0, 100, is_count=True), True),
        (Threshold("cache_wrong_hits", 0, at_most=True), Figure(1, 100, is_count=True), False),
        (Threshold("routing", 0, at_most=False), None, False),
    ],
)
def test_a_threshold_is_met_on_its_own_side_of_the_limit(
    threshold: Threshold, figure: Figure | None, met: bool
) -> None:
    figures = {} if figure is None else {threshold.measure: figure}
    (verdict,) = judge_thresholds([threshold], figures)
    assert verdict.met is met


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("routing = ", "is not TOML"),
        ("recall = 0.9", "recall: there is no such threshold"),
        ("routing_max = 0.9", "routing_max"),
        ("refused_answerable = 0.9", "refused_answerable"),
        ("routing = 95", "routing: must be a share"),
        ("routing = -0.1", "routing: must be a share"),
        ("routing = true", "routing: must be a share"),
        ("routing = nan", "routing: must be a share"),
        ("routing = 'all'", "routing: must be a share"),
        ("cache_wrong_hits_max = -1", "cache_wrong_hits_max: must be a count"),
        ("[routing]\nleast = 1", "routing: must be a share"),
    ],
)
def test_what_cannot_be_a_threshold_is_refused_by_name(
    tmp_path: Path, text: str, names: str
) -> None:
    with pytest.raises(KnowledgeError, match=names) as refused:
        read_thresholds(write(tmp_path, text))
    assert "golden.toml" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_file_that_is_not_there_or_no_text_is_named(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match=r"nothing\.toml: cannot be read"):
        read_thresholds(tmp_path / "nothing.toml")
    (tmp_path / "golden.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(KnowledgeError, match="cannot be read"):
        read_thresholds(tmp_path / "golden.toml")
