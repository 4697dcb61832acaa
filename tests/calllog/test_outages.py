"""What the call log does when its database is locked, away or wrong."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.calllog import CallLog, CallLogError
from bot.calllog.filter import CallFilter
from bot.calllog.turns import TURNS
from bot.errors import SettingError
from tests.calllog.talk import answered, asked, said_in
from tests.lab.postgres import PostgresServer, postgres_programs


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[tuple[CallLog, sqlite3.Connection]]:
    """A call log and another connection that can lock its file for as long as it likes."""
    path = tmp_path / "log.sqlite"
    calls = CallLog(f"sqlite:///{path}", wait_s=0.05)
    other = sqlite3.connect(path, isolation_level=None)
    yield calls, other
    other.close()
    calls.close()


def test_what_a_locked_database_refused_is_written_with_the_next_line(
    locked: tuple[CallLog, sqlite3.Connection],
) -> None:
    calls, other = locked
    number = calls.start_call("101", "channel", "worker-1")
    calls.append(number, asked("первый"))
    other.execute("BEGIN IMMEDIATE")
    for words in ("второй", "третий"):
        with pytest.raises(CallLogError, match="locked"):
            calls.append(number, asked(words))
    assert said_in(calls, number) == ["первый"]
    other.execute("ROLLBACK")
    calls.append(number, asked("четвёртый"))
    assert said_in(calls, number) == ["первый", "второй", "третий", "четвёртый"]


def test_an_answer_that_a_locked_database_refused_is_a_turn_once(
    locked: tuple[CallLog, sqlite3.Connection],
) -> None:
    calls, other = locked
    number = calls.start_call("101", "channel", "worker-1")
    calls.append(number, asked("Где вы?"))
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(CallLogError, match="locked"):
        calls.append(number, answered("В Уфе."))
    other.execute("ROLLBACK")
    for line in (asked("Спасибо"), answered("Ждём."), asked("До свидания")):
        calls.append(number, line)
    with calls.connection() as connection:
        questions = connection.execute(select(TURNS.c.question).order_by(TURNS.c.line)).scalars()
        assert list(questions) == ["Где вы?", "Спасибо"]


def test_a_call_that_began_while_the_database_was_locked_gets_in_later(
    locked: tuple[CallLog, sqlite3.Connection],
) -> None:
    calls, other = locked
    other.execute("BEGIN IMMEDIATE")
    numbers = [calls.start_call(caller, "channel", "worker-1") for caller in ("101", "102")]
    assert len(set(numbers)) == 2
    other.execute("ROLLBACK")
    for number in numbers:
        calls.append(number, asked("Алло"))
        calls.append(number, asked("Вы слышите?"))
    rows, total = calls.calls(CallFilter(order="asc"))
    assert total == 2
    assert {row.caller_id for row in rows} == {"101", "102"}
    assert all(len(json.loads(row.transcript_json)) == 2 for row in rows)


@pytest.mark.parametrize("another_call_writes", [True, False])
def test_an_end_that_could_not_be_written_is_written_later(
    locked: tuple[CallLog, sqlite3.Connection], another_call_writes: bool
) -> None:
    calls, other = locked
    number = calls.start_call("101", "channel", "worker-1")
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(CallLogError):
        calls.end_call(number, "Completed")
    assert calls.write_unwritten() == 1
    other.execute("ROLLBACK")
    if another_call_writes:
        calls.start_call("102", "channel", "worker-1")
    else:
        assert calls.write_unwritten() == 0
    call = calls.call(number)
    assert call is not None
    assert call.status == "Completed"


def test_a_server_that_goes_away_and_comes_back_loses_no_line() -> None:
    programs = postgres_programs()
    if programs is None:
        pytest.fail("no PostgreSQL server is installed: run make setup")
    server = PostgresServer(programs)
    try:
        calls = CallLog(server.address)  # not started yet: said in the log, tried again later
        with pytest.raises(CallLogError):
            calls.check()
        server.start()
        number = calls.start_call("101", "channel", "worker-1")
        server.stop()
        with pytest.raises(CallLogError):
            calls.append(number, asked("Алло"))
        server.start()
        calls.append(number, asked("Вы слышите?"))
        assert said_in(calls, number) == ["Алло", "Вы слышите?"]
        calls.close()
    finally:
        server.remove()


def test_an_error_tells_neither_the_words_nor_the_password(tmp_path: Path) -> None:
    calls = CallLog(f"sqlite:///{tmp_path}/log.sqlite", wait_s=0.05)
    number = calls.start_call("+79610000001", "channel", "worker-1")
    other = sqlite3.connect(tmp_path / "log.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(CallLogError) as caught:
        calls.append(number, asked("секретные слова"))
    other.close()
    calls.close()
    assert "секретные" not in str(caught.value)
    assert "7961" not in str(caught.value)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ("not an address", "DATABASE_URL"),
        ("mysql://user:secret@host/db", "DATABASE_URL"),
        ("postgresql+nodriver://user:secret@host/db", "DATABASE_URL"),
        ("sqlite://", "DATABASE_URL"),
        ("sqlite:////dev/null/log.sqlite", "DB_PATH"),
        ("sqlite:////tmp", "DB_PATH"),
    ],
)
def test_an_address_that_can_never_work_is_refused_in_one_line(wrong: str, named: str) -> None:
    with pytest.raises(SettingError) as caught:
        CallLog(wrong)
    message = str(caught.value)
    assert message.startswith(named)
    assert "\n" not in message
    assert "secret" not in message


def test_a_file_that_is_not_a_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "log.sqlite"
    path.write_text("не база данных " * 100, encoding="utf-8")
    with pytest.raises(SettingError, match="not a database"):
        CallLog(f"sqlite:///{path}")
