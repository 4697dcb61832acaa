"""The admin over a real SQLite file that the call log has written."""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from bot.calllog import CallLog
from bot.search.indexfiles import CURRENT, FORMAT, MANIFEST, Manifest
from bot.settings import Settings
from webadmin import create_app

PROMPTS = Path(__file__).parents[2] / "kb" / "prompts.json"

MakeSettings = Callable[..., Settings]


@pytest.fixture
def make_settings(tmp_path: Path) -> MakeSettings:
    """Settings in a temporary folder, with what a test wants otherwise."""
    index = tmp_path / "index"
    (index / CURRENT).mkdir(parents=True)
    manifest = Manifest(FORMAT, "build-7", "2025-08-01T09:30:00+00:00", "local", {}, {})
    (index / CURRENT / MANIFEST).write_text(json.dumps(asdict(manifest)))

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
