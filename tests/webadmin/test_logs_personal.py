"""Personal data is masked for whoever has not given the key: on pages, in JSON and in CSV."""

import json
import logging
import re
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from bot.calllog import CallLog
from bot.records import AnswerTrace, BotLine, UserLine
from bot.settings import Settings
from tests.webadmin.axe import axe
from tests.webadmin.browser import Browser
from tests.webadmin.conftest import MakeSettings
from tests.webadmin.frame.dialog import ASKED, KEY
from tests.webadmin.serving import served
from webadmin import create_app
from webadmin.logs.keeping import kept_words

AT = datetime(2025, 8, 1, 9, 30, tzinfo=UTC)
HEADERS = {"X-API-Key": KEY.encode().decode("latin-1")}  # as WSGI hands bytes over
SECRETS = ("1234567", "123-45-67", "ivan@mail.ru", "6543210", "собака")


@pytest.fixture
def settings(make_settings: MakeSettings) -> Settings:
    return make_settings(api_secret_key=KEY, mask_personal_data=True)


@pytest.fixture
def number(calls: CallLog) -> int:
    """A caller who tells everything, and was told what another caller had asked."""
    call = calls.start_call("+79611234567", "channel-1", "worker-1")
    question = "Гарантия? Мой номер 8 916 123-45-67, почта ivan@mail.ru"
    calls.append(call, UserLine(question, "гарантия номер иван собака мейл точка ру", AT))
    trace = AnswerTrace(source="tech", same_as="Какая гарантия? 8 916 654-32-10 или 89166543210")
    calls.append(call, BotLine("Перезвоним на 8 916 123-45-67, ждите.", AT, trace=trace,
                               interrupted=True, heard="Перезвоним на 8 916 123"))  # fmt: skip
    calls.end_call(call, "Completed")
    return call


def paths(number: int) -> list[str]:
    return ["/logs-ui/", "/logs-ui/?q=гарантия", f"/logs-ui/{number}", f"/logs-ui/{number}?q=номер",
            "/logs", f"/logs/{number}", "/logs/csv"]  # fmt: skip


def test_nothing_personal_is_read_without_the_key(client: FlaskClient, number: int) -> None:
    for path in paths(number):
        answer = client.get(path)
        assert answer.status_code == 200
        assert [secret for secret in SECRETS if secret in answer.text] == [], path
        assert "+7961***4567" in answer.text


def test_the_live_page_which_is_one_for_all_shows_nothing_personal(
    client: FlaskClient, calls: CallLog
) -> None:
    call = calls.start_call("+79611234567", "ws", "worker-1")
    calls.append(call, UserLine("Мой номер 8 916 123-45-67", "", AT))
    page = client.get("/logs-ui/live").text
    assert "+7961***4567" in page
    assert [secret for secret in SECRETS if secret in page] == []
    client.post("/logs-ui/personal/show", headers=HEADERS)
    assert "+79611234567" not in client.get("/logs-ui/live").text


def test_the_key_shows_a_program_everything(client: FlaskClient, number: int) -> None:
    (call,) = client.get("/logs", headers=HEADERS).get_json()
    assert call["callerId"] == "+79611234567"
    assert "123-45-67" in call["transcript_json"]
    assert "+79611234567" in client.get("/logs/csv", headers=HEADERS).text
    assert client.get(f"/logs/{number}", headers=HEADERS).get_json() == call


def test_a_wrong_key_is_told_to_be_wrong_and_is_limited(client: FlaskClient, number: int) -> None:
    answers = [client.get("/logs", headers={"X-API-Key": "guess"}) for _ in range(12)]
    assert [answer.status_code for answer in answers] == [401] * 10 + [429] * 2
    assert all("7961" not in answer.text for answer in answers)


def test_a_masked_call_is_still_a_call_of_the_contract(client: FlaskClient, number: int) -> None:
    call = client.get(f"/logs/{number}").get_json()
    assert set(call) > {"id", "callerId", "startTime", "endTime", "status", "transcript_json"}
    lines = json.loads(call["transcript_json"])
    assert [line["role"] for line in lines] == ["user", "bot"]
    assert lines[1]["source"] == "tech"
    assert lines[1]["text"].startswith(lines[1]["heard"])


def test_the_key_shows_an_operator_everything_in_that_browser_for_an_hour(
    app: Flask, number: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    client, other = app.test_client(), app.test_client()
    assert client.post("/logs-ui/personal/show").status_code == 401
    shown = client.post("/logs-ui/personal/show", headers=HEADERS)
    assert shown.headers["HX-Refresh"] == "true"
    for path in paths(number):
        assert "+79611234567" in client.get(path).text
        assert "+79611234567" not in other.get(path).text
    assert re.search(
        r"Личные данные видны в этом браузере до \d\d:\d\d", client.get("/logs-ui/").text
    )
    told = [line for line in caplog.messages if "event=personal_data_shown" in line]
    assert len(told) == 1
    assert "7961" not in "".join(caplog.messages)
    with client.session_transaction() as session:
        session["personal"][0] = "2099-01-01T00:00:00+00:00"
        session.modified = True
    assert "+79611234567" not in client.get("/logs-ui/").text


def test_a_new_key_hides_everything_again(
    make_settings: MakeSettings, number: int, settings: Settings
) -> None:
    client = create_app(settings).test_client()
    client.post("/logs-ui/personal/show", headers=HEADERS)
    again = create_app(make_settings(api_secret_key="new", mask_personal_data=True)).test_client()
    cookie = client.get_cookie("metrotech_voice")
    assert cookie is not None
    again.set_cookie("metrotech_voice", cookie.value)
    assert "+79611234567" not in again.get("/logs-ui/").text


@pytest.mark.parametrize(
    "query", ["caller=7961", "caller=1", "q=89161234567", "q=8916*", "q=номер 89161"]
)
@pytest.mark.parametrize("path", ["/logs", "/logs/csv", "/logs-ui/", "/logs-ui/news", "/logs-ui/1"])
def test_what_is_hidden_cannot_be_guessed_by_searching(
    client: FlaskClient, number: int, path: str, query: str
) -> None:
    answer = client.get(f"{path}?{query}")
    assert answer.status_code == 403
    assert "Номера скрыты" in answer.text
    assert client.get(f"{path}?{query}", headers=HEADERS).status_code in (200, 204)


def test_without_a_key_on_the_server_nobody_sees(make_settings: MakeSettings, number: int) -> None:
    client = create_app(make_settings(mask_personal_data=True)).test_client()
    assert client.post("/logs-ui/personal/show", headers=HEADERS).status_code == 403
    assert client.get("/logs", headers=HEADERS).status_code == 403
    assert "+7961***4567" in client.get("/logs").text


def test_without_masking_everything_is_shown_and_searched(
    make_settings: MakeSettings, calls: CallLog, number: int
) -> None:
    client = create_app(make_settings()).test_client()
    for path in paths(number):
        assert "+79611234567" in client.get(path).text
    assert "Личные данные" not in client.get("/logs-ui/").text
    assert client.get("/logs?caller=7961").headers["X-Total-Count"] == "1"


def test_a_damaged_record_hides_its_words_too(
    client: FlaskClient, number: int, tmp_path: Path
) -> None:
    with sqlite3.connect(tmp_path / "log.sqlite") as file:
        file.execute("UPDATE logs SET transcript_json = '[\"8 916 123-45-67\"'")
    for path in paths(number):
        assert "123-45-67" not in client.get(path).text


@pytest.mark.parametrize(
    ("days", "next_at", "words"),
    [
        (0, None, "Звонки хранятся, пока их не удалят: срок хранения не задан."),
        (1, None, "Звонки хранятся 1 день, потом удаляются навсегда."),
        (22, None, "Звонки хранятся 22 дня, потом удаляются навсегда."),
        (11, None, "Звонки хранятся 11 дней, потом удаляются навсегда."),
        (
            90,
            datetime(2025, 10, 31, tzinfo=UTC),
            "Звонки хранятся 90 дней, потом удаляются навсегда. "
            "Следующее удаление — в ночь на 31.10.2025.",
        ),
    ],
)
def test_how_long_calls_are_kept_is_said(days: int, next_at: datetime | None, words: str) -> None:
    assert kept_words(days, next_at) == words


def test_the_list_says_when_calls_go(make_settings: MakeSettings, calls: CallLog) -> None:
    calls.start_call("101", "channel", "worker")
    app = create_app(make_settings(retention_days_calls=90))
    assert re.search(
        r"хранятся 90 дней, потом удаляются навсегда\. Следующее удаление — в ночь на \d",
        app.test_client().get("/logs-ui/").text,
    )
    assert "пока их не удалят" in create_app(make_settings()).test_client().get("/logs-ui/").text


@pytest.fixture
def page(settings: Settings, number: int) -> Iterator[tuple[Browser, str]]:
    with served(create_app(settings)) as site, Browser() as browser:
        yield browser, site


def test_an_operator_shows_and_hides_by_mouse_and_by_keyboard(page: tuple[Browser, str]) -> None:
    browser, site = page
    browser.prefer("dark")
    browser.open(f"{site}/logs-ui/")
    assert axe(browser) == []
    assert browser.run("document.getElementById('caller').disabled")
    browser.click(".personal button")
    browser.wait_for(ASKED)
    browser.type(KEY)
    browser.press("Enter")
    browser.wait_for_text("tbody", "+79611234567")
    browser.wait_for("document.readyState === 'complete'")
    browser.open(f"{site}/logs-ui/1")
    browser.wait_for("document.querySelector('.personal button')['htmx-internal-data']?.initHash")
    browser.run("document.querySelector('.personal button').focus()")
    browser.press("Enter")
    browser.wait_for_text(".facts", "+7961***4567")
    assert [said for said in browser.complaints if "Policy" in said or "Error:" in said] == []
