"""What balancers, monitors and broken configurations see."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from bot.errors import SettingError
from bot.settings import Settings
from tests.webadmin.conftest import MakeSettings
from webadmin import create_app


def test_the_root_and_live_say_ok(client: FlaskClient) -> None:
    for path in ("/", "/health/live"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert answer.get_json()["status"] == "ok"


def test_ready_when_database_index_and_prompts_are_there(client: FlaskClient) -> None:
    answer = client.get("/health/ready")
    told = {"status": "ok", "failed": {}, "release": 1}
    assert (answer.status_code, answer.get_json()) == (200, told)


def test_every_missing_part_is_named(make_settings: MakeSettings, tmp_path: Path) -> None:
    settings = make_settings(
        database_url="postgresql+psycopg://lab@127.0.0.1:1/none",
        persist_directory=tmp_path / "no-index",
        prompts_file_path=tmp_path / "no-prompts.json",
    )
    answer = create_app(settings).test_client().get("/health/ready")
    failed = answer.get_json()["failed"]
    assert answer.status_code == 503
    assert set(failed) == {"database", "index", "prompts"}
    assert "python -m bot.index" in failed["index"]


@pytest.mark.parametrize("broken", ["builds/build-7/manifest.json", "releases/1/release.json"])
def test_a_broken_index_is_told(client: FlaskClient, settings: Settings, broken: str) -> None:
    file = settings.persist_directory / broken
    file.unlink()
    file.write_text("{")
    answer = client.get("/health/ready")
    assert (answer.status_code, list(answer.get_json()["failed"])) == (503, ["index"])


def test_an_index_folder_with_only_the_git_placeholder_is_no_index(
    make_settings: MakeSettings, tmp_path: Path
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / ".gitkeep").touch()
    answer = create_app(make_settings(persist_directory=empty)).test_client().get("/health/ready")
    assert list(answer.get_json()["failed"]) == ["index"]


def test_broken_prompts_are_told_with_the_place(
    make_settings: MakeSettings, tmp_path: Path
) -> None:
    broken = tmp_path / "prompts.json"
    broken.write_text("{\n  oops", encoding="utf-8")
    answer = create_app(make_settings(prompts_file_path=broken)).test_client().get("/health/ready")
    assert "строка 2 — не JSON" in answer.get_json()["failed"]["prompts"]


def test_live_even_when_nothing_else_is(make_settings: MakeSettings, tmp_path: Path) -> None:
    settings = make_settings(persist_directory=tmp_path / "none")
    assert create_app(settings).test_client().get("/health/live").status_code == 200


def test_metrics_are_in_prometheus_text(client: FlaskClient) -> None:
    answer = client.get("/metrics")
    assert answer.mimetype == "text/plain"
    assert "process_resident_memory_bytes" in answer.text


def test_two_applications_in_one_process_do_not_meet(make_settings: MakeSettings) -> None:
    first, second = create_app(make_settings()), create_app(make_settings())
    assert first.extensions["services"].metrics is not second.extensions["services"].metrics


def test_an_impossible_database_stops_the_start_naming_the_variable(
    make_settings: MakeSettings,
) -> None:
    with pytest.raises(SettingError, match=r"^DATABASE_URL: "):
        create_app(make_settings(database_url="oracle://host/db"))


def test_every_answer_carries_the_security_headers(client: FlaskClient) -> None:
    for path in ("/", "/logs-ui/", "/logs", "/nowhere", "/static/admin.css"):
        headers = client.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"


def test_what_callers_said_is_never_cached_on_the_way(client: FlaskClient) -> None:
    for path in ("/logs", "/logs-ui/"):
        assert client.get(path).headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("path", "method", "status", "code"),
    [
        ("/nowhere", "GET", 404, "not_found"),
        ("/logs/x", "GET", 404, "not_found"),
        ("/logs", "PUT", 405, "method_not_allowed"),
    ],
)
def test_programs_get_errors_as_json(
    client: FlaskClient, path: str, method: str, status: int, code: str
) -> None:
    answer = client.open(path, method=method)
    assert answer.status_code == status
    assert answer.get_json()["error"]["code"] == code
    assert answer.get_json()["error"]["message"]


def test_a_wrong_method_is_told_the_right_ones(client: FlaskClient) -> None:
    assert "GET" in client.put("/logs").headers["Allow"]


def test_operators_get_errors_as_a_page(client: FlaskClient) -> None:
    answer = client.get("/logs-ui/999")
    assert answer.status_code == 404
    assert answer.mimetype == "text/html"
    assert "Такой страницы или записи нет" in answer.text


@pytest.mark.parametrize("path", ["/broken", "/logs-ui/broken"])
def test_an_unforeseen_error_says_nothing_of_the_inside(app: Flask, path: str) -> None:
    def broken() -> str:
        raise RuntimeError("a secret of the inside")

    app.add_url_rule(path, "broken", broken)
    answer = app.test_client().get(path)
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "Внутренняя ошибка" in answer.text


def test_the_routes_are_those_of_the_contract(app: Flask) -> None:
    listed = {rule.rule for rule in app.url_map.iter_rules()}
    for path in ("/health/live", "/health/ready", "/metrics", "/logs/<int:call_id>", "/logs-ui/"):
        assert path in listed
