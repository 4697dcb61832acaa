"""How long the stages of answers took: the median and the slowest twentieth of some time."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select

from bot.calllog.deletions import Deleted
from bot.calllog.hours import STAGE_DAYS, bucket_end
from bot.calllog.localhours import DAY_HOURS, HOUR_S
from bot.calllog.recount import stage_times
from bot.calllog.turns import TURNS
from bot.records import STAGES, Stage

_DAY_S = DAY_HOURS * HOUR_S
_HALF, _MOST = 0.5, 0.95
_Buckets = Counter[tuple[str, int]]


@dataclass(frozen=True)
class StageFigure:
    """How long a stage took: half of the times are up to ``p50_ms``, 95 of 100 up to ``p95_ms``.

    Read off a histogram whose buckets are a fifth of the time wide at the most.
    """

    stage: Stage
    times: int
    p50_ms: float
    p95_ms: float


def read_stages(
    connection: Connection, begin: datetime | None, end: datetime | None, deleted: Deleted
) -> Iterator[StageFigure]:
    """The stages that took place in answers from ``begin`` (included) to ``end``."""
    buckets = _read(connection, begin, end, deleted)
    for stage in STAGES:
        times = sorted(
            (bucket, count) for (name, bucket), count in buckets.items() if name == stage
        )
        if total := sum(count for _, count in times):
            half, most = (percentile(times, share * total) for share in (_HALF, _MOST))
            yield StageFigure(stage, total, half, most)


def percentile(times: list[tuple[int, int]], rank: float) -> float:
    """The time that ``rank`` of the times reach at the most; ``times`` are sorted buckets."""
    seen = 0
    for bucket, count in times:
        if seen + count >= rank:
            return bucket + (bucket_end(bucket) - bucket) * (rank - seen) / count
        seen += count
    return float(times[-1][0])


def _read(
    connection: Connection, begin: datetime | None, end: datetime | None, deleted: Deleted
) -> _Buckets:
    if deleted.up_to:  # all but the newest are being deleted
        return _counted(connection, begin, end, deleted)
    first = -(-_seconds(begin) // _DAY_S) if begin else None
    last = _seconds(end) // _DAY_S if end else None
    if first is not None and last is not None and first > last:  # all within a day of UTC
        buckets = _counted(connection, begin, end, Deleted())
    else:
        buckets = _kept(connection, first, last)
        if begin and first is not None:
            buckets += _counted(connection, begin, _moment(first), Deleted())
        if end and last is not None:
            buckets += _counted(connection, _moment(last), end, Deleted())
    if deleted.numbers:
        buckets -= _as_buckets(connection, stage_times(connection.dialect.name, *(
            *_within(begin, end), TURNS.c.callId.in_(sorted(deleted.numbers))
        )))  # fmt: skip
    return buckets


def _kept(connection: Connection, first: int | None, last: int | None) -> _Buckets:
    """Whole days of UTC, ``last`` not included."""
    times = func.sum(STAGE_DAYS.c.times)
    kept = select(STAGE_DAYS.c.stage, STAGE_DAYS.c.bucket, times)
    if first is not None:
        kept = kept.where(STAGE_DAYS.c.day >= first)
    if last is not None:
        kept = kept.where(STAGE_DAYS.c.day < last)
    rows = connection.execute(kept.group_by(STAGE_DAYS.c.stage, STAGE_DAYS.c.bucket))
    return Counter({(stage, bucket): int(count) for stage, bucket, count in rows if count > 0})


def _counted(
    connection: Connection, begin: datetime | None, end: datetime | None, deleted: Deleted
) -> _Buckets:
    """Answer by answer."""
    if begin is not None and begin == end:
        return Counter()
    conditions = (*_within(begin, end), *deleted.conditions(TURNS.c.callId))
    return _as_buckets(connection, stage_times(connection.dialect.name, *conditions))


def _as_buckets(connection: Connection, counted: Select[Any]) -> _Buckets:
    buckets: _Buckets = Counter()
    for row in connection.execute(counted):
        buckets[row.stage, row.bucket] += int(row.times)
    return buckets


def _within(begin: datetime | None, end: datetime | None) -> Iterator[Any]:
    if begin is not None:
        yield TURNS.c.at >= begin
    if end is not None:
        yield TURNS.c.at < end


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def _moment(day: int) -> datetime:
    return datetime.fromtimestamp(day * _DAY_S, UTC)
