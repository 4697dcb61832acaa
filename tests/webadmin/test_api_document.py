"""The OpenAPI document is complete and true: Schemathesis plays all of it on the real app."""

import re
from collections.abc import Iterable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.webadmin.answering import KEY, open_place
from tests.webadmin.playing import play
from tests.webadmin.serving import served
from webadmin.api.openapi import OPERATIONS, openapi

CONTRACT = {
    "GET /", "GET /health/live", "GET /health/ready", "GET /metrics",
    "GET /logs", "GET /logs/{id}", "GET /logs/csv", "DELETE /logs", "DELETE /logs/{id}",
    "GET /kb", "GET /kb2", "POST /kb/upload", "POST /kb2/upload", "GET /api/jobs/{id}",
    "GET /api/prompts", "POST /api/prompts", "GET /api/settings", "POST /api/settings",
    "POST /api/model-settings", "POST /api/normalize", "POST /api/ask", "GET /ws",
}  # fmt: skip


_PLACE = re.compile(r"<(?:\w+:)?(\w+)>")


class FromManyAddresses:
    """Every request comes from a loopback address of its own, as limits are by address."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._numbers = count(1)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        number = next(self._numbers)
        environ["REMOTE_ADDR"] = f"127.{number // 65536}.{number // 256 % 256}.{number % 256}"
        answer: Iterable[bytes] = self._app(environ, start_response)
        return answer


@pytest.fixture(scope="module")
def site(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real application on a socket."""
    app = open_place(built, tmp_path_factory.mktemp("played")).app
    app.wsgi_app = FromManyAddresses(app.wsgi_app)  # type: ignore[method-assign]
    with served(app) as address:
        yield address


@pytest.mark.timeout(600)
def test_every_answer_is_as_the_document_says(site: str) -> None:
    played = play(site, KEY)
    assert not played.failures, "\n\n".join(played.failures)
    assert set(played.operations) == {f"{one.method.upper()} {one.path}" for one in OPERATIONS} - {
        "GET /api/openapi.json"  # where it is read from
    }


def test_every_route_for_programs_is_described(built: Path, tmp_path: Path) -> None:
    app = open_place(built, tmp_path).app
    routes = {
        f"{method} {_PLACE.sub(_told, rule.rule)}"
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if not rule.rule.startswith(("/logs-ui", "/static"))
    }
    described = {f"{one.method.upper()} {one.path}" for one in OPERATIONS}
    assert routes == described
    assert described >= CONTRACT


def _told(place: re.Match[str]) -> str:
    """``<int:call_id>`` as the document calls it."""
    name = place[1]
    return "{id}" if name.endswith("_id") else f"{{{name}}}"


def test_each_operation_has_one_name_and_words_for_everything() -> None:
    assert len({one.id for one in OPERATIONS}) == len(OPERATIONS)
    for schema in openapi()["components"]["schemas"].values():
        assert re.search("[а-я]", schema["description"])
        for name, field in schema["properties"].items():
            said = field.get("description", "")
            assert re.search("[а-я]", said) or "$ref" in field, name
