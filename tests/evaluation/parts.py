"""Golden questions and outcomes as the evaluation's tests write them down."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.evaluation.measures import Judged, judge
from bot.evaluation.repeating import Again, Role
from bot.evaluation.running import Outcome
from bot.golden import GoldenQuestion
from bot.records import AnswerTrace, FoundPassage
from bot.retrieval import Base

TEXTS: Mapping[tuple[Base, str], str] = {
    ("general", "Гарантия"): "Гарантия\nГарантия на машины составляет 24 месяца.",
    ("general", "Доставка"): "Доставка\nДорога по России занимает от 3 до 10 дней.",
    ("tech", "РЭМ-100"): "РЭМ-100\nСкорость РЭМ-100 — от 0,005 до 500 мм/мин.",
}


def golden(name: str = "q", **fields: Any) -> GoldenQuestion:
    """An answerable question about the warranty, unless ``fields`` say otherwise."""
    expected = {"kind": "plain", "base": "general", "headings": ["Гарантия"]}
    if fields.get("kind") in ("no_answer", "off_topic", "hostile", "small_talk"):
        expected = {}
    return GoldenQuestion.model_validate(
        {"id": name, "question": "Какая гарантия?", **expected, **fields}
    )


def passages(*found: tuple[Base, str, float]) -> tuple[FoundPassage, ...]:
    return tuple(FoundPassage(*one) for one in found)


WARRANTY_FOUND = passages(("general", "Гарантия", 0.9), ("general", "Доставка", 0.3))


def outcome(
    question: GoldenQuestion,
    answer: str = "Гарантия 24 месяца.",
    found: Sequence[FoundPassage] = WARRANTY_FOUND,
    failure: str = "",
    **trace: Any,
) -> Outcome:
    """An answer from the base of the first passage; ``trace`` overrides what follows from it."""
    source = found[0].kb if found and not trace.get("unanswered") else None
    made = AnswerTrace(
        **{"source": source, "first_base": source, "passages": tuple(found), **trace}
    )
    return Outcome(question, question.question, answer, made, 10.0, 20.0, failure)


def refused(question: GoldenQuestion, **trace: Any) -> Outcome:
    return outcome(question, "К сожалению, ответа нет.", unanswered=True, **trace)


def judged(question: GoldenQuestion, **made: Any) -> Judged:
    return judge(outcome(question, **made), TEXTS)


def again(role: Role, one: Outcome) -> Again:
    return Again(role, one)
