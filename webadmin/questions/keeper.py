"""Keeps the questions grouped: counts the days that have changed, and compares new forms.

In a thread that lives while there is something to do; it is woken by the pages that show them.
"""

import logging
import os
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.agent_setup import Answering
from bot.calllog import CallLog
from bot.calllog.localhours import midnight
from bot.calllog.questions import LoggedQuestion, read_questions
from bot.calllog.reporting import Figures, read_days
from bot.errors import AssistantError
from webadmin.questions.grouping import join_groups
from webadmin.questions.meaning import key_of
from webadmin.questions.store import DayOfForm, QuestionStore

log = logging.getLogger(__name__)

HORIZON_DAYS: Final = 366
"""Older questions are not looked at."""
_NICENESS: Final = 10


@dataclass(frozen=True)
class Progress:
    """How far the work has come: days counted of those that had changed."""

    done: int = 0
    of: int = 0
    is_running: bool = False


class QuestionKeeper:
    """One for an application. Thread-safe; ``answering`` may take seconds or raise."""

    def __init__(
        self,
        call_log: CallLog,
        store: QuestionStore,
        answering: Callable[[], Answering],
        zone: ZoneInfo,
        clock: Callable[[], datetime],
    ) -> None:
        self._call_log = call_log
        self._store = store
        self._answering = answering
        self._zone = zone
        self._clock = clock
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._progress = Progress()
        self._is_wanted = False

    @property
    def progress(self) -> Progress:
        """How far it is."""
        return self._progress

    def wake(self, wait_s: float = 0.0) -> Progress:
        """Look for what has changed; return when that is done, or after ``wait_s``."""
        with self._lock:
            self._is_wanted = True
            if self._thread is None or not self._thread.is_alive():
                self._progress = Progress(is_running=True)
                self._thread = threading.Thread(target=self._run, name="questions", daemon=True)
                self._thread.start()
            thread = self._thread
        thread.join(wait_s)
        return self._progress

    def _run(self) -> None:
        # Linux gives each thread a priority of its own: calls come first.
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
        while self._goes_on():
            self._look()

    def _goes_on(self) -> bool:
        """Whether somebody has asked since the last look began; what changed in it is missing."""
        with self._lock:
            wanted, self._is_wanted = self._is_wanted, False
            if not wanted:
                self._thread = None
                self._progress = Progress(self._progress.done, self._progress.of)
            return wanted

    def _look(self) -> None:
        try:
            self._count_days()
            join_groups(self._store, self._answering)
        except (AssistantError, OSError, sqlite3.Error) as error:
            log.warning("event=questions_wait error=%s", error)

    def _count_days(self) -> None:
        """Count the days that are not as they were, the newest first."""
        first = self._clock().astimezone(self._zone).date() - timedelta(days=HORIZON_DAYS)
        with self._call_log.connection() as connection:
            days = read_days(connection, self._zone, first)
        seen, now = self._store.seen_days(), {day: _looks(days[day]) for day in days}
        changed = sorted(
            (day for day in now if seen.get(day.isoformat()) != now[day]), reverse=True
        )
        gone = seen.keys() - {day.isoformat() for day in now}
        for done, day in enumerate(changed):
            self._progress = Progress(done, len(changed), is_running=True)
            self._store.put_day(day, now[day], self._forms_of(day))
        if changed or gone:
            self._store.forget_days(gone)
        self._progress = Progress(len(changed), len(changed), is_running=True)

    def _forms_of(self, day: date) -> dict[str, DayOfForm]:
        begin, end = (midnight(self._zone, one) for one in (day, day + timedelta(days=1)))
        with self._call_log.connection() as connection:
            questions = read_questions(connection, begin, end)
        forms: dict[str, DayOfForm] = {}
        for question in questions:
            _add(forms.setdefault(key_of(question.text), DayOfForm(question.text)), question)
        return forms


def _looks(figures: Figures) -> str:
    """What a day's questions depend on, in short."""
    ends = " ".join(map(str, figures.by_status.values()))
    return f"{figures.turns} {figures.questions} {figures.unanswered} {ends}"


def _add(form: DayOfForm, question: LoggedQuestion) -> None:
    form.asked += 1
    if not (question.is_refused or question.is_weak):
        return
    form.refused += question.is_refused
    form.weak += question.is_weak
    form.lost += question.is_lost
    at = question.at.isoformat()
    if at >= form.last_at:
        form.last_at, form.last_call = at, question.call_id
