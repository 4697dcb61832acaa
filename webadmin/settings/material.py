"""The questions whose scores are known, and those that have to be asked again."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Literal

from bot.calllog import CallLogError
from bot.errors import AssistantError, KnowledgeError
from bot.records import now
from bot.releases.workingfiles import golden_of
from webadmin.services import services
from webadmin.settings.asked import Question, golden_questions, week_questions
from webadmin.settings.blueprint import score_book
from webadmin.settings.effect import Scored
from webadmin.settings.scorebook import Scores

Source = Literal["week", "golden"]


@dataclass(frozen=True)
class Material:
    """What a threshold can be tried on.

    ``source`` says whose questions they are; ``is_cut`` that the oldest of them were left out.
    """

    source: Source
    scored: Sequence[Scored]
    unknown: Sequence[Question]
    """Scores are not recorded, or those of another state of the bases."""
    is_cut: bool = False
    problem: str = ""
    """Why the call log could not be read."""


def material(build_id: str, clock: Callable[[], datetime] = now) -> Material:
    """Last week's questions with their scores in a build; without any, the golden ones."""
    questions, is_cut, problem = _week(clock())
    source: Source = "week"
    if not questions:
        source, questions = "golden", _golden()
    kept = score_book().of(build_id)
    build_of = _builds_by_release()
    known = {one.key: _known(one, build_id, build_of, kept) for one in questions}
    return Material(
        source,
        [Scored(one, scores) for one in questions if (scores := known[one.key])],
        [one for one in questions if known[one.key] is None],
        is_cut,
        problem,
    )


def _week(moment: datetime) -> tuple[list[Question], bool, str]:
    try:
        with services().call_log.connection() as connection:
            return *week_questions(connection, moment), ""
    except CallLogError:
        return [], False, "Журнал звонков сейчас не читается."


def _golden() -> list[Question]:
    try:
        return golden_questions(golden_of(services().settings))
    except KnowledgeError:  # python -m bot.evaluate tells what is wrong with the file
        return []


def _known(
    question: Question, build_id: str, build_of: Callable[[int], str], kept: Mapping[str, Scores]
) -> Scores | None:
    """The scores that the call log has of this build, the latest first; else those asked again."""
    for release, scores in sorted(question.recorded.items(), reverse=True):
        if build_of(release) == build_id:
            return scores
    return kept.get(question.key)


def _builds_by_release() -> Callable[[int], str]:
    store = services().releases

    @cache
    def build_of(number: int) -> str:
        try:
            return store.record(number).build_id
        except AssistantError:  # gone or damaged: what it found cannot be compared
            return ""

    return build_of
