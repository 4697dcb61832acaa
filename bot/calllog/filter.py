"""Which calls are asked for, in which order, as a value."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from bot.records import Status

Source = Literal["general", "tech", "none"]
SOURCES: tuple[Source, ...] = get_args(Source)
SortKey = Literal["startTime", "endTime", "durationS", "status", "callerId", "id"]
SORT_KEYS: tuple[SortKey, ...] = get_args(SortKey)
Order = Literal["asc", "desc"]


@dataclass(frozen=True)
class CallFilter:
    """A question to the call log; the default is the newest hundred calls.

    ``q`` is words that must all occur in what was said, in any form and case
    (:mod:`bot.calllog.asked`). ``date_from`` is included, ``date_to`` is not; both are aware and
    compared with the start of the call. ``caller`` is a part of the caller's number. ``source``
    ``none`` means calls in which no base was used.
    """

    q: str = ""
    date_from: datetime | None = None
    date_to: datetime | None = None
    status: Status | None = None
    source: Source | None = None
    caller: str = ""
    sort: SortKey = "startTime"
    order: Order = "desc"
    limit: int = 100
    offset: int = 0
