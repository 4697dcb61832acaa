"""The filter of the call log as it stands in a URL."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Self, cast
from zoneinfo import ZoneInfo

from bot.calllog.filter import SORT_KEYS, SOURCES, CallFilter, Order, SortKey, Source
from bot.errors import AssistantError
from bot.records import STATUSES, Status

LARGEST_LIMIT = 1000
LARGEST_OFFSET = 2**31 - 1
_LONGEST_TEXT = 200
_FIRST_MOMENT = datetime.min.replace(tzinfo=UTC)
_LAST_MOMENT = datetime.max.replace(tzinfo=UTC)
_SPACE_FOR_PLUS = re.compile(r"(?<=T)(.*) (\d\d:?\d\d)$")
"""A zone whose ``+`` a URL turned into a space: ``T12:00:00 03:00``."""


class BadQueryError(AssistantError):
    """A filter has a value that cannot be meant; the message names the field."""

    status = 400


@dataclass(frozen=True)
class LogsForm:
    """The fields as they came, checked; empty text is a field that is not set."""

    q: str
    date_from: str
    date_to: str
    status: str
    source: str
    caller: str
    sort: str
    order: str
    limit: int
    offset: int
    default_limit: int

    @classmethod
    def parse(cls, fields: Mapping[str, str], default_limit: int) -> Self:
        """The form of a query; raises :class:`BadQueryError`."""
        return cls(
            q=_text(fields, "q"),
            date_from=_text(fields, "date_from"),
            date_to=_text(fields, "date_to"),
            status=_choice(fields, "status", STATUSES, ""),
            source=_choice(fields, "source", SOURCES, ""),
            caller=_text(fields, "caller"),
            sort=_choice(fields, "sort", SORT_KEYS, "startTime"),
            order=_choice(fields, "order", ("asc", "desc"), "desc"),
            limit=_number(fields, "limit", default_limit, 1, LARGEST_LIMIT),
            offset=_number(fields, "offset", 0, 0, LARGEST_OFFSET),
            default_limit=default_limit,
        )

    def wanted(self, zone: ZoneInfo) -> CallFilter:
        """The filter that these fields mean in an operator's zone."""
        return CallFilter(
            q=self.q,
            date_from=_moment("date_from", self.date_from, zone, is_end=False),
            date_to=_moment("date_to", self.date_to, zone, is_end=True),
            status=cast(Status, self.status) or None,
            source=cast(Source, self.source) or None,
            caller=self.caller,
            sort=cast(SortKey, self.sort),
            order=cast(Order, self.order),
            limit=self.limit,
            offset=self.offset,
        )

    @property
    def filters(self) -> bool:
        """Whether some calls are left out."""
        texts = (self.q, self.date_from, self.date_to, self.status, self.source, self.caller)
        return any(texts)

    def arguments(self, offset: int) -> dict[str, Any]:
        """The query of another page with the same filter, without what goes without saying."""
        unsaid = asdict(LogsForm.parse({}, self.default_limit))
        fields = asdict(replace(self, offset=offset))
        return {name: value for name, value in fields.items() if value != unsaid[name]}


def _text(fields: Mapping[str, str], name: str) -> str:
    value = fields.get(name, "").strip()
    if len(value) > _LONGEST_TEXT:
        raise BadQueryError(f"{name}: не длиннее {_LONGEST_TEXT} знаков")
    return value


def _choice(fields: Mapping[str, str], name: str, known: tuple[str, ...], default: str) -> str:
    value = fields.get(name, "").strip() or default
    if value and value not in known:
        raise BadQueryError(f"{name}: одно из {', '.join(known)}")
    return value


def _number(fields: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    value = fields.get(name, "").strip()
    if not value:
        return default
    # The length is checked first: Python refuses to convert thousands of digits.
    if not re.fullmatch(r"[0-9]{1,10}", value) or not least <= int(value) <= most:
        raise BadQueryError(f"{name}: целое число от {least} до {most}")
    return int(value)


def _moment(name: str, value: str, zone: ZoneInfo, *, is_end: bool) -> datetime | None:
    """An ISO 8601 date or time as a bound, UTC; without a zone it is in ``zone``.

    A bare date as the end means the end of that day; a time as the end is itself included
    (calls start at whole milliseconds).
    """
    if not value:
        return None
    try:
        return _bound(_SPACE_FOR_PLUS.sub(r"\1+\2", value), zone, is_end=is_end)
    except ValueError:
        raise BadQueryError(
            f"{name}: дата ISO 8601, например 2025-08-01 или 2025-08-01T09:30:00Z"
        ) from None
    except OverflowError:  # before the first or after the last moment that Python knows
        return _LAST_MOMENT if is_end else _FIRST_MOMENT


def _bound(value: str, zone: ZoneInfo, *, is_end: bool) -> datetime:
    day = _date(value)
    if day is not None:
        day += timedelta(days=1 if is_end else 0)
        return datetime.combine(day, time.min, zone).astimezone(UTC)
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    return moment.astimezone(UTC) + timedelta(milliseconds=1 if is_end else 0)


def _date(value: str) -> date | None:
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None
