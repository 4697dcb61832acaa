"""The example questions: those that ship are true to the bases, and only such ones count."""

import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.errors import KnowledgeError
from bot.examples import Examples, digest_of, examples_of, read_examples
from bot.golden import read_golden
from bot.records import now
from bot.retrieval import BASES, Base, Index
from bot.search.asked import asked
from bot.search.builds import Builds
from bot.search.folding import fold
from bot.search.knowledge import chunks, prepare, read_base
from bot.search.lessons import ENOUGH_EXAMPLES
from bot.search.passages import passages
from bot.search.wording import compare, count_words, wording
from bot.settings import Settings
from tests.lab.openai_server import OpenAIServer
from tests.test_retrieval import GENERAL, TECH, remote

KB = Path(__file__).parents[1] / "kb"
SHIPPED = read_examples(KB / "calibration.json")
TEXTS: dict[Base, str] = {"general": GENERAL, "tech": TECH}


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer() as running:
        yield running


def passages_of(texts: dict[Base, str]) -> dict[Base, dict[str, str]]:
    """The text under each heading of each base."""
    prepared = {kb: prepare(text) for kb, text in texts.items()}
    return {
        kb: {one.heading: one.text for one in passages(text, kb, chunks(text, kb))}
        for kb, text in prepared.items()
    }


def examples_about(texts: dict[Base, str]) -> Examples:
    """As many of each sort as are enough, written when the bases were these."""
    found = passages_of(texts)
    heading, *_ = found["general"]
    return Examples(
        passages=tuple(digest_of(text) for some in found.values() for text in some.values()),
        told={"general": {heading: [f"есть ли {n}" for n in range(ENOUGH_EXAMPLES)]}},
        untold=tuple(f"сколько стоит {n}" for n in range(ENOUGH_EXAMPLES)),
    )


def test_the_shipped_examples_were_read_beside_the_shipped_bases() -> None:
    """When the bases change: read the ``untold`` ones again, then ``python -m bot.examples``."""
    found = passages_of({kb: read_base(KB / f"{kb}.md") for kb in BASES})
    digests = {digest_of(text) for some in found.values() for text in some.values()}
    assert set(SHIPPED.passages) == digests
    for kb, questions in SHIPPED.told.items():
        assert set(questions) <= set(found[kb])


def test_no_example_is_nearly_a_golden_question_that_measures() -> None:
    golden = [words(one.question) for one in read_golden(KB / "golden.jsonl") if not one.history]
    told = [one for some in SHIPPED.told.values() for few in some.values() for one in few]
    examples = [words(one) for one in (*told, *SHIPPED.untold)]
    assert len(examples) > 700
    for one, other in itertools.product(examples, filter(None, golden)):
        assert len(one & other) < 0.8 * len(one | other)


def words(text: str) -> set[str]:
    return set(re.findall(r"\w+", fold(text)))


def test_examples_count_while_the_passages_beside_them_are_those_that_were_read(
    server: OpenAIServer, tmp_path: Path
) -> None:
    builds, embedder = Builds(tmp_path), remote(server)
    examples = examples_about(TEXTS)
    edited = {kb: text.replace(".", ", и это новое.") for kb, text in TEXTS.items()}

    def built(texts: dict[Base, str], some: Examples) -> Index:
        made = builds.make(texts, embedder, now(), examples=some)
        return builds.load(made.build_id, embedder.model_key)

    known = built(TEXTS, examples)
    assert (known.scale.told, len(known.examples)) == (ENOUGH_EXAMPLES, 2 * ENOUGH_EXAMPLES)
    for index in (built(edited, examples), built(TEXTS, Examples(told=examples.told))):
        assert (index.scale.told, len(index.examples)) == (0, 0)


def test_a_broken_file_is_named_with_the_place(tmp_path: Path) -> None:
    path = tmp_path / "calibration.json"
    path.write_text('{"told": {"third": {}}}', encoding="utf-8")
    with pytest.raises(KnowledgeError, match=r"calibration\.json: told\.third"):
        read_examples(path)


def test_bases_without_the_file_have_no_examples(tmp_path: Path) -> None:
    settings = Settings(knowledge_base_path=tmp_path / "general.md")  # type: ignore[call-arg]
    assert examples_of(settings) == Examples()


@pytest.mark.parametrize(
    ("question", "facts"),
    [
        ("сколько дней держится цена", {"time"}),
        ("во сколько нам обойдётся РЭМ-100", {"price"}),
        ("сколько масла заливать", {"volume"}),
        ("какая цена и какой срок", {"price", "time"}),
    ],
)
def test_the_fact_that_is_asked_is_told_from_one_that_is_named(
    question: str, facts: set[str]
) -> None:
    assert asked(question) == facts


def test_a_town_is_no_topic() -> None:
    passage = wording(("Доставка",), "Доставка по России платная.")
    said, other = (
        compare(question, (passage,), count_words((passage,)))[0].passage
        for question in ("доставка до Уфы платная", "доставка до лаборатории платная")
    )
    assert said > other
