"""``/logs`` and ``/logs/<id>`` as programs rely on them."""

import json
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from bot.calllog import CallLog
from bot.records import AnswerTrace, BotLine, UserLine
from bot.settings import Settings
from tests.webadmin.conftest import MakeSettings
from webadmin import create_app

MIDNIGHT = datetime(2025, 7, 31, 21, 0, tzinfo=UTC)
"""Midnight of 2025-08-01 in Moscow."""


class Clock:
    """Moments that a test chooses."""

    moment = MIDNIGHT

    def __call__(self) -> datetime:
        return self.moment


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def calls(settings: Settings, clock: Clock) -> CallLog:
    return CallLog(settings.database_address, clock=clock)


def numbers(client: FlaskClient, **query: str | int) -> list[int]:
    answer = client.get("/logs", query_string=query)
    assert answer.status_code == 200, answer.text
    return [call["id"] for call in answer.get_json()]


def test_an_empty_log_is_an_empty_array(client: FlaskClient) -> None:
    answer = client.get("/logs")
    assert (answer.get_json(), answer.headers["X-Total-Count"]) == ([], "0")


def test_a_call_has_the_fields_of_the_contract(client: FlaskClient, calls: CallLog) -> None:
    number = calls.start_call("+79610000001", "channel-1", "worker-1")
    calls.append(number, UserLine("5 мм/с", "пять миллиметров в секунду", MIDNIGHT))
    calls.append(number, BotLine("Да.", MIDNIGHT, trace=AnswerTrace(source="tech")))
    calls.end_call(number, "Completed")
    (call,) = client.get("/logs").get_json()
    assert (call["id"], call["callerId"], call["status"]) == (number, "+79610000001", "Completed")
    assert datetime.fromisoformat(call["startTime"]) == MIDNIGHT
    assert call["startTime"].endswith("+00:00")
    lines = json.loads(call["transcript_json"])
    assert [(line["role"], line["text"], line["source"]) for line in lines] == [
        ("user", "5 мм/с", None),
        ("bot", "Да.", "tech"),
    ]
    assert (call["sources"], call["firstQuestion"]) == (["tech"], "5 мм/с")
    assert client.get(f"/logs/{number}").get_json() == call


def test_a_call_in_progress_has_no_end(client: FlaskClient, calls: CallLog) -> None:
    number = calls.start_call("101", "channel-1", "worker-1")
    call = client.get(f"/logs/{number}").get_json()
    assert (call["status"], call["endTime"], call["durationS"]) == ("InProgress", None, None)


def test_newest_first_unless_asked_otherwise(
    client: FlaskClient, calls: CallLog, clock: Clock
) -> None:
    made = []
    for minutes in (5, 1, 3):
        clock.moment = MIDNIGHT + timedelta(minutes=minutes)
        made.append(calls.start_call("101", "channel", "worker"))
    assert numbers(client) == [made[0], made[2], made[1]]
    assert numbers(client, order="asc") == [made[1], made[2], made[0]]
    assert numbers(client, sort="id") == made[::-1]


def test_limit_and_offset_cut_and_the_total_stays(client: FlaskClient, calls: CallLog) -> None:
    made = [calls.start_call("101", "channel", "worker") for _ in range(5)][::-1]
    answer = client.get("/logs?limit=2&offset=2")
    assert [call["id"] for call in answer.get_json()] == made[2:4]
    assert answer.headers["X-Total-Count"] == "5"
    assert numbers(client, offset=100) == []


def test_filters_work_together(client: FlaskClient, calls: CallLog) -> None:
    wanted = calls.start_call("+79610000001", "channel", "worker")
    calls.append(wanted, UserLine("Какая ГАРАНТИЯ?", "", MIDNIGHT))
    calls.append(wanted, BotLine("Два года.", MIDNIGHT, trace=AnswerTrace(source="general")))
    calls.end_call(wanted, "Completed")
    calls.end_call(calls.start_call("+79610000002", "channel", "worker"), "NoInput")
    query = {"q": "гарантия", "status": "Completed", "source": "general", "caller": "0001"}
    assert numbers(client, **query) == [wanted]
    for field, other in {
        "q": "ремонт",
        "status": "Failed",
        "source": "tech",
        "caller": "9",
    }.items():
        expected = [wanted] if field == "caller" else []
        assert numbers(client, **{**query, field: other}) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"date_from": "2025-08-01"}, [0, 1, 2]),
        ({"date_to": "2025-08-01"}, [-1, 0, 1]),
        ({"date_from": "2025-08-01", "date_to": "2025-08-01"}, [0, 1]),
        ({"date_from": "2025-08-01T00:00:00Z"}, [1, 2]),
        ({"date_from": "2025-08-01T00:00:00+03:00"}, [0, 1, 2]),
        ({"date_from": "2025-08-01T12:00:00"}, [1, 2]),
        ({"date_to": "2025-08-01T00:00:00"}, [-1, 0]),
        ({"date_to": "2025-07-31T20:59:59Z"}, [-1]),
        ({"date_from": "0001-01-01", "date_to": "9999-12-31"}, [-1, 0, 1, 2]),
        ({"date_from": "2025-08-02", "date_to": "2025-08-01"}, []),
        ({"date_from": "", "date_to": " "}, [-1, 0, 1, 2]),
    ],
)
def test_dates_are_days_of_the_operators_zone_unless_they_name_one(
    client: FlaskClient,
    calls: CallLog,
    clock: Clock,
    query: dict[str, str],
    expected: list[int],
) -> None:
    """Calls: a second before midnight of August 1st (Moscow), at it, at 23:59:59.999, after."""
    day = timedelta(days=1)
    moments = {
        -1: MIDNIGHT - timedelta(seconds=1),
        0: MIDNIGHT,
        1: MIDNIGHT + day - timedelta(milliseconds=1),
        2: MIDNIGHT + day,
    }
    made = {}
    for name, moment in moments.items():
        clock.moment = moment
        made[calls.start_call("101", "channel", "worker")] = name
    assert [made[number] for number in numbers(client, order="asc", **query)] == expected


def test_a_plus_that_became_a_space_is_still_a_zone(client: FlaskClient, calls: CallLog) -> None:
    number = calls.start_call("101", "channel", "worker")
    found = client.get("/logs?date_from=2025-08-01T00:00:00+03:00").get_json()
    assert [call["id"] for call in found] == [number]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("date_from", "вчера"),
        ("date_from", "2025-13-01"),
        ("date_to", "2025-08-01T25:00"),
        ("date_to", "2025-08-01T00:00:00+99:00"),
        ("status", "completed"),
        ("status", "'; DROP TABLE logs; --"),
        ("source", "both"),
        ("sort", "transcript_json"),
        ("order", "up"),
        ("limit", "0"),
        ("limit", "-1"),
        ("limit", "1e3"),
        ("limit", "1001"),
        ("limit", "٣"),
        pytest.param("limit", "9" * 5000, id="limit-of-5000-digits"),
        ("offset", "-1"),
        ("offset", "99999999999999999999"),
        pytest.param("q", "я" * 201, id="q-of-201-letters"),
    ],
)
def test_a_value_that_cannot_be_meant_is_refused_by_name(
    client: FlaskClient, field: str, value: str
) -> None:
    for path in ("/logs", "/logs-ui/"):
        answer = client.get(path, query_string={field: value})
        assert answer.status_code == 400
        assert field in answer.text
    error = client.get("/logs", query_string={field: value}).get_json()["error"]
    assert error["code"] == "bad_request"


@pytest.mark.parametrize("path", ["/logs?q=%00", "/logs?caller=%ff%fe", "/logs?q=%ED%A0%80&x=1"])
def test_odd_bytes_find_nothing_and_break_nothing(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert isinstance(answer.get_json(), list)


@pytest.mark.parametrize("number", ["0", "7", "9" * 30])
def test_a_call_that_is_not_there_is_404(client: FlaskClient, number: str) -> None:
    answer = client.get(f"/logs/{number}")
    assert answer.status_code == 404
    assert answer.get_json()["error"]["code"] == "not_found"


def test_a_database_that_is_away_is_503(make_settings: MakeSettings) -> None:
    settings = make_settings(database_url="postgresql+psycopg://lab@127.0.0.1:1/none")
    answer = create_app(settings).test_client().get("/logs")
    assert answer.status_code == 503
    assert answer.get_json()["error"]["code"] == "service_unavailable"


def test_reading_goes_on_while_another_writes(
    client: FlaskClient, calls: CallLog, tmp_path: Path
) -> None:
    number = calls.start_call("101", "channel", "worker")
    writer = sqlite3.connect(tmp_path / "log.sqlite", isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    assert numbers(client) == [number]
    writer.close()
