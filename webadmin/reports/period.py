"""The days of a report as they stand in a URL."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, Self

from bot.errors import AssistantError

_DEFAULT_DAYS: Final = 30
_YEARS: Final = range(2000, 2101)
_ALL: Final = "all"


class BadPeriodError(AssistantError):
    """The days asked for cannot be meant; the message says what to do."""

    status = 400


@dataclass(frozen=True)
class Period:
    """Days from ``first`` to ``last``, both included; open where ``None``."""

    first: date | None
    last: date | None

    @classmethod
    def parse(cls, fields: Mapping[str, str], today: date) -> Self:
        """``date_from`` and ``date_to`` of a query; the last thirty days without them.

        ``period=all`` is all there is. Raises :class:`BadPeriodError`.
        """
        if fields.get("period", "") == _ALL:
            return cls(None, None)
        first, last = (_day(fields.get(name, "")) for name in ("date_from", "date_to"))
        if first is None and last is None:
            return cls(today - timedelta(days=_DEFAULT_DAYS - 1), today)
        if first and last and first > last:
            raise BadPeriodError(
                f"Начало периода ({first:%d.%m.%Y}) позже конца ({last:%d.%m.%Y}). "
                "Поменяйте даты местами."
            )
        return cls(first, last)

    @property
    def calls_query(self) -> dict[str, Any]:
        """The same days in the query of the list of calls."""
        bounds = {"date_from": self.first, "date_to": self.last}
        return {name: day.isoformat() for name, day in bounds.items() if day}

    @property
    def query(self) -> dict[str, Any]:
        """The same days in the query of a page with a period of its own."""
        return self.calls_query or {"period": _ALL}


@dataclass(frozen=True)
class PeriodChoice:
    """A range of days that is asked for most: a link to its view."""

    words: str
    period: Period
    is_chosen: bool


def period_choices(chosen: Period | None, today: date) -> list[PeriodChoice]:
    """The ranges to offer; ``chosen`` is shown now."""
    return [PeriodChoice(words, one, one == chosen) for words, one in _presets(today)]


def _presets(today: date) -> Iterator[tuple[str, Period]]:
    def latest(days: int) -> Period:
        return Period(today - timedelta(days=days - 1), today)

    yield "Сегодня", latest(1)
    yield "Вчера", Period(today - timedelta(days=1), today - timedelta(days=1))
    yield "7 дней", latest(7)
    yield "30 дней", latest(_DEFAULT_DAYS)
    yield "Этот месяц", Period(today.replace(day=1), today)
    yield "Год", latest(365)
    yield "Всё время", Period(None, None)


def _day(value: str) -> date | None:
    value = value.strip()
    if not value:
        return None
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise BadPeriodError(
            "Дату не разобрать. Выберите её в календаре или напишите так: 2025-08-31."
        ) from None
    if day.year not in _YEARS:
        raise BadPeriodError(
            "Такого года в журнале быть не может. Выберите дату с 2000 по 2100 год."
        )
    return day
