"""Calls on the telephone are written behind their backs, whatever becomes of the database."""

import json
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from bot.calllog import CallLog
from bot.calllog.filter import CallFilter
from bot.calllog.row import LoggedCall, OpenCall
from bot.calllog.turns import TURNS
from bot.calllog.unwritten import UnwrittenFile
from bot.calllog.writer import CallWriter
from bot.records import UserLine
from tests.calllog.conftest import START, Clock
from tests.calllog.talk import answered, asked, said_in
from tests.lab.postgres import PostgresServer, postgres_programs

PATIENCE_S = 30.0
"""So long a statement waits for a lock in these tests; no caller may wait as long."""


def eventually(found: Callable[[], bool], limit_s: float = 30.0) -> bool:
    give_up_at = time.monotonic() + limit_s
    while not (holds := found()) and time.monotonic() < give_up_at:
        time.sleep(0.02)
    return holds


def logged(calls: CallLog) -> list[LoggedCall]:
    return calls.calls(CallFilter(order="asc"))[0]


def whole_call(writer: CallWriter, caller: str, words: tuple[str, ...] = ("Алло", "Где?")) -> None:
    number = writer.start_call(caller, f"channel-{caller}", "worker-1")
    for said in words:
        writer.append(number, asked(said))
    writer.end_call(number, "Completed")


@pytest.fixture
def unwritten(tmp_path: Path) -> UnwrittenFile:
    return UnwrittenFile(tmp_path / "kept" / "unwritten.jsonl")


@pytest.fixture
def patient(address: str) -> Iterator[CallLog]:
    """A call log whose statements wait long for a lock."""
    opened = CallLog(address, wait_s=PATIENCE_S)
    opened.check()
    yield opened
    opened.close()


@pytest.fixture
def writer(patient: CallLog, unwritten: UnwrittenFile) -> Iterator[CallWriter]:
    made = CallWriter(patient, unwritten)
    yield made
    made.close()


def lock(address: str) -> Callable[[], None]:
    """Lock the table of the calls against every write; what ends the lock."""
    engine = create_engine(address)
    connection = engine.connect()
    on_sqlite = engine.dialect.name == "sqlite"
    connection.exec_driver_sql("BEGIN EXCLUSIVE" if on_sqlite else "LOCK TABLE logs")

    def release() -> None:
        connection.rollback()
        connection.close()
        engine.dispose()

    return release


def test_a_call_is_in_the_database_from_its_first_second_under_its_number(
    writer: CallWriter, patient: CallLog
) -> None:
    number = writer.start_call("101", "channel", "worker-1")
    while number < 0:  # a busy machine: the number came too late
        writer.end_call(number, "Failed")
        number = writer.start_call("101", "channel", "worker-1")
    assert number in [call.id for call in logged(patient)]
    writer.append(number, asked("Алло"))
    assert eventually(lambda: said_in(patient, number) == ["Алло"])
    writer.end_call(number, "Completed")
    writer.end_call(number, "Failed")
    assert eventually(lambda: logged(patient)[-1].status == "Completed")


def test_nobody_waits_for_a_locked_database_and_nothing_is_lost(
    writer: CallWriter, patient: CallLog, address: str
) -> None:
    already = writer.start_call("100", "channel-100", "worker-1")
    release = lock(address)
    began = time.monotonic()
    for caller in range(101, 111):
        whole_call(writer, str(caller))
    writer.append(already, asked("Ещё здесь"))
    waited_s = time.monotonic() - began
    release()
    assert waited_s < PATIENCE_S / 2  # one statement alone would have waited all of it
    assert eventually(lambda: len(logged(patient)) == 11)
    writer.end_call(already, "Completed")
    assert eventually(lambda: all(call.status == "Completed" for call in logged(patient)))
    words = [[line["text"] for line in json.loads(c.transcript_json)] for c in logged(patient)]
    assert sorted(words) == [["Алло", "Где?"]] * 10 + [["Ещё здесь"]]


def test_a_server_stopped_and_started_again_costs_no_line_and_is_said_once(
    unwritten: UnwrittenFile, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    programs = postgres_programs()
    assert programs is not None, "no PostgreSQL server is installed: run make setup"
    server = PostgresServer(programs)
    try:
        server.start()
        calls = CallLog(server.address)
        writer = CallWriter(calls, unwritten)
        number = writer.start_call("101", "channel", "worker-1")
        assert eventually(lambda: len(logged(calls)) == 1)
        server.stop()
        writer.append(number, asked("Алло"))
        whole_call(writer, "102")
        assert eventually(lambda: "call log away" in caplog.text)
        whole_call(writer, "103")
        server.start()
        writer.append(number, asked("Вы слышите?"))
        writer.end_call(number, "Completed")
        assert eventually(lambda: "call log back" in caplog.text)
        assert eventually(lambda: [c.status for c in logged(calls)] == ["Completed"] * 3)
        first = logged(calls)[0]
        assert said_in(calls, first.id) == ["Алло", "Вы слышите?"]
        writer.close()
        calls.close()
    finally:
        server.remove()
    assert caplog.text.count("call log away") == caplog.text.count("call log back") == 1


def test_what_is_unwritten_at_the_end_is_written_by_the_next_worker(
    tmp_path: Path, unwritten: UnwrittenFile, caplog: pytest.LogCaptureFixture
) -> None:
    address = f"sqlite:///{tmp_path}/log.sqlite"
    calls = CallLog(address, wait_s=0.05)
    writer = CallWriter(calls, unwritten)
    number = writer.start_call("+79610000001", "channel-1", "worker-1")
    known = logged(calls)[0].id
    release = lock(address)
    writer.append(number, asked("Где вы?"))
    writer.append(number, answered("В Уфе.", "general"))
    writer.end_call(number, "Completed")
    whole_call(writer, "+79610000002")
    writer.close()
    calls.close()
    release()
    again = CallLog(address)
    assert [call.status for call in logged(again)] == ["InProgress"]
    assert again.close_orphans("worker-1") == 1
    CallWriter(again, UnwrittenFile(tmp_path / "kept" / "unwritten.jsonl")).close()
    first, second = logged(again)
    assert (first.id, first.status, first.sources) == (known, "Completed", ("general",))
    assert said_in(again, known) == ["Где вы?", "В Уфе."]
    assert (second.caller_id, second.status) == ("+79610000002", "Completed")
    with again.connection() as connection:
        assert connection.execute(TURNS.select()).one().question == "Где вы?"
    again.close()
    assert list((tmp_path / "kept").iterdir()) == []
    assert "7961" not in caplog.text
    assert "Уфе" not in caplog.text


def test_files_of_workers_that_are_no_more_are_taken_up_too(calls: CallLog, tmp_path: Path) -> None:
    paths = [tmp_path / f"unwritten-{number}.jsonl" for number in range(3)]
    for path in paths[:2]:
        call = OpenCall.begun(path.name, path.name, "worker-1", START)
        call.add(asked("строка\u2028и ещё\x85одна"))  # ends of a line to Python, not to JSON
        UnwrittenFile(path).write([call])
    CallWriter(calls, UnwrittenFile(paths[2], paths[:2])).close()
    assert [call.caller_id for call in logged(calls)] == [path.name for path in paths[:2]]
    assert not any(path.exists() for path in paths)


def test_a_file_of_rubbish_keeps_no_worker_from_starting(tmp_path: Path) -> None:
    path = tmp_path / "unwritten.jsonl"
    path.write_bytes(b'{"id": 1}\nnot json\n[]\n\xd0\xd0\n')
    calls = CallLog(f"sqlite:///{tmp_path}/log.sqlite")
    CallWriter(calls, UnwrittenFile(path)).close()
    assert logged(calls) == []
    calls.close()


def test_a_file_that_is_taken_up_twice_adds_no_second_call(calls: CallLog, tmp_path: Path) -> None:
    path = tmp_path / "unwritten.jsonl"
    call = OpenCall.begun("101", "channel", "worker-1", START)
    call.add(asked("Алло"))
    for _killed_before_it_was_removed in range(2):
        UnwrittenFile(path).write([call])
        CallWriter(calls, UnwrittenFile(path)).close()
    (row,) = logged(calls)
    assert (row.status, said_in(calls, row.id)) == ("Failed", ["Алло"])


def limit_pages(calls: CallLog, pages: int) -> None:
    """Let the file grow no further: SQLite knows the limit by connection, and keeps five."""
    with ExitStack() as stack:
        for _ in range(5):
            connection = stack.enter_context(calls.connection())
            connection.execute(text(f"PRAGMA max_page_count={pages}"))


def test_a_full_disk_is_waited_for(
    tmp_path: Path, unwritten: UnwrittenFile, caplog: pytest.LogCaptureFixture
) -> None:
    address = f"sqlite:///{tmp_path}/log.sqlite"
    calls = CallLog(address, wait_s=0.2)
    calls.check()
    with calls.connection() as connection:
        pages = connection.execute(text("PRAGMA page_count")).scalar_one()
    limit_pages(calls, pages)
    writer = CallWriter(calls, unwritten)
    whole_call(writer, "101", tuple(f"{n} " + "слово " * 400 for n in range(20)))
    assert eventually(lambda: "disk is full" in caplog.text)
    limit_pages(calls, 100_000)
    assert eventually(lambda: [c.status for c in logged(calls)] == ["Completed"])
    writer.close()
    calls.close()


@pytest.mark.parametrize("step", [timedelta(hours=1), timedelta(hours=-1)])
def test_a_clock_set_in_the_middle_of_a_call_changes_neither_its_length_nor_its_order(
    calls: CallLog, clock: Clock, unwritten: UnwrittenFile, step: timedelta
) -> None:
    steady = [1000.0]
    writer = CallWriter(calls, unwritten, clock, lambda: steady[0])

    def pass_time(seconds: float) -> datetime:
        steady[0] += seconds
        clock.moment += timedelta(seconds=seconds)
        return clock.moment

    number = writer.start_call("101", "channel", "worker-1")
    writer.append(number, UserLine("до", "до", pass_time(4)))
    clock.moment += step
    writer.append(number, UserLine("после", "после", pass_time(5)))
    pass_time(6)
    writer.end_call(number, "Completed")
    writer.close()
    (call,) = logged(calls)
    assert call.duration_s == 15.0
    lines = json.loads(call.transcript_json)
    assert [line["at"][11:19] for line in lines] == ["09:30:04", "09:30:09"]
    assert call.start_time == START
