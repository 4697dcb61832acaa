"""A page of another site cannot make an operator's browser change anything."""

import re

import pytest
from flask.testing import FlaskClient

from tests.webadmin.conftest import MakeSettings
from tests.webadmin.probe import Probe
from webadmin import create_app

FREE = "/logs-ui/probe/free"


@pytest.fixture
def probe() -> Probe:
    return Probe()


@pytest.fixture
def client(make_settings: MakeSettings, probe: Probe) -> FlaskClient:
    app = create_app(make_settings(api_secret_key="k"))
    probe.add_to(app)
    return app.test_client()


def token_of(client: FlaskClient) -> str:
    found = re.search(r'name="csrf-token" content="([^"]+)"', client.get("/logs-ui/probe").text)
    assert found
    return found[1]


def test_a_form_without_the_pages_token_is_refused(client: FlaskClient, probe: Probe) -> None:
    answer = client.post(FREE, data={"a": "b"})
    assert (answer.status_code, probe.changes) == (400, [])
    assert "Обновите" in answer.text


def test_the_token_is_taken_from_the_header_and_from_the_form(
    client: FlaskClient, probe: Probe
) -> None:
    token = token_of(client)
    assert client.post(FREE, headers={"X-CSRFToken": token}).status_code == 200
    assert client.post(FREE, data={"csrf_token": token}).status_code == 200
    assert len(probe.changes) == 2


@pytest.mark.parametrize("wrong", ["", "x", "IjAi.aaaa.bbbb"])
def test_a_made_up_token_is_refused(client: FlaskClient, wrong: str) -> None:
    token_of(client)
    assert client.post(FREE, headers={"X-CSRFToken": wrong}).status_code == 400


def test_the_token_of_somebody_else_is_refused(client: FlaskClient) -> None:
    stolen = token_of(client)
    client.delete_cookie("metrotech_voice")
    token_of(client)
    assert client.post(FREE, headers={"X-CSRFToken": stolen}).status_code == 400


def test_the_key_is_protection_enough(client: FlaskClient, probe: Probe) -> None:
    assert client.post("/logs-ui/probe/change", headers={"X-API-Key": "k"}).status_code == 200
    assert probe.changes


def test_a_key_does_not_open_what_does_not_ask_for_it(client: FlaskClient, probe: Probe) -> None:
    assert client.post(FREE, headers={"X-API-Key": "k"}).status_code == 400
    assert probe.changes == []


def test_programs_that_send_json_need_no_token(client: FlaskClient) -> None:
    assert client.post(FREE, json={}).status_code == 200


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
def test_what_a_foreign_form_can_send_is_not_taken_for_json(client: FlaskClient, kind: str) -> None:
    assert client.post(FREE, data='{"a": 1}', content_type=kind).status_code == 400


def test_no_foreign_page_is_granted_a_header(client: FlaskClient) -> None:
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Headers": "x-api-key"}
    answer = client.options("/logs-ui/probe/change", headers=asked)
    assert not [name for name, _ in answer.headers if name.startswith("Access-Control")]


def test_a_token_holds_as_long_as_the_session(client: FlaskClient) -> None:
    assert client.application.config["WTF_CSRF_TIME_LIMIT"] is None


def test_it_holds_behind_tls_too_where_no_referrer_is_sent(client: FlaskClient) -> None:
    secure = {"base_url": "https://localhost"}
    page = client.get("/logs-ui/probe", **secure).text
    token = re.search(r'name="csrf-token" content="([^"]+)"', page)
    assert token
    answer = client.post(FREE, headers={"X-CSRFToken": token[1]}, **secure)
    assert answer.status_code == 200
