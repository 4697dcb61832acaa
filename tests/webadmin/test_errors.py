"""What people and programs are told when something goes wrong."""

import json
import logging
import re

import pytest
from flask.testing import FlaskClient

from tests.webadmin.conftest import MakeSettings
from tests.webadmin.probe import Probe
from webadmin import create_app

MEGABYTE = 1024 * 1024
HTMX = {"HX-Request": "true"}


@pytest.fixture
def client(make_settings: MakeSettings) -> FlaskClient:
    app = create_app(make_settings(api_secret_key="k"))
    Probe().add_to(app)
    return app.test_client()


def test_people_get_a_page_and_programs_json(client: FlaskClient) -> None:
    page = client.get("/logs-ui/nowhere")
    assert (page.status_code, page.mimetype) == (404, "text/html")
    assert "Такой страницы" in page.text
    assert "К списку звонков" in page.text
    for path in ("/nowhere", "/logs/nowhere", "/api/nowhere", "/kb/nowhere"):
        told = client.get(path, headers={"Accept": "text/html"})
        assert told.status_code == 404
        assert told.get_json()["error"]["code"] == "not_found"


def test_a_program_may_ask_a_page_for_json(client: FlaskClient) -> None:
    told = client.get("/logs-ui/nowhere", headers={"Accept": "application/json"})
    assert told.get_json()["error"]["code"] == "not_found"


@pytest.mark.parametrize("status", [400, 403, 404, 409, 413, 415, 422, 429, 500, 503])
def test_a_reason_of_ours_is_told_as_text(client: FlaskClient, status: int) -> None:
    page = client.get(f"/logs-ui/probe/refuse/{status}")
    assert page.status_code == status
    assert "Не вышло: &lt;b&gt;попробуйте&lt;/b&gt; иначе." in page.text
    toast = client.get(f"/logs-ui/probe/refuse/{status}", headers=HTMX)
    assert toast.status_code == status
    assert toast.headers["HX-Reswap"] == "none"
    told = json.loads(toast.headers["HX-Trigger"])["toast"]
    assert told["kind"] == "error"
    assert told["text"].startswith("Не вышло: <b>попробуйте</b> иначе.")


def test_a_crash_is_told_by_a_number_that_is_in_the_log(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    for path in ("/logs-ui/probe/crash", "/probe/crash"):
        answer = client.get(path)
        assert answer.status_code == 500
        assert "secret" not in answer.text
        assert "ZeroDivision" not in answer.text
        assert "Внутренняя ошибка" in answer.text
        number = re.search(r"\b[0-9a-f]{8}\b", answer.text)
        assert number
        told = [record for record in caplog.records if f"id={number[0]}" in record.getMessage()]
        assert len(told) == 1
        assert told[0].levelno == logging.ERROR
        assert told[0].exc_info is not None
        assert told[0].exc_info[0] is ZeroDivisionError
        caplog.clear()


def test_a_crash_behind_htmx_tells_its_number_too(client: FlaskClient) -> None:
    answer = client.get("/logs-ui/probe/crash", headers=HTMX)
    told = json.loads(answer.headers["HX-Trigger"])["toast"]["text"]
    assert re.search(r"Номер ошибки: [0-9a-f]{8}\.$", told)


@pytest.mark.parametrize("size", [25 * MEGABYTE + 1, 40 * MEGABYTE])
def test_more_than_25_megabytes_are_refused_unread(client: FlaskClient, size: int) -> None:
    answer = client.post(
        "/logs-ui/probe/file",
        data=b"x",
        headers={"X-API-Key": "k", "Accept": "application/json"},
        environ_overrides={"CONTENT_LENGTH": str(size)},
        content_type="multipart/form-data; boundary=b",
    )
    assert answer.status_code == 413
    assert answer.get_json()["error"]["code"] == "content_too_large"
    assert "25 МБ" in answer.get_json()["error"]["message"]


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_a_long_text_in_a_form_is_no_reason_to_refuse(client: FlaskClient, kind: str) -> None:
    page = client.get("/logs-ui/probe").text
    token = re.search(r'name="csrf-token" content="([^"]+)"', page)
    assert token
    form = {"csrf_token": token[1], "text": "ё" * 300_000}
    answer = client.post("/logs-ui/probe/free", data=form, content_type=kind)
    assert answer.status_code == 200


def test_the_frameworks_english_is_not_for_operators(client: FlaskClient) -> None:
    wrong = [
        client.post("/logs-ui/"),
        client.post("/api/normalize", data="x", content_type="application/json"),
        client.get("/logs-ui/%ff%fe"),
    ]
    for answer in wrong:
        told = (
            answer.text if answer.mimetype == "text/html" else answer.get_json()["error"]["message"]
        )
        assert 400 <= answer.status_code < 500
        assert re.search("[а-я]{4}", told)
        assert "The " not in told


def test_what_the_protocol_wants_is_kept(client: FlaskClient) -> None:
    assert "GET" in client.post("/metrics", json={}).headers["Allow"]
