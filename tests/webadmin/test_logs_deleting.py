"""Deleting calls by the interface and from pages: only with the key, and not at once for ever."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from bot.calllog import CallLog
from bot.records import now
from tests.webadmin.conftest import MakeSettings
from webadmin import create_app

KEY = {"X-API-Key": "ключ".encode().decode("latin-1")}
HTMX = {"HX-Request": "true"}


@pytest.fixture
def app(make_settings: MakeSettings) -> Flask:
    return create_app(make_settings(api_secret_key="ключ"))


def call(calls: CallLog) -> int:
    number = calls.start_call("101", "channel", "worker")
    calls.end_call(number, "Completed")
    return number


def numbers(client: FlaskClient) -> list[int]:
    return [one["id"] for one in client.get("/logs").get_json()]


@pytest.mark.parametrize("path", ["/logs", "/logs/1"])
def test_nothing_is_deleted_without_the_key(client: FlaskClient, calls: CallLog, path: str) -> None:
    number = call(calls)
    assert client.delete(path).status_code == 401
    assert client.delete(path, headers={"X-API-Key": "other"}).status_code == 401
    assert numbers(client) == [number]


def test_a_call_is_deleted_and_brought_back(client: FlaskClient, calls: CallLog) -> None:
    first, second = call(calls), call(calls)
    answer = client.delete(f"/logs/{first}", headers=KEY)
    assert answer.status_code == 200
    assert numbers(client) == [second]
    assert client.get(f"/logs/{first}").status_code == 404
    assert client.get(f"/logs-ui/{first}").status_code == 404
    assert client.delete(f"/logs/{first}", headers=KEY).status_code == 404
    assert client.post(answer.get_json()["undo"]).status_code == 401
    assert client.post(answer.get_json()["undo"], headers=KEY).status_code == 200
    assert numbers(client) == [second, first]


def test_all_calls_are_deleted_and_brought_back(client: FlaskClient, calls: CallLog) -> None:
    made = [call(calls) for _ in range(3)]
    answer = client.delete("/logs", headers=KEY)
    assert numbers(client) == []
    assert client.get("/logs").headers["X-Total-Count"] == "0"
    client.post(answer.get_json()["undo"], headers=KEY)
    assert numbers(client) == made[::-1]


def test_what_is_over_cannot_be_brought_back(client: FlaskClient) -> None:
    answer = client.post("/logs/deletions/7/undo", headers=KEY)
    assert answer.status_code == 409
    assert "десяти секунд" in answer.get_json()["error"]["message"]


@pytest.mark.parametrize("number", ["0", "7", "9" * 30])
def test_a_call_that_is_not_there_cannot_be_deleted(client: FlaskClient, number: str) -> None:
    answer = client.delete(f"/logs/{number}", headers=KEY)
    assert answer.status_code == 404
    assert answer.get_json()["error"]["code"] == "not_found"


def test_the_list_offers_the_way_back_to_whoever_opens_it(
    app: Flask, client: FlaskClient, calls: CallLog
) -> None:
    number = call(calls)
    answer = client.delete(f"/logs/{number}", headers=KEY | HTMX)
    assert answer.status_code == 204
    assert "calls-changed" in answer.headers["HX-Trigger"]
    page = app.test_client().get("/logs-ui/").text
    assert f"Звонок № {number} удалён." in page
    assert "/undo" in page


def test_ten_seconds_later_nothing_is_offered(
    client: FlaskClient, calls: CallLog, make_settings: MakeSettings
) -> None:
    number = call(calls)
    early = CallLog(make_settings().database_address, clock=lambda: now() - timedelta(seconds=11))
    early.delete_call(number)
    early.close()
    assert "/undo" not in client.get("/logs-ui/").text
    assert numbers(client) == []


def test_the_page_of_a_deleted_call_gives_way_to_the_list(
    client: FlaskClient, calls: CallLog
) -> None:
    number = call(calls)
    headers = KEY | HTMX | {"X-Leave-Page": "1"}
    answer = client.delete(f"/logs/{number}", headers=headers)
    assert answer.headers["HX-Redirect"] == "/logs-ui/"
