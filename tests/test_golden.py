"""The golden questions that ship are whole and true to the bases; a broken file says where."""

import json
import re
import tomllib
from collections import Counter
from itertools import combinations
from pathlib import Path
from typing import Any, get_args

import pytest

from bot.errors import KnowledgeError
from bot.golden import GoldenQuestion, Kind, is_held_out, read_golden
from bot.retrieval import Base
from tests.questions import MISHEARD, OFF_TOPIC, ON_TOPIC

KB = Path(__file__).parent.parent / "kb"
BASES: tuple[Base, ...] = ("general", "tech")
QUESTIONS = read_golden(KB / "golden.jsonl")
ANSWERABLE = tuple(question for question in QUESTIONS if question.base)
CONTROLS = {
    "greeting", "thanks", "acknowledgement", "presence", "robot", "repeat", "slower", "operator",
    "goodbye",
}  # fmt: skip


def sections(base: Base) -> dict[str, str]:
    """Last heading → the text under it, of a base that ships."""
    text = (KB / f"{base}.md").read_text(encoding="utf-8").replace("<<->>", "")
    parts = re.split(r"^#{2,3} (.+)\n", text, flags=re.MULTILINE)[1:]
    return dict(zip(parts[0::2], parts[1::2], strict=True))


SECTIONS = {base: sections(base) for base in BASES}


def passages(question: GoldenQuestion) -> list[str]:
    assert question.base is not None
    return [SECTIONS[question.base][heading] for heading in question.headings]


def ids(questions: list[GoldenQuestion]) -> list[str]:
    return [question.id for question in questions]


def test_there_are_enough_questions_of_every_kind() -> None:
    counts = Counter(question.kind for question in QUESTIONS)
    assert counts.total() >= 150
    assert {kind: counts[kind] for kind in get_args(Kind) if counts[kind] < 10} == {}


def test_both_halves_have_every_kind_and_neither_is_much_smaller() -> None:
    halves = Counter((question.kind, is_held_out(question)) for question in QUESTIONS)
    for kind in get_args(Kind):
        assert min(halves[kind, True], halves[kind, False]) * 2 >= max(
            halves[kind, True], halves[kind, False]
        ), kind


def test_a_paraphrase_is_in_the_half_of_the_question_it_repeats() -> None:
    by_id = {question.id: question for question in QUESTIONS}
    for question in QUESTIONS:
        if question.same_as:
            assert is_held_out(question) == is_held_out(by_id[question.same_as]), question.id


def test_every_heading_is_in_its_base() -> None:
    for question in ANSWERABLE:
        assert question.base is not None
        assert set(question.headings) <= SECTIONS[question.base].keys(), question.id


def test_every_passage_of_the_bases_is_asked_about() -> None:
    asked = {(question.base, heading) for question in ANSWERABLE for heading in question.headings}
    assert {(base, heading) for base in BASES for heading in SECTIONS[base]} <= asked


def test_each_named_passage_holds_the_words_of_a_right_answer() -> None:
    for question in ANSWERABLE:
        assert question.contains, question.id
        for words in question.contains:
            for passage in passages(question):
                assert any(one in passage for one in words.split("|")), (question.id, words)


def test_no_alternative_stands_in_none_of_the_named_passages() -> None:
    for question in ANSWERABLE:
        together = "\n".join(passages(question))
        for words in question.contains:
            assert all(one in together for one in words.split("|")), (question.id, words)


def test_what_a_right_answer_lacks_is_in_none_of_its_passages() -> None:
    for question in ANSWERABLE:
        together = "\n".join(passages(question))
        assert not [words for words in question.lacks if words in together], question.id


def test_a_paraphrase_has_the_answer_of_the_question_it_repeats() -> None:
    by_id = {question.id: question for question in QUESTIONS}
    for question in QUESTIONS:
        if question.same_as:
            original = by_id[question.same_as]
            assert not original.history, question.id
            for field in ("base", "headings", "contains", "lacks"):
                assert getattr(question, field) == getattr(original, field), question.id


def test_two_questions_with_one_answer_are_known_to_be_the_same() -> None:
    """Else an answer kept for one and given to the other would count as a wrong one."""
    alone = [question for question in ANSWERABLE if not question.history]
    for one, other in combinations(alone, 2):
        if (one.headings, one.contains) == (other.headings, other.contains):
            assert (one.same_as or one.id) == (other.same_as or other.id), (one.id, other.id)


def test_no_question_is_asked_twice() -> None:
    seen: Counter[Any] = Counter((q.question.casefold(), q.history) for q in QUESTIONS)
    assert [question for question, count in seen.items() if count > 1] == []


def test_no_question_is_one_that_search_is_tested_or_fitted_with() -> None:
    elsewhere = {words for words, *_ in ON_TOPIC + MISHEARD} | set(OFF_TOPIC)
    taken = {re.sub(r"[^\w\s-]", "", words.casefold()) for words in elsewhere}
    asked = {re.sub(r"[^\w\s-]", "", question.question.casefold()) for question in QUESTIONS}
    assert asked & taken == set()


def test_no_question_is_a_sentence_of_its_base() -> None:
    bases = " ".join(text for base in BASES for text in SECTIONS[base].values()).casefold()
    long = [question for question in ANSWERABLE if len(question.question.split()) > 3]
    copied = [q for q in long if q.question.casefold().rstrip("?!. ") in bases]
    assert ids(copied) == []


def test_recognised_questions_have_no_punctuation_and_no_digits() -> None:
    written = [
        question
        for question in QUESTIONS
        if question.kind == "recognised" and not re.fullmatch(r"[а-яё ]+", question.question)
    ]
    assert ids(written) == []


def test_follow_ups_have_one_to_three_exchanges_before_them() -> None:
    lengths = {len(question.history) for question in QUESTIONS if question.kind == "follow_up"}
    assert lengths == {1, 2, 3}


def test_small_talk_asks_for_everything_there_is_and_nothing_else() -> None:
    assert {question.control for question in QUESTIONS if question.control} == CONTROLS


def test_hostile_questions_reach_the_edges() -> None:
    hostile = [question.question for question in QUESTIONS if question.kind == "hostile"]
    assert "" in hostile
    assert max(map(len, hostile)) > 2_900
    assert any(words and not re.search(r"\w", words) for words in hostile)


def test_the_thresholds_are_shares_and_one_count() -> None:
    thresholds = tomllib.loads((KB / "golden.toml").read_text(encoding="utf-8"))
    assert thresholds.pop("cache_wrong_hits_max") == 0
    assert set(thresholds) == {
        "recall_at_1", "recall_at_3", "routing", "refusal_recall", "refused_answerable_max",
        "follow_up", "exact_numbers", "cache_repeated", "cache_paraphrases", "small_talk",
    }  # fmt: skip
    assert all(0 <= value <= 1 for value in thresholds.values())


RIGHT = {
    "id": "plain-001",
    "kind": "plain",
    "question": "Какая гарантия?",
    "base": "general",
    "headings": ["Гарантия"],
}
PARAPHRASE = {**RIGHT, "id": "again-001", "kind": "paraphrase", "same_as": "plain-001"}


def write(tmp_path: Path, *lines: object) -> Path:
    path = tmp_path / "golden.jsonl"
    texts = (line if isinstance(line, str) else json.dumps(line) for line in lines)
    path.write_text("\n".join(texts), encoding="utf-8")
    return path


def test_blank_lines_are_skipped_and_the_order_is_kept(tmp_path: Path) -> None:
    read = read_golden(write(tmp_path, "", RIGHT, "  ", PARAPHRASE, ""))
    assert ids(list(read)) == ["plain-001", "again-001"]


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("{", "JSON"),
        ("[]", "dict|object"),
        ({**RIGHT, "kind": "rude"}, "kind"),
        ({**RIGHT, "id": "Вопрос 1"}, "id"),
        ({**RIGHT, "id": ""}, "id"),
        ({**RIGHT, "base": "wiki"}, "base"),
        ({**RIGHT, "contain": ["24 месяца"]}, "contain"),
        ({key: value for key, value in RIGHT.items() if key != "question"}, "question"),
        ({**RIGHT, "headings": []}, "base and headings"),
        ({**RIGHT, "kind": "no_answer"}, "base and headings"),
        ({**RIGHT, "kind": "follow_up"}, "history"),
        ({**RIGHT, "history": [{"question": "Да?", "answer": "Да."}]}, "history"),
        ({**RIGHT, "control": "thanks"}, "control"),
        ({**RIGHT, "same_as": "plain-002"}, "paraphrase"),
        ({"id": "talk-001", "kind": "small_talk", "question": "Спасибо"}, "control"),
    ],
)
def test_a_broken_line_is_refused_with_its_number_and_its_fault(
    tmp_path: Path, line: object, place: str
) -> None:
    path = write(tmp_path, {**RIGHT, "id": "plain-000"}, "", line)
    with pytest.raises(KnowledgeError, match=rf"golden\.jsonl: строка 3: .*(?:{place})"):
        read_golden(path)


def test_an_id_used_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match="plain-001 встречается дважды"):
        read_golden(write(tmp_path, RIGHT, RIGHT))


def test_a_paraphrase_of_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match="again-001 повторяет вопрос, которого нет"):
        read_golden(write(tmp_path, PARAPHRASE))


@pytest.mark.parametrize("data", [None, b"\xff\xfe\x00"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, data: bytes | None) -> None:
    path = tmp_path / "golden.jsonl"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(KnowledgeError, match=r"golden\.jsonl: файл не читается"):
        read_golden(path)
