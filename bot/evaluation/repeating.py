"""The answer cache tried out: the golden questions again, with a cache that fills as they go.

First every question but the paraphrases is asked once, so that answers to confusingly near
questions lie side by side; then the paraphrases; then every question that stands alone, with
other letters' case and punctuation.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from bot.agent import Agent
from bot.evaluation.measures import Judged, answers
from bot.evaluation.running import Outcome, ask_golden
from bot.evaluation.wording import missing, present
from bot.golden import REFUSED, GoldenQuestion
from bot.records import FoundPassage

Role = Literal["first", "paraphrase", "repeated"]

_MARKS = re.compile(r"[.,!?:;…]+(?=\s|$)|(?<=\s)[—–-](?=\s)")


@dataclass(frozen=True)
class Again:
    """One turn of the second pass. ``trace.cached`` of its outcome tells a hit."""

    role: Role
    outcome: Outcome


def ask_again(agent: Agent, questions: Sequence[GoldenQuestion]) -> Iterator[Again]:
    """The turns of the second pass, in their order; ``agent`` has an empty cache."""
    for question in questions:
        if question.same_as is None:
            yield Again("first", ask_golden(agent, question, question.question))
    for question in questions:
        if question.same_as is not None:
            yield Again("paraphrase", ask_golden(agent, question, question.question))
    for question in questions:
        if is_repeatable(question):
            yield Again("repeated", ask_golden(agent, question, reworded(question.question)))


def turns_again(questions: Sequence[GoldenQuestion]) -> int:
    """How many turns the second pass has."""
    return len(questions) + sum(map(is_repeatable, questions))


def is_repeatable(question: GoldenQuestion) -> bool:
    """Whether its answer depends on nothing but its own words."""
    return question.base is not None and not question.history


def reworded(text: str) -> str:
    """The same words as another recogniser would write them: other case and punctuation."""
    plain = " ".join(_MARKS.sub(" ", text).split())
    if plain == text:
        plain = f"{text}?"
    return plain[:1].swapcase() + plain[1:]


def judge_cache(first_pass: Sequence[Judged], turns: Sequence[Again]) -> list[Judged]:
    """The first pass's figures with those of the cache added to them."""
    own = {one.question.id: one.outcome for one in first_pass}
    filled = {turn.outcome.question.id: turn.outcome for turn in turns if turn.role != "repeated"}
    judged = {one.question.id: one for one in first_pass}
    for turn in turns:
        name = turn.outcome.question.id
        if name not in judged:  # asked only because another question repeats it
            continue
        judged[name] = _with_turn(judged[name], turn, _why_wrong(turn, own, filled))
    return list(judged.values())


def _with_turn(judged: Judged, turn: Again, wrong: str) -> Judged:
    scores = dict(judged.scores)
    scores["cache_wrong_hits"] = scores.get("cache_wrong_hits", 0.0) + bool(wrong)
    if turn.role != "first":
        measure = "cache_repeated" if turn.role == "repeated" else "cache_paraphrases"
        scores[measure] = float(turn.outcome.trace.cached and not turn.outcome.failure)
    remarks = (*judged.remarks, wrong) if wrong else judged.remarks
    return Judged(judged.outcome, scores, remarks)


def _why_wrong(turn: Again, own: Mapping[str, Outcome], filled: Mapping[str, Outcome]) -> str:
    """Why a hit is wrong; empty when it is right, or no hit.

    A hit is held against what is answered without the cache: to the question itself, or to
    the one it repeats. The cache is not blamed for what the search has found wrong.
    """
    outcome, question = turn.outcome, turn.outcome.question
    if not outcome.trace.cached or outcome.failure:
        return ""
    like = filled[question.id] if turn.role == "repeated" else own[question.id]
    twin = filled.get(question.same_as or "", like)
    if outcome.refused:
        may_refuse = question.kind in REFUSED or like.refused or twin.refused
        return "" if may_refuse else "из кэша взят отказ"
    served = _top(outcome)
    is_right = served is not None and answers(outcome, served)
    if not is_right and _place(served) not in {_place(_top(o)) for o in (like, twin) if o.answered}:
        return f"из кэша взят ответ о другом: «{served.heading if served else 'без раздела'}»"
    model = twin if turn.role == "paraphrase" else like
    if _words_right(model.answer, model.question) and not _words_right(outcome.answer, question):
        return "из кэша взят ответ без нужных слов"
    return ""


def _top(outcome: Outcome) -> FoundPassage | None:
    return outcome.trace.passages[0] if outcome.trace.passages else None


def _place(passage: FoundPassage | None) -> tuple[str, str] | None:
    return (passage.kb, passage.heading) if passage else None


def _words_right(answer: str, question: GoldenQuestion) -> bool:
    return not missing(answer, question.contains) and not present(answer, question.lacks)
