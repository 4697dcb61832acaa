"""The operators' password on a page: it opens, it cannot be guessed, it leads nowhere else."""

import base64
import json
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.webadmin.conftest import MakeSettings
from webadmin import create_app
from webadmin.login.target import safe_target

PASSWORD = "пароль:1"
STRANGER = {"REMOTE_ADDR": "192.0.2.7"}
BROWSER = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}


class Visitor:
    """Somebody with a browser on another machine."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.client.get(path, environ_base=STRANGER, headers={**BROWSER, **headers})

    def post(self, path: str, **fields: str) -> TestResponse:
        token = re.search(r'name="csrf-token" content="([^"]+)"', self.get("/logs-ui/login").text)
        assert token
        fields = {"csrf_token": token[1], **fields}
        return self.client.post(path, environ_base=STRANGER, headers=BROWSER, data=fields)

    def enter(self, password: str, target: str = "") -> TestResponse:
        return self.post("/logs-ui/login", password=password, next=target)


@pytest.fixture
def visitor(make_settings: MakeSettings) -> Visitor:
    return Visitor(create_app(make_settings(admin_password=PASSWORD)).test_client())


def test_a_browser_is_led_to_the_password_and_back_to_what_it_wanted(visitor: Visitor) -> None:
    led = visitor.get("/logs-ui/?status=Failed&q=%D1%91%26")
    assert led.status_code == 303
    wanted = parse_qs(urlsplit(led.location).query)["next"][0]
    assert visitor.get(led.location).status_code == 200
    entered = visitor.enter(PASSWORD, wanted)
    assert entered.status_code == 303
    assert entered.location == "/logs-ui/?status=Failed&q=%D1%91%26"
    assert visitor.get(entered.location).status_code == 200


def test_a_download_is_led_to_the_password_too(visitor: Visitor) -> None:
    assert "login?next=/logs" in visitor.get("/logs?limit=5").location


def test_a_wrong_password_says_so_and_opens_nothing(visitor: Visitor) -> None:
    answer = visitor.enter("пароль", "/logs-ui/7")
    assert answer.status_code == 401
    assert "не подошёл" in answer.text
    assert 'value="/logs-ui/7"' in answer.text  # where it should lead is not forgotten
    assert PASSWORD not in answer.text
    assert "WWW-Authenticate" not in answer.headers
    assert visitor.get("/logs-ui/").status_code == 303


def test_a_wrong_password_is_in_the_log_by_address_and_not_by_value(
    visitor: Visitor, caplog: pytest.LogCaptureFixture
) -> None:
    visitor.enter("почти")
    assert "event=wrong_password address=192.0.2.7" in caplog.text
    assert "почти" not in caplog.text


def test_who_is_in_stays_in_and_goes_out_by_the_button(visitor: Visitor) -> None:
    visitor.enter(PASSWORD)
    assert "Выйти" in visitor.get("/logs-ui/").text
    assert visitor.get("/logs-ui/login").status_code == 303
    out = visitor.client.post("/logs-ui/logout", environ_base=STRANGER, headers=BROWSER)
    assert out.status_code == 400  # a foreign page cannot throw anybody out
    page = visitor.get("/logs-ui/").text
    token = re.search(r'name="csrf-token" content="([^"]+)"', page)
    assert token
    out = visitor.client.post(
        "/logs-ui/logout", environ_base=STRANGER, data={"csrf_token": token[1]}
    )
    assert out.location == "/logs-ui/login"
    assert visitor.get("/logs-ui/").status_code == 303


def test_guessing_on_the_page_and_by_basic_is_one_guessing(visitor: Visitor) -> None:
    for number in range(5):
        assert visitor.enter(str(number)).status_code == 401
    basic = "Basic " + base64.b64encode(b"a:wrong").decode()
    for _ in range(5):
        assert visitor.get("/logs", Authorization=basic).status_code == 401
    refused = visitor.enter(PASSWORD)
    assert refused.status_code == 429
    assert "Повторите через" in refused.text
    assert int(refused.headers["Retry-After"]) > 0
    right = "Basic " + base64.b64encode(f"a:{PASSWORD}".encode()).decode()
    assert visitor.get("/logs", Authorization=right).status_code == 429


def test_a_new_password_ends_old_sessions(visitor: Visitor, make_settings: MakeSettings) -> None:
    visitor.enter(PASSWORD)
    cookie = visitor.client.get_cookie("metrotech_voice")
    assert cookie is not None
    for password, status in ((PASSWORD, 200), ("другой", 303)):
        later = create_app(make_settings(admin_password=password)).test_client()
        later.set_cookie("metrotech_voice", cookie.value)
        assert Visitor(later).get("/logs-ui/").status_code == status


def test_a_cookie_that_was_changed_opens_nothing(visitor: Visitor) -> None:
    visitor.enter(PASSWORD)
    cookie = visitor.client.get_cookie("metrotech_voice")
    assert cookie is not None
    visitor.client.set_cookie("metrotech_voice", cookie.value[:-2])
    assert visitor.get("/logs-ui/").status_code == 303


def test_a_page_whose_session_ended_goes_to_the_password_as_a_whole(visitor: Visitor) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://admin.test/logs-ui/?offset=20"}
    answer = visitor.get("/logs-ui/?offset=40", **headers)
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/logs-ui/login?next=/logs-ui/?offset%3D20"
    assert "WWW-Authenticate" not in answer.headers  # or the browser asks by itself


def test_what_was_being_changed_when_the_session_ended_is_not_lost(visitor: Visitor) -> None:
    headers = {**BROWSER, "HX-Request": "true"}
    answer = visitor.client.post("/logs-ui/x", environ_base=STRANGER, headers=headers)
    assert answer.status_code == 401
    assert "HX-Redirect" not in answer.headers
    told = json.loads(answer.headers["HX-Trigger"])["toast"]
    assert told["kind"] == "error"
    assert "Сеанс закончился" in told["text"]


def test_no_late_answer_signs_anybody_in_again(visitor: Visitor) -> None:
    visitor.enter(PASSWORD)
    for path in ("/logs-ui/", "/static/admin.js", "/logs"):
        visitor.get("/logs-ui/")
        assert "Set-Cookie" not in visitor.get(path).headers


def test_programs_are_still_asked_for_basic(visitor: Visitor) -> None:
    answer = visitor.client.get("/logs", environ_base=STRANGER)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")


def test_without_a_password_the_login_page_lets_no_stranger_in(client: FlaskClient) -> None:
    visitor = Visitor(client)
    for path in ("/logs-ui/login", "/logs-ui/"):
        answer = visitor.get(path)
        assert answer.status_code == 403
        assert "ADMIN_PASSWORD" in answer.text


def test_without_a_password_this_machine_is_led_on(client: FlaskClient) -> None:
    assert client.get("/logs-ui/login?next=/logs-ui/3").location == "/logs-ui/3"


@pytest.mark.parametrize("password", ["\udcff", "\x00", "ю" * 100_000])
def test_odd_passwords_are_only_wrong(visitor: Visitor, password: str) -> None:
    sent = password.encode(errors="surrogatepass").decode("latin-1")
    assert visitor.enter(sent).status_code == 401


@pytest.mark.parametrize(
    "target", ["/", "/logs-ui/", "/logs-ui/?q=a&b=//c", "/logs-ui/7#x", "/logs?q=http://a"]
)
def test_every_page_of_ours_may_follow(target: str) -> None:
    assert safe_target(target, "/else") == target


@pytest.mark.parametrize(
    "target",
    [
        "", "logs-ui/", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example",
        "http://evil.example", "https:evil.example", "javascript:alert(1)", "/\t/evil.example",
        "/\n/evil.example", "\t//evil.example", " //evil.example", "/\x00/evil.example",
        "/ok\r\nSet-Cookie: a=b", "/\u2028/evil.example", "data:text/html,x", "?//evil.example",
    ],
)  # fmt: skip
def test_no_other_host_follows(visitor: Visitor, target: str) -> None:
    assert safe_target(target, "/else") == "/else"
    entered = visitor.enter(PASSWORD, target)
    assert (entered.status_code, entered.location) == (303, "/logs-ui/")
