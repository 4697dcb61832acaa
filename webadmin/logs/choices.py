"""What an operator can choose on the list of calls: each choice is a link to its own view."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final

from bot.calllog.counting import Counts
from bot.calllog.filter import SOURCES, SortKey
from bot.records import STATUSES
from webadmin.logs.display import status_name
from webadmin.logs.forms import LogsForm

PAGE_SIZES: Final = (20, 50, 100)
_SOURCE_NAMES: Final = {"general": "[general]", "tech": "[tech]", "none": "без базы"}
_HEADINGS: Final[tuple[tuple[str, SortKey | None], ...]] = (
    ("Начало", "startTime"),
    ("Абонент", None),
    ("Длительность", "durationS"),
    ("Итог", "status"),
    ("Источники", None),
    ("Первый вопрос", None),
)


@dataclass(frozen=True)
class Choice:
    """One link: its words, the query of its view, whether that view is shown.

    ``count`` is how many calls it would show, at least so many when not ``is_exact``.
    """

    words: str
    arguments: dict[str, Any]
    is_chosen: bool
    count: int | None = None
    is_exact: bool = True


@dataclass(frozen=True)
class Heading:
    """A column of the table; one that sorts has a query, and ``aria_sort`` says how it does."""

    words: str
    arguments: dict[str, Any] | None = None
    aria_sort: str = ""


def status_choices(form: LogsForm, counts: Counts) -> list[Choice]:
    """Every status that some call has, and the chosen one; choosing it again lets go of it."""
    return [
        Choice(
            words=status_name(status),
            arguments=_toggled(form, "status", status),
            is_chosen=form.status == status,
            count=counts.by_status[status],
            is_exact=counts.facets_are_exact,
        )
        for status in STATUSES
        if counts.by_status[status] or form.status == status
    ]


def source_choices(form: LogsForm, counts: Counts) -> list[Choice]:
    """The bases, and calls without one."""
    return [
        Choice(
            words=_SOURCE_NAMES[source],
            arguments=_toggled(form, "source", source),
            is_chosen=form.source == source,
            count=counts.by_source[source],
            is_exact=counts.facets_are_exact,
        )
        for source in SOURCES
    ]


def period_choices(form: LogsForm, today: date) -> list[Choice]:
    """Ranges of days that are asked for most."""
    return [
        Choice(
            words=words,
            arguments=replace(form, date_from=begin, date_to=end).arguments(0),
            is_chosen=(form.date_from, form.date_to) == (begin, end),
        )
        for words, begin, end in _periods(today)
    ]


def size_choices(form: LogsForm) -> list[Choice]:
    """How many calls a page shows."""
    return [
        Choice(str(size), replace(form, limit=size).arguments(0), form.limit == size)
        for size in PAGE_SIZES
    ]


def headings(form: LogsForm) -> list[Heading]:
    """The columns of the table."""
    return [_heading(form, words, key) for words, key in _HEADINGS]


def _heading(form: LogsForm, words: str, key: SortKey | None) -> Heading:
    if key is None:
        return Heading(words)
    is_current = form.sort == key
    order = "asc" if is_current and form.order == "desc" else "desc"
    spoken = {"asc": "ascending", "desc": "descending"}[form.order] if is_current else "none"
    return Heading(words, replace(form, sort=key, order=order).arguments(0), spoken)


def _toggled(form: LogsForm, name: str, value: str) -> dict[str, Any]:
    chosen = "" if getattr(form, name) == value else value
    return replace(form, **{name: chosen}).arguments(0)  # type: ignore[arg-type]


def _periods(today: date) -> Iterator[tuple[str, str, str]]:
    def days_ago(days: int) -> str:
        return (today - timedelta(days=days)).isoformat()

    end = today.isoformat()
    yield "Всё время", "", ""
    yield "Сегодня", end, end
    yield "Вчера", days_ago(1), days_ago(1)
    yield "7 дней", days_ago(6), end
    yield "30 дней", days_ago(29), end
    yield "Этот месяц", today.replace(day=1).isoformat(), end
