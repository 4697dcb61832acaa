"""Whatever is sent to whatever address: no crash, an answer in Russian, and nothing changed.

Every route of the application takes part, those of later features too.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from bot.calllog.filter import CallFilter
from tests.webadmin.answering import KEY, Place, open_place

MEGABYTE = 1024 * 1024
_KEY = {"X-API-Key": KEY.encode().decode("latin-1")}
_ENDLESS = ("/ws", "/logs-ui/live/stream")
"""Sockets and streams have tests of their own."""
BAD_VALUES = [
    "%00", "%ff%fe", "%ed%a0%80", "%F0%9F%98%80", "%D9%A3", "-1", "0", "1e999", "NaN",
    "9223372036854775808", "9" * 5000, "0000-00-00", "99999-01-01", "2025-08-01T00:00:00+99:99",
    "%27;DROP TABLE logs;--", "%3Cscript%3Ealert(1)%3C/script%3E", "../../etc/passwd",
]  # fmt: skip
BAD_IN_PATHS = ["%00", "%ff%fe", "9223372036854775808", "9" * 5000, "../../etc/passwd"]
FIELDS = [
    "q", "date_from", "date_to", "status", "source", "caller", "sort", "order", "limit", "offset",
    "than", "lines",
]  # fmt: skip
OTHER_FIELDS = ["old", "new", "release", "heading", "draft", "onto", "before", "next", "by"]
FILTERED = ["/logs", "/logs/csv", "/logs-ui/", "/logs-ui/news", "/logs-ui/1", "/logs-ui/1/news"]
BAD_HEADERS = [
    {"HX-Request": "true", "HX-Current-URL": "http://[::1"},
    {"HX-Request": "true", "HX-Current-URL": "\xff", "HX-Target": "\xff"},
    {"Cookie": "metrotech_voice=garbage; a=\xff"},
    {"Accept": "\xff", "Accept-Encoding": "gzip;q=nan"},
    {"If-None-Match": "\xff", "Range": "bytes=a-"},
    {"Authorization": "Basic \xff"},
    {"Authorization": "Basic Og=="},
    {"X-Author": "%ff%00<script>"},
]
FORM = "application/x-www-form-urlencoded"
PARTS = "multipart/form-data; boundary=b"
PART = b"--b\r\nContent-Disposition: form-data; "
JSON = "application/json"
BAD_BODIES: list[tuple[str, bytes]] = [
    ("", b""),
    (FORM, b"text=%00&q=%00&note=%00&csrf_token=%00"),
    (FORM, b"text=%ff%fe&q=%ed%a0%80&note=\xff&release=x"),
    (FORM + "; charset=nope", b"text=a&q=a"),
    ("multipart/form-data", b"x"),
    (PARTS, PART + b'name="file"; filename="a\xff\0.md"\r\n\r\n\xff'),
    (PARTS, PART + b'name="file"; filename="../../e"\r\n\r\n\0\r\n--b--\r\n'),
    (PARTS, (PART + b'name="x"\r\n\r\n1\r\n') * 2000 + b"--b--\r\n"),
    (JSON, b"{"),
    (JSON, b'{"text":"\xff"}'),
    (JSON, b"[" * 100_000),
    (JSON, b'{"text":"\\ud800\\u0000","session":"\\u0000"}'),
    (JSON, b'{"kb_top_k":NaN}'),
    (JSON, b'{"kb_top_k":' + b"9" * 5000 + b"}"),
    (JSON, b"null"),
    (JSON + "; charset=\xff", b'{"text":"a"}'),
]  # fmt: skip


@pytest.fixture(scope="module")
def place(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Place:
    return open_place(built, tmp_path_factory.mktemp("bad"))


@pytest.fixture(scope="module")
def client(place: Place) -> FlaskClient:
    log = place.app.extensions["services"].call_log
    log.end_call(log.start_call("+79610000001", "channel", "worker"), "Completed")
    return place.client


def routes(place: Place, method: str) -> Iterator[Rule]:
    for rule in place.app.url_map.iter_rules():
        is_ours = rule.endpoint != "static" and not rule.rule.startswith(_ENDLESS)
        if is_ours and method in (rule.methods or ()):
            yield rule


def address(rule: Rule, value: str, number: str = "1") -> str:
    """The rule with ``value`` in each place that takes it; where a number must be, ``number``."""
    whole = value if value.isdigit() else number
    filled = re.sub(r"<any\((\w+)[^)]*\):\w+>", r"\1", rule.rule)
    filled = re.sub(r"<int:\w+>", whole, filled)
    return re.sub(r"<(?:\w+:)?\w+>", value, filled)


def refuse_or_answer(answer: TestResponse, what: str) -> int:
    """Nothing is told but an answer or a refusal in Russian."""
    status = answer.status_code
    text = answer.get_data()[:20_000].decode("utf-8", "replace")
    told = text + json.dumps(json.loads(answer.headers.get("HX-Trigger", "{}")), ensure_ascii=False)
    answer.close()
    assert status < 500 or status == 503, f"{what}: {status} {text[:300]}"
    if answer.mimetype == "text/html":
        assert "<script>alert" not in text, what
    if 400 <= status < 500 and "HX-Redirect" not in answer.headers:
        assert re.search("[а-яё]{4}", told), f"{what}: {status} {text[:300]}"
        assert not re.search(r"Traceback|The request|Input should|werkzeug", text), what
    return status


def test_bad_values_in_an_address_crash_no_page(place: Place, client: FlaskClient) -> None:
    for rule in routes(place, "GET"):
        for value in BAD_IN_PATHS if "<" in rule.rule else BAD_VALUES[:3]:
            query = "&".join(f"{name}={value}" for name in OTHER_FIELDS)
            path = f"{address(rule, value)}?{query}"
            refuse_or_answer(client.get(path), path[:200])


@pytest.mark.parametrize("path", FILTERED)
def test_each_bad_value_of_a_filter_is_refused_or_finds_nothing(
    client: FlaskClient, path: str
) -> None:
    for field in FIELDS:
        for value in BAD_VALUES:
            what = f"{path}?{field}={value}"
            refuse_or_answer(client.get(what, headers={"HX-Request": "true"}), what[:200])


def test_bad_headers_crash_no_page(place: Place, client: FlaskClient) -> None:
    for rule in routes(place, "GET"):
        for headers in BAD_HEADERS:
            path = address(rule, "1")
            refuse_or_answer(client.get(path, headers=headers), f"{path} {headers}")


@pytest.mark.parametrize(
    "path",
    [
        "/%ff", "/logs-ui/%00", "/logs-ui/%ed%a0%80", "/logs-ui/-1", "/" + "a" * 20_000,
        "/logs-ui/9999999999999999999999999999999", "/logs-ui//",
        "/static/../../etc/passwd", "/static/%2e%2e/%2e%2e/app.py", "/logs-ui/%0d%0aX:%20y",
    ],
)  # fmt: skip
def test_an_address_that_leads_nowhere_says_so(client: FlaskClient, path: str) -> None:
    assert refuse_or_answer(client.get(path), path[:200]) in (308, 404)


def test_signing_in_is_not_crashed_either(built: Path, tmp_path: Path) -> None:
    app = open_place(built, tmp_path, admin_password="пароль").app
    for headers in BAD_HEADERS:
        for path in ("/logs-ui/", "/logs", "/logs-ui/login"):
            client = app.test_client()
            answer = client.get(path, headers=headers, environ_base={"REMOTE_ADDR": "10.0.0.1"})
            refuse_or_answer(answer, f"{path} {headers}")


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_bad_bodies_crash_nothing_and_change_nothing(
    place: Place, client: FlaskClient, method: str
) -> None:
    token = re.search(r'name="csrf-token" content="([^"]+)"', client.get("/logs-ui/").text)
    assert token
    headers = _KEY | {"X-CSRFToken": token[1]}
    released = place.release
    for rule in routes(place, method):
        if rule.endpoint == "logs.delete_calls":
            continue  # needs no body, and does what it says
        for value in ("%00", "9" * 30) if "<" in rule.rule else ("",):
            path = address(rule, value, number="77")
            for kind, body in BAD_BODIES:
                answer = client.open(
                    path, method=method, headers=headers, data=body, content_type=kind or None
                )
                refuse_or_answer(answer, f"{method} {path} {kind} {body[:60]!r}")
    assert place.release == released
    assert len(place.app.extensions["services"].call_log.page(CallFilter()).calls) == 1


@pytest.mark.parametrize("kind", [FORM, JSON, "multipart/form-data; boundary=b"])
def test_ten_megabytes_are_refused_or_read_but_crash_nothing(
    place: Place, client: FlaskClient, kind: str
) -> None:
    body = {
        FORM: b"text=" + b"a" * 10 * MEGABYTE,
        JSON: b'{"text":"' + b"a" * 10 * MEGABYTE + b'"}',
    }
    part = PART + b'name="text"\r\n\r\n' + b"a" * 10 * MEGABYTE
    for rule in routes(place, "POST"):
        sent = body.get(kind, part)
        answer = client.post(address(rule, "1"), headers=_KEY, data=sent, content_type=kind)
        refuse_or_answer(answer, f"{rule.rule} {kind}")


@pytest.mark.parametrize(
    "q",
    [
        '"', "'", "*", "(", '"a" OR "b"', "NEAR(а б)", "\\", "%", "__", "{a}", "^a", "a+b",
        "-" * 200,
        "я " * 100, "а* " * 66, "1-" * 100, "." * 200, "миллион " * 25, "ё" * 200, "c:7961",
        "s:failed", "\u0301" * 200, "İ" * 100,
    ],
)  # fmt: skip
def test_signs_of_a_query_language_are_only_signs(client: FlaskClient, q: str) -> None:
    for name in ("q", "caller"):
        answer = client.get("/logs-ui/", query_string={name: q, "sort": "durationS"})
        assert refuse_or_answer(answer, f"{name}={q!r}") == 200
