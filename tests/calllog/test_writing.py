"""How a call gets into the database, on SQLite and PostgreSQL alike."""

import itertools
import json
import signal
import sqlite3
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import create_engine, text

from bot.calllog import CallLog
from bot.calllog.filter import CallFilter
from bot.records import AnswerTrace, BotLine, FoundPassage
from tests.calllog.conftest import START, Clock
from tests.calllog.talk import asked, found, one_call, run_together

ROOT = Path(__file__).parents[2]
CONTRACT = "SELECT id, callerId, startTime, endTime, status, transcript_json FROM logs ORDER BY id"


def test_the_contracts_statement_works_unquoted(calls: CallLog, address: str) -> None:
    number = one_call(calls, "Сколько стоит РЭМ?")
    engine = create_engine(address)
    with engine.connect() as connection:
        row = connection.execute(text(CONTRACT)).one()
    engine.dispose()
    assert (row[0], row[1], row[4]) == (number, "+79610000001", "Completed")
    started = row[2] if isinstance(row[2], datetime) else datetime.fromisoformat(row[2])
    assert started == START
    assert [line["role"] for line in json.loads(row[5])] == ["user"]


def test_a_call_is_in_the_database_from_its_first_second(calls: CallLog) -> None:
    number = calls.start_call("101", "channel-1", "worker-1")
    call = calls.call(number)
    assert call is not None
    assert (call.status, call.start_time, call.end_time) == ("InProgress", START, None)
    assert json.loads(call.transcript_json) == []


def test_each_turn_is_there_as_soon_as_it_is_appended(calls: CallLog) -> None:
    number = calls.start_call("101", "channel-1", "worker-1")
    seen = []
    for words in ("Здравствуйте", "Какая гарантия?", "До свидания"):
        calls.append(number, asked(words))
        call = calls.call(number)
        assert call is not None
        seen.append([line["text"] for line in json.loads(call.transcript_json)])
    assert [len(lines) for lines in seen] == [1, 2, 3]
    assert seen[-1] == ["Здравствуйте", "Какая гарантия?", "До свидания"]


def test_a_line_keeps_its_source_timings_interruption_and_index(calls: CallLog) -> None:
    number = calls.start_call("101", "channel-1", "worker-1")
    trace = AnswerTrace(source="tech", passages=(FoundPassage("tech", "Захваты", 0.8),), release=17)
    timings = {"endpoint": 200.0, "asr": 350.5}
    line = BotLine("До тысячи кН.", START, "answer", trace, timings, True, "До тысячи")  # type: ignore[arg-type]
    calls.append(number, line)
    call = calls.call(number)
    assert call is not None
    row = json.loads(call.transcript_json)[0]
    assert (row["role"], row["source"], row["at"]) == (
        "bot",
        "tech",
        "2025-08-01T09:30:00.000+00:00",
    )
    assert (row["timings_ms"], row["interrupted"], row["heard"]) == (timings, True, "До тысячи")
    assert row["trace"]["release"] == 17
    assert row["trace"]["passages"][0]["relevance"] == 0.8


def test_the_end_of_a_call_gives_its_status_and_duration(calls: CallLog, clock: Clock) -> None:
    number = calls.start_call("101", "channel-1", "worker-1")
    clock.moment = START + timedelta(minutes=1, seconds=5.25)
    calls.end_call(number, "Transferred")
    calls.end_call(number, "Failed")
    call = calls.call(number)
    assert call is not None
    assert (call.status, call.duration_s) == ("Transferred", 65.25)
    assert call.as_json()["endTime"] == "2025-08-01T09:31:05.250+00:00"


KILLED_WORKER = """
import os, signal, sys
from bot.calllog import CallLog
from bot.records import UserLine, now
calls = CallLog(sys.argv[1])
number = calls.start_call("101", "channel-1", "worker-1")
calls.append(number, UserLine("Алло", "алло", now()))
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_worker_loses_nothing_it_had_appended(address: str) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED_WORKER, address], cwd=ROOT, check=False)
    assert killed.returncode == -signal.SIGKILL
    restarted = CallLog(address)
    before = restarted.calls(CallFilter())[0]
    assert [(call.status, call.first_question) for call in before] == [("InProgress", "Алло")]
    assert restarted.close_orphans("worker-1") == 1
    after = restarted.calls(CallFilter())[0]
    restarted.close()
    assert [call.status for call in after] == ["Failed"]
    assert json.loads(after[0].transcript_json)[0]["text"] == "Алло"


def test_only_the_dead_workers_calls_are_closed_as_failed(
    calls: CallLog, address: str, clock: Clock
) -> None:
    finished = one_call(calls, "Вопрос")
    killed = calls.start_call("101", "channel-1", "worker-1")
    others = calls.start_call("102", "channel-2", "worker-2")
    clock.moment = START + timedelta(seconds=40)
    calls.append(killed, asked("Алло"))
    clock.moment = START + timedelta(hours=3)
    restarted = CallLog(address, clock=clock)
    assert restarted.close_orphans("worker-1") == 1
    assert restarted.close_orphans("worker-1") == 0
    states = {number: restarted.call(number) for number in (finished, killed, others)}
    restarted.close()
    assert [call.status for call in states.values() if call] == [
        "Completed",
        "Failed",
        "InProgress",
    ]
    closed = states[killed]
    assert closed is not None
    assert closed.end_time == START + timedelta(seconds=40)
    assert closed.duration_s == 40


def test_text_that_no_database_holds_is_stored_all_the_same(calls: CallLog) -> None:
    number = calls.start_call("10\x001\ud800", "chan\x00nel", "worker-1")
    calls.append(number, asked("нуль \x00 и половина пары \udc00"))
    call = calls.call(number)
    assert call is not None
    assert call.caller_id == "10\ufffd1?"
    assert json.loads(call.transcript_json)[0]["text"] == "нуль \x00 и половина пары ?"
    assert found(calls, CallFilter(q="половина \x00")) == [number]


def test_fifty_calls_written_at_once_are_all_complete(address: str) -> None:
    calls = CallLog(address, wait_s=30)

    def talk(caller: int) -> None:
        number = calls.start_call(str(caller), "channel", "worker-1")
        for turn in range(5):
            calls.append(number, asked(f"вопрос {turn} от {caller}"))
        calls.end_call(number, "Completed")

    run_together(*(lambda caller=caller: talk(caller) for caller in range(50)))
    rows, total = calls.calls(CallFilter(limit=1000))
    calls.close()
    assert total == 50
    for row in rows:
        said = [line["text"] for line in json.loads(row.transcript_json)]
        assert said == [f"вопрос {turn} от {row.caller_id}" for turn in range(5)]


def test_worker_and_admin_may_create_the_schema_at_the_same_moment(address: str) -> None:
    opened: list[CallLog] = []
    run_together(*(lambda: opened.append(CallLog(address, wait_s=10)) for _ in range(6)))
    for calls in opened:
        calls.check()
        calls.close()
    assert len(opened) == 6


def test_sqlite_is_in_wal_mode_with_a_readable_zone(tmp_path: Path) -> None:
    calls = CallLog(f"sqlite:///{tmp_path}/log.sqlite", clock=itertools.repeat(START).__next__)
    calls.start_call("101", "channel", "worker-1")
    with sqlite3.connect(tmp_path / "log.sqlite") as file:
        mode = file.execute("PRAGMA journal_mode").fetchone()[0]
        start, unix = file.execute("SELECT startTime, unixepoch(startTime) FROM logs").fetchone()
    calls.close()
    assert mode == "wal"
    assert start == "2025-08-01 09:30:00.000+00:00"
    assert unix == int(START.timestamp())
