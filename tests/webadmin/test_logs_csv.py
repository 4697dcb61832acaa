"""``/logs/csv``: exactly the calls that the filter shows, readable by Excel and by programs."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from bot.calllog import CallLog
from bot.records import AnswerTrace, BotLine, UserLine
from bot.settings import Settings
from tests.webadmin.conftest import MakeSettings
from webadmin import create_app
from webadmin.logs.csvfile import cell

AT = datetime(2025, 8, 1, 9, 30, 15, 250_000, tzinfo=UTC)


class Clock:
    """One moment for every call."""

    def __call__(self) -> datetime:
        return AT


@pytest.fixture
def calls(settings: Settings) -> Iterator[CallLog]:
    opened = CallLog(settings.database_address, clock=Clock())
    yield opened
    opened.close()


def one_call(calls: CallLog, words: str, caller: str = "+79610000001") -> int:
    number = calls.start_call(caller, "channel", "worker")
    calls.append(number, UserLine(words, "", AT))
    calls.append(number, BotLine("Да; «есть».", AT, trace=AnswerTrace(source="tech")))
    calls.end_call(number, "Completed")
    return number


def rows(client: FlaskClient, query: str = "") -> list[dict[str, str]]:
    answer = client.get(f"/logs/csv{query}")
    assert answer.status_code == 200
    text = answer.get_data().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))


def test_a_call_is_a_row_with_its_dialogue(client: FlaskClient, calls: CallLog) -> None:
    number = one_call(calls, 'Есть "РЭМ"?')
    (row,) = rows(client)
    assert row == {
        "id": str(number),
        "callerId": "+79610000001",
        "startTime": "2025-08-01 12:30:15",
        "endTime": "2025-08-01 12:30:15",
        "durationS": "0",
        "status": "Completed",
        "sources": "tech",
        "firstQuestion": 'Есть "РЭМ"?',
        "dialogue": 'Абонент: Есть "РЭМ"?\nПомощник [tech]: Да; «есть».',
    }


def test_the_file_is_one_that_excel_opens(client: FlaskClient, calls: CallLog) -> None:
    one_call(calls, "Есть?")
    answer = client.get("/logs/csv")
    assert answer.mimetype == "text/csv"
    assert answer.get_data().startswith(b"\xef\xbb\xbfid;callerId;")
    assert answer.get_data().endswith(b"\r\n")
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=calls-20")


def test_exactly_what_is_filtered_is_there_on_all_pages(
    client: FlaskClient, calls: CallLog
) -> None:
    wanted = [one_call(calls, "Какие тарифы?") for _ in range(7)]
    one_call(calls, "Какая гарантия?")
    for query in ("?q=тарифах&limit=2&offset=4", "?q=тариф&sort=durationS&order=asc"):
        numbers = [int(row["id"]) for row in rows(client, query)]
        assert numbers == (wanted if "asc" in query else wanted[::-1])
    assert rows(client, "?q=тарифы&status=Failed") == []


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("-cmd|' /C calc'!A0", "'-cmd|' /C calc'!A0"),
        ("+7-961", "'+7-961"),
        ("\t=1+1", "'\t=1+1"),
        ("+79610000001", "+79610000001"),
        ("-5", "-5"),
        ("+3,5", "+3,5"),
        ("Два + два = 4", "Два + два = 4"),
        ("", ""),
    ],
)
def test_no_cell_is_a_formula_and_numbers_stay_as_they_are(said: str, read: str) -> None:
    (row,) = csv.reader(io.StringIO(cell(said) + ";end\r\n", newline=""), delimiter=";")
    assert row == [read, "end"]


def test_what_callers_say_stays_in_its_cell(client: FlaskClient, calls: CallLog) -> None:
    hostile = '=HYPERLINK("http://x";"y")\r\n;;"new";row\n'
    one_call(calls, hostile, caller="=cmd;1")
    (row,) = rows(client)
    assert row["callerId"] == "'=cmd;1"
    assert row["firstQuestion"] == "'" + hostile
    assert len(row) == 9


def test_a_call_in_progress_and_a_damaged_one_are_in_the_file(
    client: FlaskClient, calls: CallLog, settings: Settings
) -> None:
    damaged, going_on = one_call(calls, "Есть?"), calls.start_call("", "channel", "worker")
    with calls.connection() as connection:
        connection.exec_driver_sql(
            "UPDATE logs SET transcript_json = '{}' WHERE id = ?", (damaged,)
        )
    found = {int(row["id"]): row for row in rows(client)}
    assert (found[going_on]["endTime"], found[going_on]["durationS"]) == ("", "")
    assert found[damaged]["dialogue"] == "{}"


def test_a_wrong_filter_is_refused_before_the_file_begins(client: FlaskClient) -> None:
    assert client.get("/logs/csv?date_from=вчера").status_code == 400


def test_a_database_that_is_away_is_said_before_the_file_begins(
    make_settings: MakeSettings,
) -> None:
    settings = make_settings(database_url="postgresql+psycopg://lab@127.0.0.1:1/none")
    assert create_app(settings).test_client().get("/logs/csv").status_code == 503


def test_the_file_is_sent_while_it_is_made(app: Flask, calls: CallLog, tmp_path: Path) -> None:
    for _ in range(450):
        calls.end_call(calls.start_call("101", "channel", "worker"), "Completed")
    answer = app.test_client().get("/logs/csv", buffered=False)
    pieces = [len(piece) for piece in answer.iter_encoded()]
    assert len(pieces) >= 4  # the heading, and the calls two hundred at a time
    assert max(pieces) < sum(pieces) / 2
