"""Answers as they are kept: which questions share one, and what comes back."""

from pathlib import Path

import numpy as np
import pytest

from bot.keptanswer import Sentence, answer_key, replay, sentence_line, trace_line
from bot.livesettings import live_settings
from bot.prompts import read_prompts
from bot.records import AnswerTrace, FoundPassage
from bot.release import Release
from bot.retrieval import Index
from bot.search.relevance import Scale
from bot.search.wording import Vocabulary
from bot.settings import Settings
from tests.agent.parts import write_prompts


@pytest.fixture
def key_of(tmp_path: Path) -> "KeyOf":
    return KeyOf(tmp_path)


class KeyOf:
    """Keys of questions asked under the same circumstances."""

    def __init__(self, folder: Path) -> None:
        write_prompts(folder / "prompts.json")
        self._prompts = read_prompts(folder / "prompts.json")
        self._live = live_settings(Settings(), {})  # type: ignore[call-arg]
        self._scale = Scale((1.0,) * 3, 0, 0, (), (), (), (), (0.0, 0.0))

    def __call__(self, question: str, build: str = "b1", generator: str = "openai") -> str:
        nothing = np.zeros((0, 4), np.float32)
        index = Index(build, {}, self._scale, nothing, Vocabulary(0, {}), nothing, self._scale)
        return answer_key(question, Release(1, index, self._prompts, self._live), generator)


@pytest.mark.parametrize(
    "same", ["какая гарантия", "Какая ГАРАНТИЯ?!", "  какая   гарантия… ", "«Какая гарантия» —"]
)
def test_case_blanks_and_punctuation_do_not_matter(key_of: KeyOf, same: str) -> None:
    assert key_of(same) == key_of("Какая гарантия?")


@pytest.mark.parametrize(
    "other", ["Какая гарантии?", "Какая гарантия 5,5", "Какая гарантия 55", "гарантия какая"]
)
def test_other_words_or_numbers_are_another_question(key_of: KeyOf, other: str) -> None:
    assert key_of(other) != key_of("Какая гарантия?")
    assert key_of("усилие 5,5 кН") != key_of("усилие 55 кН")


def test_the_build_and_the_generator_matter(key_of: KeyOf) -> None:
    keys = {key_of("а"), key_of("а", build="b2"), key_of("а", generator="extractive")}
    assert len(keys) == 3


def test_sentences_and_what_is_known_of_them_come_back_whole() -> None:
    told = AnswerTrace(
        source="tech",
        first_base="general",
        matched_words=("цена", "рэм-100"),
        base_fallback=True,
        passages=(FoundPassage("tech", "РЭМ-100\nи другие", 0.75),),
        model="gpt-4o-mini",
        requests={"llm": 1},
        retrieval_ms=12.0,
    )
    sentences = [Sentence("Перенос\nстроки и\u2028ещё.", "tech"), Sentence("Нет.")]
    lines = trace_line(told) + b"".join(map(sentence_line, sentences))
    got = AnswerTrace()
    assert list(replay(lines, got)) == sentences
    assert got == AnswerTrace(
        source="tech",
        first_base="general",
        matched_words=("цена", "рэм-100"),
        base_fallback=True,
        passages=told.passages,
        model="gpt-4o-mini",
    )
