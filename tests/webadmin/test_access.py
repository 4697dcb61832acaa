"""Only this machine reads without a password, whatever headers claim."""

import base64
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.webadmin.conftest import MakeSettings
from webadmin import create_app

STRANGER = {"REMOTE_ADDR": "192.0.2.7"}


@pytest.fixture
def guarded(make_settings: MakeSettings) -> FlaskClient:
    """An admin with the password «пароль:1»."""
    return create_app(make_settings(admin_password="пароль:1")).test_client()


def basic(user: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def read(client: FlaskClient, path: str = "/logs", **request: Any) -> TestResponse:
    return client.get(path, **request)


@pytest.mark.parametrize("path", ["/logs", "/logs/1", "/logs-ui/", "/metrics", "/nowhere"])
def test_a_stranger_reads_nothing_without_a_password_set(client: FlaskClient, path: str) -> None:
    assert read(client, path, environ_base=STRANGER).status_code == 403


def test_programs_are_refused_in_json_and_operators_in_russian(client: FlaskClient) -> None:
    assert read(client, environ_base=STRANGER).get_json()["error"]["code"] == "forbidden"
    page = read(client, "/logs-ui/", environ_base=STRANGER)
    assert page.mimetype == "text/html"
    assert "ADMIN_PASSWORD" in page.text


@pytest.mark.parametrize("path", ["/", "/health/live", "/health/ready", "/static/admin.css"])
def test_monitors_need_no_password(client: FlaskClient, path: str) -> None:
    assert read(client, path, environ_base=STRANGER).status_code == 200


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"])
def test_every_loopback_address_is_this_machine(client: FlaskClient, address: str) -> None:
    assert read(client, environ_base={"REMOTE_ADDR": address}).status_code == 200


@pytest.mark.parametrize("address", ["10.0.0.1", "::ffff:10.0.0.1", "fe80::1", "", "localhost"])
def test_no_other_address_is(client: FlaskClient, address: str) -> None:
    assert read(client, environ_base={"REMOTE_ADDR": address}).status_code == 403


def test_a_stranger_cannot_claim_to_be_this_machine(client: FlaskClient) -> None:
    claim = {"X-Forwarded-For": "127.0.0.1", "Forwarded": "for=127.0.0.1", "Host": "localhost"}
    assert read(client, environ_base=STRANGER, headers=claim).status_code == 403


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
def test_what_a_proxy_here_passes_on_is_a_strangers(client: FlaskClient, header: str) -> None:
    assert read(client, headers={header: "127.0.0.1"}).status_code == 403


@pytest.mark.parametrize("host", ["evil.example", "evil.example:9000", "127.0.0.1.evil.example"])
def test_a_page_that_points_its_name_here_reads_nothing(client: FlaskClient, host: str) -> None:
    assert read(client, headers={"Host": host}).status_code == 403


@pytest.mark.parametrize("host", ["localhost:9000", "127.0.0.1:9000", "[::1]:9000", "[::1]"])
def test_this_machines_own_names_are_served(client: FlaskClient, host: str) -> None:
    assert read(client, headers={"Host": host}).status_code == 200


def test_a_stranger_with_the_password_reads(guarded: FlaskClient) -> None:
    for path in ("/logs", "/logs-ui/", "/metrics"):
        answer = read(guarded, path, environ_base=STRANGER, headers=basic("any", "пароль:1"))
        assert answer.status_code == 200


@pytest.mark.parametrize("password", ["", "пароль", "пароль:12", "ПАРОЛЬ:1"])
def test_a_wrong_password_is_refused_and_asked_for_again(
    guarded: FlaskClient, password: str
) -> None:
    answer = read(guarded, environ_base=STRANGER, headers=basic("any", password))
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")


@pytest.mark.parametrize("header", ["Basic", "Basic ???", "Bearer пароль:1", "Basic 0L/Q"])
def test_a_broken_authorization_is_no_authorization(guarded: FlaskClient, header: str) -> None:
    headers = {"Authorization": header.encode().decode("latin-1")}
    assert read(guarded, environ_base=STRANGER, headers=headers).status_code == 401


def test_this_machine_needs_no_password(guarded: FlaskClient) -> None:
    assert read(guarded).status_code == 200
