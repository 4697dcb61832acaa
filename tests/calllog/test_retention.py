"""Calls that were kept for their whole period are gone, on SQLite and PostgreSQL alike."""

import logging
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError
from sqlalchemy import TextClause, create_engine, func, inspect, select, text

from bot.calllog import CallLog
from bot.calllog.filter import CallFilter
from bot.calllog.retention import Period, delete_some_old, period_of
from bot.calllog.schema import DAYS, LOGS
from bot.calllog.turns import TURNS
from bot.settings import Settings
from tests.calllog.conftest import START, Clock
from tests.calllog.talk import found, one_call

MOSCOW = ZoneInfo("Europe/Moscow")
PERIOD = Period(90, MOSCOW)


def wait_until_deleted(calls: CallLog, left: int) -> None:
    end = time.monotonic() + 30
    while len(found(calls, CallFilter())) != left:
        assert time.monotonic() < end, found(calls, CallFilter())
        time.sleep(0.02)


def opened(address: str, clock: Clock, period: Period | None = PERIOD) -> CallLog:
    return CallLog(address, wait_s=5, clock=clock, period=period)


def test_a_day_of_the_zone_goes_as_a_whole_after_so_many_whole_days() -> None:
    evening = datetime(2025, 8, 1, 20, 59, tzinfo=UTC)  # 23:59 in Moscow
    night = datetime(2025, 8, 1, 21, 1, tzinfo=UTC)  # 00:01 of August 2nd
    due = PERIOD.due(evening)
    assert due == datetime(2025, 10, 30, 21, 0, tzinfo=UTC)  # midnight of October 31st
    assert PERIOD.due(night) == due + timedelta(days=1)
    assert PERIOD.oldest_kept(due) > evening
    assert PERIOD.oldest_kept(due) <= night
    assert PERIOD.oldest_kept(due - timedelta(seconds=1)) <= evening


def test_a_day_is_not_always_24_hours() -> None:
    berlin = Period(1, ZoneInfo("Europe/Berlin"))
    began = datetime(2025, 10, 25, 12, 0, tzinfo=UTC)  # the clock goes back in the next night
    assert berlin.due(began) == datetime(2025, 10, 26, 23, 0, tzinfo=UTC)


def test_old_calls_go_with_their_words_turns_and_counts_and_young_ones_stay(
    calls: CallLog, address: str, clock: Clock
) -> None:
    old = [one_call(calls, "Какая гарантия?", "tech") for _ in range(3)]
    unended = calls.start_call("101", "channel", "worker-gone")
    clock.moment = START + timedelta(days=90)
    young = one_call(calls, "Какая гарантия?", "tech", caller="+79610000002")
    clock.moment = START + timedelta(days=91)
    again = opened(address, clock)
    wait_until_deleted(again, 1)
    assert found(again, CallFilter(q="гарантия")) == [young]
    assert found(again, CallFilter(caller="0001")) == []
    assert [again.call(number) for number in (*old, unended)] == [None] * 4
    counts = again.page(CallFilter()).counts
    assert (counts.total, counts.by_source["tech"], counts.by_status["InProgress"]) == (1, 1, 0)
    assert again.next_expiry() == PERIOD.due(START + timedelta(days=90))
    again.close()
    with calls.connection() as connection:
        assert connection.execute(select(TURNS.c.callId)).scalars().all() == [young]
        days = connection.execute(select(func.sum(DAYS.c.calls))).scalar_one()
        assert int(days) == 1
        assert connection.execute(known_by_word(address)).scalar_one() == 1


def known_by_word(address: str) -> TextClause:
    """How many calls the index of words knows under a word of theirs."""
    if address.startswith("sqlite"):
        return text("SELECT coalesce(max(doc), 0) FROM logs_vocabulary WHERE term = 'гарантия'")
    return text("SELECT count(*) FROM logs WHERE words @@ '''гарантия'''::tsquery")


def test_days_without_calls_are_forgotten(calls: CallLog, clock: Clock) -> None:
    one_call(calls, "Какая гарантия?")
    with calls.connection() as connection:
        assert delete_some_old(connection, START + timedelta(days=2)) == 1
        assert delete_some_old(connection, START + timedelta(days=2)) == 0
        assert connection.execute(select(DAYS)).all() == []


def test_very_many_go_in_several_transactions(calls: CallLog, clock: Clock) -> None:
    with calls.connection() as connection:
        one = {
            "callerId": "101", "channelId": "c", "worker": "w", "startTime": START,
            "updatedAt": START, "status": "Completed", "sources": "", "firstQuestion": "",
            "lemmas": "", "transcript_json": "[]",
        }  # fmt: skip
        connection.execute(LOGS.insert(), [one] * 450)
    numbers = []
    while True:
        with calls.connection() as connection:
            numbers.append(delete_some_old(connection, START + timedelta(days=1)))
        if not numbers[-1]:
            break
    assert numbers == [200, 200, 50, 0]


def test_a_call_is_deleted_once_whoever_is_faster(
    calls: CallLog, address: str, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(30):
        one_call(calls, "Какая гарантия?", "tech")
    clock.moment = START + timedelta(days=91)
    caplog.set_level(logging.INFO, "bot.calllog.retention")
    both = [opened(address, clock) for _ in range(2)]
    wait_until_deleted(calls, 0)
    for one in both:
        one.close()
    told = [record.getMessage() for record in caplog.records]
    deleted = [int(line.split("calls=")[1].split()[0]) for line in told if "calls=" in line]
    assert sum(deleted) == 30
    assert not any("1234" in line or "гарантия" in line for line in told)


def test_without_a_period_nothing_is_deleted_and_nothing_is_due(
    calls: CallLog, address: str, clock: Clock
) -> None:
    one_call(calls, "Какая гарантия?")
    clock.moment = START + timedelta(days=40_000)
    again = opened(address, clock, period=None)
    assert again.next_expiry() is None
    again.close()
    assert len(found(calls, CallFilter())) == 1


def test_a_log_without_calls_has_nothing_due(address: str, clock: Clock) -> None:
    calls = opened(address, clock)
    assert calls.next_expiry() is None
    calls.close()
    engine = create_engine(address)
    assert inspect(engine).has_table("logs")
    engine.dispose()


def test_nothing_of_an_old_call_is_left_in_the_file(tmp_path: Path, clock: Clock) -> None:
    address = f"sqlite:///{tmp_path}/log.sqlite"
    calls = CallLog(address, clock=clock)
    one_call(calls, "Какая гарантия? " * 500, "tech", caller="+79613335577")
    calls.close()
    clock.moment = START + timedelta(days=91)
    again = opened(address, clock)
    wait_until_deleted(again, 0)
    again.close()
    files = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"79613335577" not in files
    assert "Какая гарантия?".encode() not in files


def test_the_settings_say_how_long(tmp_path: Path) -> None:
    def settings(**values: object) -> Settings:
        return Settings(_env_file=None, **values)  # type: ignore[call-arg, arg-type]

    assert period_of(settings()) is None
    assert period_of(settings(retention_days_calls=90, timezone="Europe/Moscow")) == PERIOD
    for wrong in (-1, 36_501, "month"):
        with pytest.raises(ValidationError):
            settings(retention_days_calls=wrong)
