"""A report as its page shows it: figures with their shares and the calls behind them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from flask import current_app, url_for

from bot.calllog.reporting import Figures, Report
from bot.records import STATUSES
from webadmin.logs.display import duration, grouped, status_name
from webadmin.reports.period import Period, PeriodChoice, period_choices
from webadmin.reports.spans import Span, Step, spans

_STEP_NAMES: dict[Step, str] = {"day": "по дням", "week": "по неделям", "month": "по месяцам"}


@dataclass(frozen=True)
class Tile:
    """One figure: its name, its value, what to compare it with, and what it was counted from."""

    name: str
    value: str
    note: str = ""
    address: str = ""


@dataclass(frozen=True)
class Part:
    """A part of a whole: how many, and the page that shows them."""

    name: str
    number: int
    share: str
    address: str = ""


@dataclass(frozen=True)
class ReportView:
    """All that the template shows; without a report, ``problem`` says what was wrong."""

    today: date
    period: Period | None
    report: Report | None
    problem: str = ""

    @property
    def choices(self) -> list[PeriodChoice]:
        """Ranges of days."""
        return period_choices(self.period, self.today)

    @cached_property
    def _cut(self) -> tuple[Step, list[Span]]:
        days = self.report.days if self.report else {}
        return spans(days, self.period or Period(None, None))

    @property
    def spans(self) -> list[Span]:
        """The time of the report in order."""
        return self._cut[1]

    @property
    def step_name(self) -> str:
        """How the time is cut."""
        return _STEP_NAMES[self._cut[0]]

    @property
    def total(self) -> Figures:
        """All of it."""
        return self.report.total if self.report else Figures({})

    @property
    def tiles(self) -> list[Tile]:
        """The figures to look at first."""
        total, of = self.total, self.total.questions
        mean = duration(total.mean_s)
        return [
            Tile("Звонков", grouped(total.calls), address=self._calls()),
            Tile("Средний разговор", mean, f"всего {duration(total.seconds)}"),
            Tile("Вопросов", grouped(of), _per_call(of, total.calls)),
            Tile(
                "Без ответа", share(total.unanswered, of), grouped(total.unanswered), self._refused
            ),
            Tile("Перебиваний", share(total.interrupted, total.turns), grouped(total.interrupted)),
            Tile("Ответы из кэша", share(total.cached, of), grouped(total.cached)),
            Tile("Служба подвела", share(total.failed, of), grouped(total.failed)),
        ]

    @property
    def statuses(self) -> list[Part]:
        """How the calls ended."""
        total = self.total
        return [
            Part(status_name(one), number, share(number, total.calls), self._calls(status=one))
            for one in STATUSES
            if (number := total.by_status.get(one, 0))
        ]

    @property
    def sources(self) -> list[Part]:
        """Where the answers to questions came from."""
        total = self.total
        rest = total.questions - total.general - total.tech - total.unanswered
        return [
            Part(name, number, share(number, total.questions), address)
            for name, number, address in (
                ("[general]", total.general, self._calls(source="general")),
                ("[tech]", total.tech, self._calls(source="tech")),
                ("ответа в базах нет", total.unanswered, self._refused),
                ("без базы", max(0, rest), ""),
            )
        ]

    @property
    def statuses_present(self) -> list[str]:
        """Statuses that some call has, for the columns of the chart."""
        return [one for one in STATUSES if self.total.by_status.get(one, 0)]

    def calls_of(self, period: Period) -> str:
        """The list of the calls of some days."""
        return url_for("logs.page", **period.calls_query)

    def _calls(self, **chosen: str) -> str:
        days = self.period.calls_query if self.period else {}
        return url_for("logs.page", **(days | chosen))

    @property
    def _refused(self) -> str:
        if self.period is None or "unanswered.page" not in current_app.view_functions:
            return ""
        return url_for("unanswered.page", **self.period.query)


def share(number: float, of: float) -> str:
    """A part in percent: «12,5 %», «—» of nothing."""
    if not of:
        return "—"
    return f"{100 * number / of:.1f}".replace(".", ",") + "\u00a0%"


def _per_call(questions: int, calls: int) -> str:
    return f"{questions / calls:.1f} на звонок".replace(".", ",") if calls else ""


def hours(by_hour: tuple[int, ...]) -> Iterator[tuple[str, int]]:
    """Calls of each hour of the day with its name: «09:00»."""
    for hour, calls in enumerate(by_hour):
        yield f"{hour:02}:00", calls
