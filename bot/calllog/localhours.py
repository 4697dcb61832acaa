"""Hours of UTC as the days and hours of a zone, in stretches in which its offset is the same.

Within a stretch the database itself can tell days apart, by whole numbers.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

DAY_HOURS: Final = 24
HOUR_S: Final = 3600
_EPOCH: Final = date(1970, 1, 1)


@dataclass(frozen=True)
class Stretch:
    """Hours from ``begin`` (included) to ``end``; local time is ``offset`` hours later."""

    begin: int
    end: int
    offset: int


def stretches(zone: ZoneInfo, begin: int, end: int) -> Iterator[Stretch]:
    """The stretches of some hours, in order."""
    found: Stretch | None = None
    for first, after, offset in _steps(zone, begin, end):
        if found and found.offset == offset:
            found = Stretch(found.begin, after, offset)
            continue
        if found:
            yield found
        found = Stretch(first, after, offset)
    if found:
        yield found


def _steps(zone: ZoneInfo, begin: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Days in one piece, those in which the clocks change hour by hour."""
    for first in range(begin, end, DAY_HOURS):
        after = min(first + DAY_HOURS, end)
        if _offset(zone, first) == _offset(zone, after - 1):
            yield first, after, _offset(zone, first)
        else:
            yield from ((hour, hour + 1, _offset(zone, hour)) for hour in range(first, after))


def _offset(zone: ZoneInfo, hour: int) -> int:
    """Whole hours; in a zone with half hours, an hour counts where it begins."""
    offset = datetime.fromtimestamp(hour * HOUR_S, zone).utcoffset() or timedelta()
    return int(offset.total_seconds() // HOUR_S)


def midnight(zone: ZoneInfo, day: date) -> datetime:
    """The beginning of a day in a zone, UTC."""
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def hour_number(moment: datetime) -> int:
    """Whole hours since 1970."""
    return int(moment.timestamp() // HOUR_S)


def day_of(number: int) -> date:
    """The day that is so many days after 1 January 1970."""
    return _EPOCH + timedelta(days=number)
