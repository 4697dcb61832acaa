"""The job that asks the bases again what callers asked, to know the scores."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from bot.agent_setup import Answering
from bot.deadline import Deadline
from bot.normalize import normalize
from bot.question import question_of
from bot.records import AnswerTrace
from bot.release import Release
from bot.turn import Turn
from webadmin.background import Report
from webadmin.settings.asked import Question
from webadmin.settings.scorebook import ScoreBook, Scores

ASKING = "settings-scores"
"""The kind of these jobs."""
_DEADLINE_S = 20.0


@dataclass(frozen=True)
class AskingAgain:
    """Searches for each question as a turn of a call does, and keeps the scores."""

    parts: Answering
    book: ScoreBook
    questions: Sequence[Question]

    def __call__(self, report: Report) -> str:
        """Ask them all; what was found until a service failed is kept."""
        release = self.parts.releases.current()
        found: dict[str, Scores] = {}
        try:
            for done, question in enumerate(self.questions):
                report(done, len(self.questions), "Спрашиваем базы")
                found[question.key] = self._ask(question, release)
        finally:
            self.book.add(release.index.build_id, found)
        return f"Базы спрошены, вопросов: {len(found)}."

    def _ask(self, question: Question, release: Release) -> Scores:
        text = release.prompts.phrase_book.question_in(question_of(normalize(question.text)))
        trace, began = AnswerTrace(), time.perf_counter()
        turn = Turn(text, trace, Deadline(_DEADLINE_S), began, release)
        if question.rewritten:
            turn.ask_for(question.rewritten)
        else:
            turn.follow(question.history)
        found = turn.search(self.parts.embedder, time.perf_counter)
        return Scores(trace.first_base or found.base, found.scores)
