"""A database of the first version: brought up where it is, with nothing lost."""

import json
import re
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, select, text

from bot.calllog import CallLog
from bot.calllog.engine import open_engine
from bot.calllog.filter import CallFilter
from bot.calllog.preparing import Preparation, UpgradingError
from bot.calllog.schema import STATE
from bot.calllog.turns import TURNS
from bot.errors import SettingError
from bot.records import AnswerTrace, BotLine, Line, line_as_json
from tests.calllog.conftest import START
from tests.calllog.talk import asked, found, one_call, run_together

NUMBER = {
    "sqlite": "INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT",
    "postgresql": "BIGSERIAL PRIMARY KEY",
}
MOMENT = {"sqlite": "VARCHAR(32)", "postgresql": "TIMESTAMP WITH TIME ZONE"}
FIRST_VERSION = """
CREATE TABLE logs (
    id {number}, callerId TEXT NOT NULL, channelId TEXT NOT NULL, worker TEXT NOT NULL,
    startTime {moment} NOT NULL, endTime {moment}, updatedAt {moment} NOT NULL, durationS FLOAT,
    status VARCHAR(16) NOT NULL, sources VARCHAR(32) NOT NULL, firstQuestion TEXT NOT NULL,
    transcript_json TEXT NOT NULL, searchText TEXT NOT NULL
);
CREATE INDEX logs_by_start ON logs (startTime);
CREATE INDEX logs_by_status ON logs (status, startTime);
CREATE INDEX logs_by_worker ON logs (worker, status)
"""
INSERT = """
INSERT INTO logs (callerId, channelId, worker, startTime, endTime, updatedAt, durationS, status,
    sources, firstQuestion, transcript_json, searchText)
VALUES (:caller, 'channel', 'worker-1', :start, :end, :end, :seconds, :status, 'tech', 'вопрос',
    :transcript, 'сколько стоят\nвсе тарифы (с ндс)')
"""
LINES: tuple[Line, ...] = (
    asked("Сколько стоят ТАРИФЫ?"),
    BotLine("Тысячу рублей.", START, trace=AnswerTrace(source="tech", release=3)),
)
CALLS = 120


def old_call(place: int, **changes: Any) -> dict[str, Any]:
    start = START + timedelta(minutes=place)
    lines = [line_as_json(line) for line in LINES]
    return {
        "caller": f"+7961000{place:04}",
        "start": start.isoformat(sep=" ", timespec="milliseconds"),
        "end": (start + timedelta(seconds=30)).isoformat(sep=" ", timespec="milliseconds"),
        "seconds": 30.0,
        "status": "Completed",
        "transcript": json.dumps(lines, ensure_ascii=False),
        **changes,
    }


@pytest.fixture
def old(address: str) -> Iterator[Engine]:
    """Some calls, a minute apart, as the first version wrote them; the last is in progress."""
    if address.startswith("sqlite"):
        Path(address.removeprefix("sqlite:///")).parent.mkdir(parents=True)
    engine = create_engine(address)
    with engine.begin() as connection:
        kind = engine.dialect.name
        for statement in FIRST_VERSION.split(";"):
            made = statement.format(number=NUMBER[kind], moment=MOMENT[kind])
            connection.execute(text(made))
        rows = [old_call(place) for place in range(CALLS - 1)]
        connection.execute(text(INSERT), rows)
        connection.execute(text(INSERT), old_call(CALLS - 1, status="InProgress", seconds=None))
    yield engine
    engine.dispose()


def wait_until_read(calls: CallLog) -> None:
    """Every opening of a call log goes on with what is unread."""
    while True:
        with calls.connection() as connection:
            if connection.execute(select(STATE).where(STATE.c.name == "unread")).first() is None:
                return
        time.sleep(0.01)


@pytest.mark.usefixtures("old")
def test_old_calls_are_listed_and_counted_at_once_and_found_soon(address: str) -> None:
    calls = CallLog(address, wait_s=10)
    page = calls.page(CallFilter(limit=50, offset=100))
    assert [call.id for call in page.calls] == list(range(CALLS - 100, 0, -1))
    assert page.counts.by_status["Completed"] == CALLS - 1
    assert page.counts.by_source == {"general": 0, "tech": CALLS, "none": 0}
    wait_until_read(calls)
    assert len(found(calls, CallFilter(q="тариф", limit=1000))) == CALLS
    assert found(calls, CallFilter(q="все")) == []  # said by the old column, not by the caller
    assert found(calls, CallFilter(q="стоит", caller="0113")) == [114]
    calls.close()


@pytest.mark.usefixtures("old")
def test_old_answers_become_turns(address: str) -> None:
    calls = CallLog(address, wait_s=10)
    wait_until_read(calls)
    with calls.connection() as connection:
        turns = connection.execute(select(TURNS).order_by(TURNS.c.callId)).all()
    calls.close()
    assert [turn.callId for turn in turns] == list(range(1, CALLS + 1))
    assert {(turn.question, turn.source, turn.release) for turn in turns} == {
        ("Сколько стоят ТАРИФЫ?", "tech", 3)
    }


def test_nothing_of_an_old_call_changes(old: Engine, address: str) -> None:
    def contract() -> list[tuple[Any, ...]]:
        names = "id, callerId, startTime, endTime, status, transcript_json"
        with old.connect() as connection:
            rows = connection.execute(text(f"SELECT {names} FROM logs ORDER BY id"))  # noqa: S608
            return [tuple(row) for row in rows]

    before = contract()
    calls = CallLog(address, wait_s=10)
    wait_until_read(calls)
    calls.close()
    assert contract() == before


def test_damaged_dialogues_do_not_stop_the_others(old: Engine, address: str) -> None:
    damaged = (
        "не JSON",
        "{}",
        '["слово"]',
        '[{"role": "bot", "kind": "answer", "trace": {"a": 1}}]',
    )
    with old.begin() as connection:
        connection.execute(text(INSERT), [old_call(500, transcript=one) for one in damaged])
    calls = CallLog(address, wait_s=10)
    wait_until_read(calls)
    assert len(found(calls, CallFilter(q="тарифы", limit=1000))) == CALLS
    assert calls.calls(CallFilter())[1] == CALLS + len(damaged)
    calls.close()


@pytest.mark.usefixtures("old")
def test_a_call_that_ends_before_it_is_read_is_found_as_it_ended(address: str) -> None:
    calls = CallLog(address, wait_s=10)
    assert calls.close_orphans("worker-1") == 1
    wait_until_read(calls)
    assert found(calls, CallFilter(q="тарифы", status="InProgress")) == []
    assert found(calls, CallFilter(q="тарифы", status="Failed")) == [CALLS]
    calls.close()


@pytest.mark.usefixtures("old")
def test_worker_and_admin_may_bring_it_up_at_the_same_moment(address: str) -> None:
    opened: list[CallLog] = []
    run_together(*(lambda: opened.append(CallLog(address, wait_s=30)) for _ in range(3)))
    new = one_call(opened[0], "Какие тарифы?")
    for calls in opened:
        wait_until_read(calls)
        assert calls.calls(CallFilter(q="тарифы"))[1] == CALLS + 1
        assert found(calls, CallFilter(limit=1)) == [new]
        calls.close()


@pytest.mark.usefixtures("old")
def test_nobody_waits_for_a_long_upgrade_and_its_steps_are_told(
    address: str, caplog: pytest.LogCaptureFixture
) -> None:
    held, engine = create_engine(address), open_engine(address, wait_s=60)
    engine.connect().close()  # SQLite: its journal is a WAL from now on
    ready = threading.Event()
    with caplog.at_level("INFO"), held.connect() as connection:
        is_sqlite = held.dialect.name == "sqlite"
        lock = "BEGIN IMMEDIATE" if is_sqlite else "LOCK TABLE logs IN ACCESS EXCLUSIVE MODE"
        connection.exec_driver_sql(lock)
        preparation = Preparation(engine, ready.set, patience_s=0.1)
        with pytest.raises(UpgradingError, match="на новую версию"):
            preparation.wait()
        connection.rollback()
        assert ready.wait(30)
    engine.dispose()
    held.dispose()
    steps = re.findall(r"event=log_upgrade step=(\d+) of=(\d+)", caplog.text)
    assert [int(number) for number, _ in steps] == list(range(1, int(steps[0][1]) + 1))
    assert "event=log_upgraded" in caplog.text


def test_a_database_of_a_later_version_is_refused(calls: CallLog, address: str) -> None:
    with calls.connection() as connection:
        connection.execute(STATE.update().where(STATE.c.name == "schema").values(value=1000))
    with pytest.raises(SettingError, match="later version"):
        CallLog(address)
