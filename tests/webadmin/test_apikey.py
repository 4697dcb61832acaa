"""Nothing changes without the key."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.webadmin.conftest import MakeSettings
from tests.webadmin.probe import Probe
from webadmin import create_app
from webadmin.apikey import demands_key

CHANGE = "/logs-ui/probe/change"
OPEN_TO_ALL = {
    "login.enter",  # asks for the password instead
    "login.leave",
    "api.asking.ask",  # read JSON and answer
    "api.asking.normalize",
    "knowledge.answer_question",
    "knowledge.preview",
    "personal.hide",  # who hides what they were shown has nothing to prove
    "prompts.speak",
    "unanswered.check",  # asks the assistant, as api.asking.ask does
}
"""Routes that take more than GET and change nothing that lasts."""


@pytest.fixture
def probe() -> Probe:
    return Probe()


@pytest.fixture
def keyed(make_settings: MakeSettings, probe: Probe) -> FlaskClient:
    """An admin with the key «ключ-k»."""
    return client_with(make_settings(api_secret_key="ключ-k"), probe)


def client_with(settings: object, probe: Probe) -> FlaskClient:
    app = create_app(settings)  # type: ignore[arg-type]
    probe.add_to(app)
    return app.test_client()


def key(value: str) -> dict[str, str]:
    """As a program sends it: the bytes of UTF-8."""
    return {"X-API-Key": value.encode().decode("latin-1"), "Accept": "application/json"}


def test_the_key_opens(keyed: FlaskClient, probe: Probe) -> None:
    assert keyed.post(CHANGE, headers=key("ключ-k")).status_code == 200
    assert probe.changes == ["POST оператор"]


@pytest.mark.parametrize("value", ["", "k", "ключ-", "ключ-k ", "ключ-K", "ключ-kk", "\x00"])
def test_a_wrong_key_is_refused(keyed: FlaskClient, probe: Probe, value: str) -> None:
    answer = keyed.post(CHANGE, headers=key(value))
    assert (answer.status_code, probe.changes) == (401, [])
    assert answer.get_json()["error"]["code"] == "unauthorized"
    assert "не подошёл" in answer.get_json()["error"]["message"]


def test_a_missing_key_is_asked_for_without_the_browsers_own_window(keyed: FlaskClient) -> None:
    answer = keyed.post(CHANGE, headers={"Accept": "application/json"})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].lower().startswith("apikey ")
    assert "X-API-Key" in answer.get_json()["error"]["message"]


@pytest.mark.parametrize("headers", [{}, {"X-API-Key": ""}, {"X-API-Key": "anything"}])
def test_without_a_key_on_the_server_every_change_is_refused(
    make_settings: MakeSettings, probe: Probe, headers: dict[str, str]
) -> None:
    client = client_with(make_settings(api_secret_key=None), probe)
    answer = client.post(CHANGE, headers={**headers, "Accept": "application/json"})
    assert (answer.status_code, probe.changes) == (403, [])
    assert "API_SECRET_KEY" in answer.get_json()["error"]["message"]


def test_a_wrong_key_is_in_the_log_by_address_and_not_by_value(
    keyed: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    keyed.post(CHANGE, headers=key("almost"), environ_base={"REMOTE_ADDR": "127.0.0.9"})
    assert "event=wrong_key address=127.0.0.9" in caplog.text
    assert "almost" not in caplog.text


def test_guessing_is_stopped_for_the_address_that_guesses(keyed: FlaskClient, probe: Probe) -> None:
    for number in range(10):
        assert keyed.post(CHANGE, headers=key(str(number))).status_code == 401
    refused = keyed.post(CHANGE, headers=key("ключ-k"))
    assert (refused.status_code, probe.changes) == (429, [])
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    assert "Повторите через" in refused.get_json()["error"]["message"]
    other = {"REMOTE_ADDR": "127.0.0.2"}
    assert keyed.post(CHANGE, headers=key("ключ-k"), environ_base=other).status_code == 200


def test_using_the_right_key_often_is_no_guessing(keyed: FlaskClient) -> None:
    for _ in range(30):
        assert keyed.post(CHANGE, headers=key("ключ-k")).status_code == 200


def test_htmx_is_told_of_a_refusal_by_a_toast_and_the_page_stays(
    make_settings: MakeSettings, probe: Probe
) -> None:
    client = client_with(make_settings(api_secret_key=None), probe)
    answer = client.post(CHANGE, headers={"HX-Request": "true"})
    assert answer.status_code == 403
    assert answer.headers["HX-Reswap"] == "none"
    assert '"kind": "error"' in answer.headers["HX-Trigger"]


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("%D0%98%D0%B2%D0%B0%D0%BD%20%20%D0%9F.", "Иван П."),
        ("a%0Ab%00c%E2%80%AEd", "a b c d"),
        ("x" * 500, "x" * 64),
        ("%20", "оператор"),
        ("%FF", "\ufffd"),
    ],
)
def test_a_change_is_signed_by_the_name_given(
    keyed: FlaskClient, probe: Probe, header: str, name: str
) -> None:
    keyed.post(CHANGE, headers={**key("ключ-k"), "X-Author": header})
    assert probe.changes == [f"POST {name}"]


def changing_routes(app: Flask) -> Iterator[str]:
    for rule in app.url_map.iter_rules():
        if (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}:
            yield rule.endpoint


def test_every_route_that_changes_something_demands_the_key(app: Flask) -> None:
    """A new one that changes nothing belongs into ``OPEN_TO_ALL``, with the reason."""
    unguarded = {
        endpoint
        for endpoint in changing_routes(app)
        if not demands_key(app.view_functions[endpoint])
    }
    assert unguarded - OPEN_TO_ALL == set()
