"""Deleted calls: unseen at once, back within ten seconds, and then gone from the database."""

import time
from datetime import timedelta
from pathlib import Path

from sqlalchemy import create_engine, func, insert, select, text

from bot.calllog import CallLog
from bot.calllog.filter import CallFilter
from bot.calllog.schema import DAYS, DELETIONS
from bot.records import now
from tests.calllog.conftest import START, Clock
from tests.calllog.talk import answered, asked, found, one_call


def rows(address: str, table: str) -> int:
    engine = create_engine(address)
    with engine.connect() as connection:
        number: int = connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()  # noqa: S608
    engine.dispose()
    return number


def wait_until_carried_out(address: str, clock: Clock) -> CallLog:
    """Another start of the program, which carries out what is due."""
    calls = CallLog(address, wait_s=5, clock=clock)
    while True:
        with calls.connection() as connection:
            if connection.execute(select(DELETIONS)).first() is None:
                return calls
        time.sleep(0.01)


def seen(calls: CallLog, number: int) -> bool:
    listed = number in found(calls, CallFilter())
    assert (calls.call(number) is not None) == listed
    assert (number in found(calls, CallFilter(q="гарантия"))) == listed
    assert (number in [call.id for call in calls.page(CallFilter()).calls]) == listed
    return listed


def test_a_deleted_call_is_unseen_at_once_and_seen_again_when_undone(
    calls: CallLog, clock: Clock
) -> None:
    first, second = (one_call(calls, "Какая гарантия?", "tech") for _ in range(2))
    deletion = calls.delete_call(first)
    assert deletion is not None
    assert deletion.until == START + timedelta(seconds=10)
    assert (seen(calls, first), seen(calls, second)) == (False, True)
    counts = calls.page(CallFilter()).counts
    assert (counts.total, counts.by_source["tech"], counts.by_status["Completed"]) == (1, 1, 1)
    assert calls.delete_call(first) is None
    assert calls.deletions() == [deletion]
    clock.moment += timedelta(seconds=9.9)
    assert calls.undo(deletion.number)
    assert seen(calls, first)
    assert calls.page(CallFilter()).counts.total == 2


def test_after_ten_seconds_it_cannot_be_undone_and_is_gone(
    calls: CallLog, address: str, clock: Clock
) -> None:
    first, second = (one_call(calls, "Какая гарантия?", "tech") for _ in range(2))
    deletion = calls.delete_call(first)
    assert deletion is not None
    clock.moment += timedelta(seconds=10)
    assert not calls.undo(deletion.number)
    assert calls.deletions() == []
    again = wait_until_carried_out(address, clock)
    assert (seen(again, first), seen(again, second)) == (False, True)
    again.close()
    assert (rows(address, "logs"), rows(address, "turns")) == (1, 1)


def test_all_calls_go_and_later_ones_stay(calls: CallLog, address: str, clock: Clock) -> None:
    old = [one_call(calls, "Какая гарантия?", "tech", "general") for _ in range(5)]
    assert calls.delete_calls().call_id is None
    new = one_call(calls, "Какая гарантия?", "tech")
    assert found(calls, CallFilter()) == [new]
    counts = calls.page(CallFilter(q="гарантии")).counts
    assert (counts.total, counts.by_source["general"]) == (1, 0)
    assert calls.page(CallFilter()).counts.by_source["tech"] == 1
    assert calls.neighbours(CallFilter(), new).next is None
    assert [seen(calls, number) for number in old] == [False] * 5
    clock.moment += timedelta(seconds=10)
    again = wait_until_carried_out(address, clock)
    assert found(again, CallFilter()) == [new]
    assert again.page(CallFilter()).counts.total == 1
    again.close()
    assert (rows(address, "logs"), rows(address, "turns")) == (1, 1)


def test_undoing_all_brings_back_all(calls: CallLog) -> None:
    old = [one_call(calls, "Какая гарантия?") for _ in range(3)]
    deletion = calls.delete_calls()
    assert found(calls, CallFilter()) == []
    assert calls.undo(deletion.number)
    assert found(calls, CallFilter(order="asc")) == old
    assert not calls.undo(deletion.number)


def test_the_thread_of_the_log_carries_a_deletion_out_when_it_is_due(address: str) -> None:
    calls = CallLog(address)
    first, second = (one_call(calls, "Какая гарантия?") for _ in range(2))
    almost_due = {"callId": first, "at": now() - timedelta(seconds=9.8)}
    with calls.connection() as connection:
        connection.execute(insert(DELETIONS), almost_due)
    calls.delete_call(second)  # wakes the thread
    while rows(address, "logs") == 2:
        time.sleep(0.02)
    assert rows(address, "log_deletions") == 1
    calls.close()


def test_a_call_deleted_while_it_goes_on_stays_deleted(
    calls: CallLog, address: str, clock: Clock
) -> None:
    number = calls.start_call("101", "channel", "worker-1")
    calls.append(number, asked("Какая гарантия?"))
    assert calls.delete_call(number) is not None
    calls.append(number, answered("Два года.", "tech"))
    clock.moment += timedelta(seconds=10)
    wait_until_carried_out(address, clock).close()
    calls.append(number, asked("А потом?"))
    calls.append(number, answered("Ремонт.", "tech"))
    calls.end_call(number, "Completed")
    assert (rows(address, "logs"), rows(address, "turns")) == (0, 0)


def test_nothing_of_a_deleted_call_is_left_in_the_file(tmp_path: Path, clock: Clock) -> None:
    address = f"sqlite:///{tmp_path}/log.sqlite"
    calls = CallLog(address, clock=clock)
    number = one_call(calls, "Какая гарантия? " * 500, "tech", caller="+79613335577")
    assert calls.delete_call(number) is not None
    calls.close()
    clock.moment += timedelta(seconds=10)
    wait_until_carried_out(address, clock).close()
    files = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"79613335577" not in files
    assert "Какая гарантия?".encode() not in files


def test_the_days_are_counted_as_the_calls_change_and_go(calls: CallLog, clock: Clock) -> None:
    numbers = [one_call(calls, "Какая гарантия?", "tech") for _ in range(3)]
    going_on = calls.start_call("101", "channel", "worker-1")
    with calls.connection() as connection:
        connection.execute(text(f"DELETE FROM logs WHERE id = {numbers[0]}"))  # noqa: S608
        connection.execute(text(f"UPDATE logs SET status = 'Failed' WHERE id = {numbers[1]}"))  # noqa: S608
        days = select(DAYS.c.status, func.sum(DAYS.c.calls)).group_by(DAYS.c.status)
        counted = {status: int(calls) for status, calls in connection.execute(days) if calls}
    assert counted == {"Completed": 1, "Failed": 1, "InProgress": 1}
    assert found(calls, CallFilter(q="гарантия", status="Failed")) == [numbers[1]]
    assert found(calls, CallFilter(status="InProgress")) == [going_on]


def test_a_number_that_no_call_has_cannot_be_deleted(calls: CallLog) -> None:
    for number in (0, -1, 7, 10**30):
        assert calls.delete_call(number) is None
