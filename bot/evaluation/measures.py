"""How well one question was answered: pure functions from its outcome to figures from 0 to 1."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bot.evaluation.numbers import holds_numbers, invented
from bot.evaluation.running import Outcome
from bot.evaluation.wording import missing, present
from bot.golden import REFUSED, GoldenQuestion
from bot.records import FoundPassage
from bot.retrieval import Base

_NEAR = 3
"""Passages that recall@3 looks at."""


@dataclass(frozen=True)
class Measure:
    """One kind of figure. Of ``lower_is_better`` ones 0 is the best, of the others 1."""

    name: str
    title: str
    lower_is_better: bool = False
    is_count: bool = False
    """A number of cases, not a share of the questions."""


MEASURES: Final = (
    Measure("recall_at_1", "нужный раздел первый (recall@1)"),
    Measure("recall_at_3", "нужный раздел в первых трёх (recall@3)"),
    Measure("mrr", "средний обратный ранг (MRR)"),
    Measure("routing", "ответила нужная база"),
    Measure("first_choice", "нужная база спрошена первой (по словам)"),
    Measure("fallback_precision", "вторая база спрошена не зря"),
    Measure("refusal_recall", "отказано, раз ответа нет (полнота отказов)"),
    Measure("refusal_precision", "из отказов верных (точность отказов)"),
    Measure("refused_answerable", "отказано, хотя ответ есть", lower_is_better=True),
    Measure("contains", "в ответе есть всё нужное"),
    Measure("lacks", "в ответе нет недопустимого"),
    Measure("exact_numbers", "числа точны (есть в найденном разделе)"),
    Measure("follow_up", "продолжение разговора понято"),
    Measure("small_talk", "реплика узнана (приветствие, «повторите»…)"),
    Measure("false_control", "вопрос принят за реплику", lower_is_better=True),
    Measure("cache_repeated", "повторный вопрос отвечен из кэша"),
    Measure("cache_paraphrases", "пересказ вопроса отвечен из кэша"),
    Measure("cache_wrong_hits", "неверных ответов из кэша", lower_is_better=True, is_count=True),
)
BY_NAME: Final[Mapping[str, Measure]] = {measure.name: measure for measure in MEASURES}

Texts = Mapping[tuple[Base, str], str]
"""What stands under each heading of each base, the headings above it included."""


@dataclass(frozen=True)
class Judged:
    """A question with its figures: only those that apply to it."""

    outcome: Outcome
    scores: Mapping[str, float]
    remarks: tuple[str, ...]
    """What is wrong, for the operator to read."""

    @property
    def question(self) -> GoldenQuestion:
        return self.outcome.question


def judge(outcome: Outcome, texts: Texts) -> Judged:
    """The figures of one question; a failed one has the worst of each that it belongs to."""
    question = outcome.question
    scores: dict[str, float] = {}
    remarks = [f"не ответила: {outcome.failure}"] if outcome.failure else []
    if question.base is not None:
        _judge_search(outcome, question.base, scores, remarks)
    if question.kind in REFUSED:
        scores["refusal_recall"] = float(not outcome.answered and not outcome.failure)
        if outcome.answered:
            remarks.append("ответила, хотя ответа нет")
    if outcome.refused:
        scores["refusal_precision"] = float(question.kind in REFUSED)
    if question.kind == "small_talk":
        _judge_small_talk(outcome, scores, remarks)
    elif question.base is not None or question.kind == "no_answer":
        scores["false_control"] = float(bool(outcome.trace.control or outcome.failure))
        if outcome.trace.control:
            remarks.append(f"принята за реплику «{outcome.trace.control}»")
    _judge_words(outcome, scores, remarks)
    _judge_numbers(outcome, texts, scores, remarks)
    return Judged(outcome, scores, tuple(remarks))


def rank_of(outcome: Outcome) -> int | None:
    """The place, from 1, of the first passage that answers; ``None`` when it was not found."""
    places = (n for n, one in enumerate(outcome.trace.passages, 1) if answers(outcome, one))
    return next(places, None)


def answers(outcome: Outcome, passage: FoundPassage) -> bool:
    """Whether a passage is one of those that answer the question."""
    question = outcome.question
    return passage.kb == question.base and passage.heading in question.headings


def base_of(outcome: Outcome) -> Base | None:
    """The base that the answer, or what was found before it was refused, comes from."""
    trace = outcome.trace
    return trace.source or (trace.passages[0].kb if trace.passages else None)


def _judge_search(
    outcome: Outcome, base: Base, scores: dict[str, float], remarks: list[str]
) -> None:
    rank, trace = rank_of(outcome), outcome.trace
    found = rank is not None and not outcome.failure
    right_base = base_of(outcome) == base and not outcome.failure
    scores["recall_at_1"] = float(found and rank == 1)
    scores["recall_at_3"] = float(found and rank is not None and rank <= _NEAR)
    scores["mrr"] = 1 / rank if found and rank is not None else 0.0
    scores["routing"] = float(right_base)
    scores["first_choice"] = float(trace.first_base == base and not outcome.failure)
    scores["refused_answerable"] = float(not outcome.answered)
    if trace.base_fallback and not outcome.failure:
        scores["fallback_precision"] = float(right_base)
    if outcome.question.kind == "follow_up":
        scores["follow_up"] = float(bool(scores["recall_at_3"]) and outcome.answered)
    if outcome.refused:
        remarks.append("отказано, хотя ответ есть")
    if not outcome.failure and not trace.control:
        remarks += _search_remarks(rank, right_base)


def _search_remarks(rank: int | None, right_base: bool) -> list[str]:
    if not right_base:
        return ["не та база"]
    if rank is None or rank > _NEAR:
        return ["нужный раздел не найден"]
    return [f"нужный раздел не первый ({rank}-й)"] if rank > 1 else []


def _judge_small_talk(outcome: Outcome, scores: dict[str, float], remarks: list[str]) -> None:
    trace, wanted = outcome.trace, outcome.question.control
    at_once = not trace.requests and trace.retrieval_ms is None and not trace.passages
    scores["small_talk"] = float(not outcome.failure and trace.control == wanted and at_once)
    if not outcome.failure and trace.control != wanted:
        taken_for = f"реплику «{trace.control}»" if trace.control else "вопрос"
        remarks.append(f"принята за {taken_for}")
    elif not outcome.failure and not at_once:
        remarks.append("узнана, но с поиском или запросами")


def _judge_words(outcome: Outcome, scores: dict[str, float], remarks: list[str]) -> None:
    question = outcome.question
    if question.contains:
        absent = missing(outcome.answer, question.contains)
        scores["contains"] = float(not absent and not outcome.failure)
        if absent and not outcome.failure:
            remarks.append("в ответе нет: " + ", ".join(f"«{one}»" for one in absent))
    if question.lacks:
        unwanted = present(outcome.answer, question.lacks)
        scores["lacks"] = float(not unwanted and not outcome.failure)
        if unwanted:
            remarks.append("в ответе есть: " + ", ".join(f"«{one}»" for one in unwanted))


def _judge_numbers(
    outcome: Outcome, texts: Texts, scores: dict[str, float], remarks: list[str]
) -> None:
    question = outcome.question
    if outcome.failure and question.base is not None:
        scores["exact_numbers"] = 0.0
    if not outcome.answered or not holds_numbers(outcome.answer):
        return
    found = [texts.get((one.kb, one.heading), "") for one in outcome.trace.passages]
    asked = [outcome.asked, *(one.question for one in question.history)]
    wrong = invented(outcome.answer, found, asked)
    scores["exact_numbers"] = float(not wrong)
    if wrong:
        remarks.append("чисел нет в найденном: " + ", ".join(f"«{one}»" for one in wrong))
