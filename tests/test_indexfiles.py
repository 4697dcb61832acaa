"""A base too large for exact search on disk: the product's path from vectors to hits and back."""

import sys
from dataclasses import replace
from pathlib import Path
from types import FrameType

import numpy as np
import pytest

from bot.embeddings import Vectors
from bot.retrieval import BASES, Base, Index, Passage
from bot.search.indexfiles import FORMAT, Manifest, load_build, searched_base, write_build
from bot.search.relevance import SIGNS, Scale
from bot.search.vectorrows import EXACT_ROWS, NearRows, vector_rows
from bot.search.wording import count_words

DIMENSIONS = 32
MODEL = "model"


def index_of(sizes: dict[Base, int]) -> Index:
    """Bases of so many passages, each of three sentences, about numbered machines."""
    of = np.random.default_rng(1)
    bases = {}
    for kb, size in sizes.items():
        passages = tuple(
            Passage(kb, ("Машины", f"РЭМ-{n}"), f"Весит {n} тонн. Стоит {n} рублей. Есть.", 40 * n)
            for n in range(size)
        )
        vectors = of.normal(0.2, 0.3, (size * 4, DIMENSIONS)).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        owners = np.append(np.arange(size), np.repeat(np.arange(size), 3)).astype(np.int32)
        bases[kb] = searched_base(passages, vector_rows([vectors], owners), owners)
    ones = (1.0,) * len(SIGNS)
    scale = Scale((0.03, 0.03, 0.1), 2, 1, ones, ones, ones, ones, (0.0, 0.0))
    few = [base.wording(number) for base in bases.values() for number in range(20)]
    background, examples = np.eye(5, DIMENSIONS, dtype=np.float32)[:3], np.eye(2, DIMENSIONS)
    letter_scale = replace(scale, spreads=(0.5, 0.5, 0.1))
    return Index(
        "one", bases, scale, background, count_words(few), examples.astype(np.float32), letter_scale
    )


@pytest.fixture(scope="module")
def large() -> Index:
    return index_of({"general": EXACT_ROWS // 4 + 1, "tech": 20})


def manifest() -> Manifest:
    return Manifest(FORMAT, "one", "2026-01-01T00:00:00+00:00", MODEL, {}, {})


def question() -> Vectors:
    vector = np.random.default_rng(2).normal(0.2, 0.3, DIMENSIONS).astype(np.float32)
    return np.asarray(vector / np.linalg.norm(vector))


def test_a_large_base_finds_the_same_after_it_was_written_and_loaded(
    large: Index, tmp_path: Path
) -> None:
    write_build(tmp_path, manifest(), large)
    loaded = load_build(tmp_path, MODEL)
    assert isinstance(loaded.bases["general"].rows, NearRows)
    assert not isinstance(loaded.bases["tech"].rows, NearRows)
    asked = "сколько весит рэм-4321"
    assert loaded.search(question(), asked, 3) == large.search(question(), asked, 3)


def test_a_passage_that_only_the_letters_point_to_is_looked_at(large: Index) -> None:
    match = large.bases["general"].match(question(), "сколько весит рэм-4321")
    assert match.numbers[int(np.argmax(match.lexical))] == 4321


def test_what_a_build_consists_of_is_in_its_manifest(large: Index, tmp_path: Path) -> None:
    write_build(tmp_path, manifest(), large)
    names = {path.name for path in tmp_path.iterdir()} - {"manifest.json"}
    assert {"general.passages.faiss", "general.sentences.faiss", "tech.faiss"} < names
    for kb in BASES:
        assert f"{kb}.json" in names


def test_a_build_that_cannot_be_written_is_an_error_of_the_system(
    large: Index, tmp_path: Path
) -> None:
    with pytest.raises(OSError, match="general"):
        write_build(tmp_path / "missing", manifest(), large)


def test_a_build_is_loaded_without_parsing_python(tmp_path: Path) -> None:
    """Before 3.11.8 two threads cannot, and calls go on while a release is taken up (gh-106905)."""
    write_build(tmp_path, manifest(), index_of({"general": 20, "tech": 20}))
    called: set[str] = set()

    def note(_frame: FrameType, event: str, function: object) -> None:
        if event == "c_call":
            called.add(getattr(function, "__name__", ""))

    sys.setprofile(note)
    try:
        load_build(tmp_path, MODEL)
    finally:
        sys.setprofile(None)
    assert "read" in called
    assert "compile" not in called
