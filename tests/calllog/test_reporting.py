"""Reports: what triggers keep is what the calls and answers say, on SQLite and on PostgreSQL."""

import random
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, create_engine, delete, select, text, update

from bot.calllog import CallLog
from bot.calllog.hours import CALL_HOURS, LONGEST_MS, STAGE_DAYS, TURN_HOURS, bucket_end, bucket_of
from bot.calllog.localhours import Stretch, hour_number, stretches
from bot.calllog.recount import calls_by_hour, stage_times, turns_by_hour
from bot.calllog.reporting import Report, read_report
from bot.calllog.schema import LOGS, STATE
from bot.records import STAGES, AnswerTrace, BotLine, Stage
from bot.retrieval import Base
from tests.calllog.conftest import START, Clock
from tests.calllog.talk import asked, run_together

MOSCOW = ZoneInfo("Europe/Moscow")
DAY = date(2025, 8, 1)


def answer(
    at: datetime,
    source: Base | None = None,
    timings: dict[Stage, float] | None = None,
    **trace: Any,
) -> BotLine:
    interrupted = trace.pop("interrupted", False)
    made = AnswerTrace(source=source, **trace)
    return BotLine("Ответ.", at, trace=made, timings_ms=timings or {}, interrupted=interrupted)


def add_call(
    calls: CallLog,
    clock: Clock,
    at: datetime,
    *answers: BotLine,
    seconds: float = 60,
    status: Any = "Completed",
) -> int:
    clock.moment = at
    number = calls.start_call("101", "channel", "worker-1")
    for line in answers:
        calls.append(number, asked("Какая гарантия?"))
        calls.append(number, line)
    clock.moment = at + timedelta(seconds=seconds)
    calls.end_call(number, status)
    return number


def report(calls: CallLog, first: date | None = None, last: date | None = None) -> Report:
    with calls.connection() as connection:
        return read_report(connection, MOSCOW, first, last)


def kept_and_counted(connection: Connection) -> list[tuple[list[Any], list[Any]]]:
    """Each table of figures beside what the calls and answers say, without rows of zeros."""
    dialect = connection.dialect.name
    return [
        (_rows(connection, select(table)), _rows(connection, counted))
        for table, counted in (
            (CALL_HOURS, calls_by_hour(dialect)),
            (TURN_HOURS, turns_by_hour(dialect)),
            (STAGE_DAYS, stage_times(dialect)),
        )
    ]


def _rows(connection: Connection, query: Any) -> list[Any]:
    rows = [dict(row) for row in connection.execute(query).mappings()]
    keys = {"hour", "day", "stage", "bucket"}
    named = [
        {str(name): round(value, 6) if name == "seconds" else value for name, value in row.items()}
        for row in rows
    ]
    told = [row for row in named if any(row[name] for name in row.keys() - keys)]
    return sorted((sorted(row.items()) for row in told), key=str)


def test_a_report_says_what_happened(calls: CallLog, clock: Clock) -> None:
    add_call(
        calls, clock, START,
        answer(START, "general", {"answer": 800.0}, cached=True),
        answer(START, "tech", {"answer": 1200.0}, fallbacks=["openai: timeout"], interrupted=True),
        answer(START, unanswered=True),
        answer(START, control="operator"),
    )  # fmt: skip
    add_call(calls, clock, START + timedelta(hours=2), seconds=20, status="Transferred")
    found = report(calls)
    total = found.total
    assert (total.calls, total.mean_s) == (2, 40.0)
    assert {status: count for status, count in total.by_status.items() if count} == {
        "Completed": 1,
        "Transferred": 1,
    }
    assert (total.turns, total.questions, total.general, total.tech) == (4, 3, 1, 1)
    assert (total.unanswered, total.cached, total.interrupted, total.failed) == (1, 1, 1, 1)
    assert found.days == {DAY: total}
    assert {hour: calls for hour, calls in enumerate(found.by_hour) if calls} == {12: 1, 14: 1}
    (stage,) = found.stages
    assert (stage.stage, stage.times) == ("answer", 2)
    assert 800 < stage.p50_ms <= 850
    assert 1200 < stage.p95_ms <= 1250


def test_days_are_those_of_the_operators(calls: CallLog, clock: Clock) -> None:
    midnight = datetime(2025, 8, 2, tzinfo=MOSCOW)
    before, after = midnight - timedelta(seconds=1), midnight
    for at in (before, after):
        add_call(calls, clock, at, answer(at, "tech", {"asr": 100.0 if at == before else 900.0}))
    assert [day.day for day in report(calls).days] == [1, 2]
    first = report(calls, DAY, DAY)
    assert (first.total.calls, first.total.tech, first.stages[0].times) == (1, 1, 1)
    assert first.stages[0].p95_ms <= 120
    second = report(calls, date(2025, 8, 2))
    assert (second.total.calls, second.stages[0].times) == (1, 1)
    assert second.stages[0].p50_ms > 800
    assert report(calls, last=DAY) == first
    assert report(calls, date(2025, 8, 3)).total.calls == 0


def test_a_call_in_progress_counts_until_it_ends_as_it_does(calls: CallLog, clock: Clock) -> None:
    number = calls.start_call("101", "channel", "worker-1")
    assert report(calls).total.by_status["InProgress"] == 1
    assert report(calls).total.mean_s is None
    clock.moment = START + timedelta(seconds=90)
    calls.end_call(number, "Abandoned")
    total = report(calls).total
    assert (total.by_status["InProgress"], total.by_status["Abandoned"]) == (0, 1)
    assert total.mean_s == 90


def test_a_deleted_call_is_in_no_report_and_comes_back_with_its_undoing(
    calls: CallLog, clock: Clock
) -> None:
    for place in range(3):
        at = START + timedelta(hours=place)
        add_call(calls, clock, at, answer(at, "tech", {"answer": 500.0}))
    whole = report(calls)
    deletion = calls.delete_call(2)
    assert deletion is not None
    some = report(calls)
    assert (some.total.calls, some.total.tech, some.stages[0].times) == (2, 2, 2)
    assert some.by_hour[13] == 0
    assert calls.undo(deletion.number)
    assert report(calls) == whole
    every = calls.delete_calls()
    add_call(calls, clock, clock.moment, answer(clock.moment, "general"), seconds=1)
    left = report(calls)
    assert (left.total.calls, left.total.general, left.stages) == (1, 1, ())
    assert calls.undo(every.number)
    assert report(calls).total.calls == 4


def test_what_is_kept_is_what_was_written_whatever_becomes_of_the_calls(
    calls: CallLog, clock: Clock
) -> None:
    chance = random.Random(5)
    for _ in range(40):
        at = START + timedelta(minutes=chance.randrange(9000))
        times: dict[Stage, float] = {stage: chance.expovariate(1 / 900) for stage in STAGES}
        times |= {"asr": chance.choice([-3.0, 0.0, 99.99, 100.0, 10_000.0, 59_999.9, 3e6])}
        source: Base | None = chance.choices(("general", "tech", None))[0]
        lines = [answer(at, source, times, unanswered=source is None)] * chance.randrange(4)
        status = chance.choice(("Completed", "Failed", "NoInput", "Transferred", "Abandoned"))
        add_call(calls, clock, at, *lines, seconds=chance.randrange(200), status=status)
    calls.start_call("101", "channel", "worker-1")
    with calls.connection() as connection:
        for kept, counted in kept_and_counted(connection):
            assert kept == counted
        connection.execute(text("DELETE FROM logs WHERE id % 2 = 0"))
        connection.execute(update(LOGS).where(LOGS.c.id == 3).values(status="Failed"))
        connection.execute(update(LOGS).where(LOGS.c.id > 30).values(durationS=None))
    with calls.connection() as connection:
        for kept, counted in kept_and_counted(connection):
            assert kept == counted


def test_what_is_kept_is_right_whoever_writes_at_the_same_time(address: str) -> None:
    calls = CallLog(address, wait_s=30)

    def talk(place: int) -> None:
        for turn in range(8):
            number = calls.start_call("101", "channel", f"worker-{place}")
            at = START + timedelta(minutes=place * turn)
            lines = (
                asked("Какая гарантия?"),
                answer(at, "tech", dict.fromkeys(STAGES, 50.0 * turn)),
            )
            for line in lines:
                calls.append(number, line)
            calls.end_call(number, "Completed")

    def remove() -> None:
        for number in range(1, 30):
            with calls.connection() as connection:
                connection.execute(delete(LOGS).where(LOGS.c.id.in_([number, number + 7])))

    run_together(remove, *(partial(talk, place) for place in range(6)))
    with calls.connection() as connection:
        for kept, counted in kept_and_counted(connection):
            assert kept == counted
    calls.close()


def test_a_call_log_without_figures_gets_them(calls: CallLog, clock: Clock, address: str) -> None:
    add_call(calls, clock, START, answer(START, "tech", {"answer": 700.0, "asr": 310.0}))
    whole = report(calls)
    calls.close()
    _take_figures_away(address)
    opened = CallLog(address)
    assert report(opened) == whole
    add_call(opened, clock, START, answer(START, "general"))
    opened.close()
    after = CallLog(address, clock=clock)
    assert report(after).total.questions == 2
    after.close()


def _take_figures_away(address: str) -> None:
    """The call log as the version before had it."""
    engine = create_engine(address)
    with engine.begin() as connection:
        postgresql = connection.dialect.name == "postgresql"
        for name, table in (
            ("hourly_added", "logs"), ("hourly_changed", "logs"), ("hourly_removed", "logs"),
            ("turns_added", "turns"), ("turns_removed", "turns"),
        ):  # fmt: skip
            on = f" ON {table}" if postgresql else ""
            connection.execute(text(f"DROP TRIGGER {name}{on}"))
        if postgresql:
            for function in ("hour_of", "stage_bucket", "hourly_added", "hourly_changed",
                             "hourly_removed", "turns_counted"):  # fmt: skip
                connection.execute(text(f"DROP FUNCTION {function}"))
        for name in ("log_hours", "turn_hours", "stage_days"):
            connection.execute(text(f"DROP TABLE {name}"))
        connection.execute(update(STATE).where(STATE.c.name == "schema").values(value=2))
    engine.dispose()


@pytest.mark.parametrize("ms", [0, 4.9, 5, 99.9, 100, 519.9, 1999, 2000, 9_999.9, 10_000, 59_999])
def test_a_time_lies_in_a_bucket_no_wider_than_a_fifth_of_it(ms: float) -> None:
    bucket = bucket_of(ms)
    assert bucket <= ms < bucket_end(bucket)
    assert bucket_end(bucket) - bucket <= max(5, bucket / 5)


def test_what_takes_longer_than_a_minute_is_one_bucket() -> None:
    assert bucket_of(60_000) == bucket_of(1e9) == LONGEST_MS == bucket_end(LONGEST_MS)
    assert bucket_of(-1) == 0


def test_hours_are_told_apart_where_the_clocks_change() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    begin, end = datetime(2025, 3, 1, tzinfo=UTC), datetime(2025, 4, 30, tzinfo=UTC)
    changed = hour_number(datetime(2025, 3, 30, 1, tzinfo=UTC))
    assert list(stretches(berlin, hour_number(begin), hour_number(end))) == [
        Stretch(hour_number(begin), changed, 1),
        Stretch(changed, hour_number(end), 2),
    ]
