"""The admin over a real SQLite file that the call log has written."""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from bot.calllog import CallLog
from bot.releases.content import Content
from bot.releases.record import ReleaseRecord
from bot.releases.store import ReleaseStore, digests
from bot.retrieval import Base
from bot.search.indexfiles import FORMAT, MANIFEST, Manifest
from bot.settings import Settings
from tests.lab.openai_server import OpenAIServer
from tests.lab.yandex_server import YandexServer
from tests.webadmin.answering import build_place
from tests.webadmin.browser import Browser
from tests.webadmin.knowledgelab import make_shelf
from webadmin import create_app

PROMPTS = Path(__file__).parents[2] / "kb" / "prompts.json"

MakeSettings = Callable[..., Settings]


def put_release_in_service(store: ReleaseStore) -> None:
    """Release 1, with as much of its index as the admin reads."""
    at = datetime(2025, 8, 1, 9, 30, tzinfo=UTC)
    manifest = Manifest(FORMAT, "build-7", at.isoformat(), "local", {}, {})
    build = store.builds.folder / manifest.build_id
    build.mkdir(parents=True)
    (build / MANIFEST).write_text(json.dumps(asdict(manifest)))
    bases: dict[Base, str] = {"general": "# Гарантия\n24 месяца.\n", "tech": "# Сеть\n380 В.\n"}
    content = Content(bases, PROMPTS.read_text("utf-8"), {})
    record = ReleaseRecord(
        number=store.reserve(), author="lab", published_at=at, note="", changes=("первый выпуск",),
        again=None, build_id=manifest.build_id, files=digests(content),
    )  # fmt: skip
    store.write(record, content)
    store.put_in_service(record.number)


@pytest.fixture
def make_settings(tmp_path: Path) -> MakeSettings:
    """Settings in a temporary folder, with what a test wants otherwise."""
    index = tmp_path / "index"
    put_release_in_service(ReleaseStore(index))

    def make(**changes: Any) -> Settings:
        fields = {
            "db_path": tmp_path / "log.sqlite",
            "database_url": None,
            "persist_directory": index,
            "prompts_file_path": PROMPTS,
            "admin_password": None,
            "timezone": "Europe/Moscow",
        }
        return Settings(_env_file=None, **(fields | changes))  # type: ignore[call-arg]

    return make


@pytest.fixture
def settings(make_settings: MakeSettings) -> Settings:
    return make_settings()


@pytest.fixture
def app(settings: Settings) -> Flask:
    return create_app(settings)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def calls(settings: Settings) -> Iterator[CallLog]:
    """The call log as the worker has it, on the same file."""
    opened = CallLog(settings.database_address)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Small bases with their index; :func:`tests.webadmin.answering.open_place` copies them."""
    return build_place(tmp_path_factory.mktemp("built"))


@pytest.fixture(scope="session")
def shelf(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small bases with four releases; :func:`tests.webadmin.knowledgelab.open_desk`."""
    return make_shelf(built, tmp_path_factory.mktemp("shelf"))


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with Browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def openai_service() -> Iterator[OpenAIServer]:
    with OpenAIServer() as server:
        yield server


@pytest.fixture(scope="module")
def yandex() -> Iterator[YandexServer]:
    with YandexServer() as server:
        yield server
