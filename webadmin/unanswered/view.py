"""The list of unanswered questions as its page shows it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any, Final, Literal, Self, get_args

from flask import url_for

from bot.errors import AssistantError
from webadmin.logs.paging import Pages
from webadmin.questions.keeper import Progress
from webadmin.questions.store import QuestionStore
from webadmin.reports.period import Period, PeriodChoice, period_choices
from webadmin.unanswered.queries import Group, State, read_groups, with_details

Sort = Literal["worst", "often", "recent"]
PAGE: Final = 20
STATE_NAMES: Final[dict[State, str]] = {
    "open": "Без ответа",
    "answered": "Теперь отвечает",
    "resolved": "Решено",
}
SORT_NAMES: Final[dict[Sort, str]] = {
    "worst": "Сначала худшие",
    "often": "Сначала частые",
    "recent": "Сначала свежие",
}
_LOST_WEIGHS: Final = 3.0
"""A caller who left counts as so many who stayed, …"""
_WEAK_WEIGHS: Final = 0.5
"""… a doubtful answer as half a refusal, …"""
_HALVED_IN_DAYS: Final = 14.0
"""… and all of it half as much for each two weeks since."""
_MOST_OFFSET: Final = 10**6


class BadListError(AssistantError):
    """The list asked for cannot be meant."""

    status = 400


@dataclass(frozen=True)
class ListForm:
    """The choices of a page as they stand in its URL."""

    period: Period
    state: State = "open"
    sort: Sort = "worst"
    offset: int = 0

    @classmethod
    def parse(cls, fields: Mapping[str, str], today: date) -> Self:
        """Raises :class:`BadListError` or :class:`webadmin.reports.period.BadPeriodError`."""
        period = Period.parse(fields, today)
        state, sort = fields.get("state") or "open", fields.get("sort") or "worst"
        offset = fields.get("offset") or "0"
        if state not in get_args(State) or sort not in get_args(Sort):
            raise BadListError("Такого отбора нет. Выберите его на странице.")
        if not (offset.isascii() and offset.isdigit() and len(offset) < 8):
            raise BadListError("Такой страницы нет. Начните с первой.")
        return cls(period, state, sort, min(int(offset), _MOST_OFFSET))  # type: ignore[arg-type]

    def address(self, **changes: Any) -> str:
        """The page with some choices changed."""
        form = replace(self, **({"offset": 0} | changes))
        chosen = {"state": form.state, "sort": form.sort, "offset": form.offset}
        unsaid = {"state": "open", "sort": "worst", "offset": 0}
        said = {name: value for name, value in chosen.items() if value != unsaid[name]}
        query: dict[str, Any] = form.period.query | said
        return url_for("unanswered.page", **query)


@dataclass(frozen=True)
class ListView:
    """All that the template shows."""

    form: ListForm
    today: date
    now: datetime
    store: QuestionStore
    progress: Progress

    @cached_property
    def _groups(self) -> list[Group]:
        return read_groups(self.store, self.form.period.first, self.form.period.last)

    @cached_property
    def counts(self) -> Counter[State]:
        """How many groups are in each state."""
        return Counter(group.state for group in self._groups)

    @cached_property
    def groups(self) -> list[Group]:
        """The groups of this page."""
        chosen = [group for group in self._groups if group.state == self.form.state]
        chosen.sort(key=self._rank, reverse=True)
        return with_details(self.store, chosen[self.form.offset : self.form.offset + PAGE])

    @property
    def pages(self) -> Pages:
        """Where this page stands among all."""
        return Pages(self.form.offset, PAGE, self.counts[self.form.state])

    @property
    def periods(self) -> list[PeriodChoice]:
        """Ranges of days."""
        return period_choices(self.form.period, self.today)

    @property
    def is_new(self) -> bool:
        """Whether there is nothing at all in these days."""
        return not self._groups

    def _rank(self, group: Group) -> tuple[float, datetime]:
        if self.form.sort == "recent":
            return 0.0, group.last_at
        if self.form.sort == "often":
            return group.times, group.last_at
        return badness(group, self.now), group.last_at


def badness(group: Group, now: datetime) -> float:
    """How urgent a group is: how often, how recently, and how many callers left."""
    days = max(0.0, (now - group.last_at).total_seconds() / 86_400)
    weight = group.refused + _WEAK_WEIGHS * group.weak + _LOST_WEIGHS * group.lost
    return float(weight * 0.5 ** (days / _HALVED_IN_DAYS))
