"""An admin with an assistant: small bases with a real index, no paid service."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from bot.embeddings import Embedder
from bot.embeddings.local import LocalEmbedder
from bot.releases.store import ReleaseStore
from bot.settings import Settings
from tests.agent.parts import lab_settings, write_bases
from tests.lab.ports import free_port
from webadmin import create_app

KEY = "ключ-операторов"


def build_place(folder: Path, embedder: Embedder | None = None) -> Path:
    """The small bases of ``tests.agent.parts`` as release 1 in ``folder``."""
    write_bases(folder, embedder or LocalEmbedder())
    return folder


def place_settings(folder: Path, **changes: object) -> Settings:
    """Settings of an admin whose files are all in ``folder``."""
    fields = {"db_path": folder / "log.sqlite", "api_secret_key": KEY}
    return lab_settings(folder, **(fields | changes))


def place_environment(folder: Path, **variables: str) -> dict[str, str]:
    """What :func:`place_settings` says, for a process of its own."""
    paths = {
        "KNOWLEDGE_BASE_PATH": "general.md",
        "KNOWLEDGE_BASE2_PATH": "tech.md",
        "PROMPTS_FILE_PATH": "prompts.json",
        "PERSIST_DIRECTORY": "index",
        "DB_PATH": "log.sqlite",
    }
    return {
        "PATH": os.environ["PATH"],
        "HOME": os.environ.get("HOME", "/"),
        "OMP_NUM_THREADS": "1",
        "PYTHONUTF8": "1",
        "LLM_PROVIDER": "extractive",
        "REDIS_URL": f"redis://127.0.0.1:{free_port()}/0",
        "API_SECRET_KEY": KEY,
        **{name: str(folder / path) for name, path in paths.items()},
        **variables,
    }


@dataclass
class Place:
    """An application over a folder of its own."""

    folder: Path
    settings: Settings
    app: Flask
    client: FlaskClient

    def post(self, path: str, body: Any, *, key: str | None = KEY, **named: Any) -> TestResponse:
        """A JSON request with the key, or without one."""
        headers = dict(named.pop("headers", {}))
        if key is not None:
            headers["X-API-Key"] = key.encode().decode("latin-1")
        return self.client.post(path, json=body, headers=headers, **named)

    @property
    def release(self) -> int:
        """The number of the release in service."""
        return ReleaseStore(self.settings.persist_directory).in_service()


def open_place(built: Path, folder: Path, **changes: object) -> Place:
    """A copy of the built bases and an application over it."""
    shutil.copytree(built, folder, symlinks=True, dirs_exist_ok=True)
    settings = place_settings(folder, **changes)
    app = create_app(settings)
    return Place(folder, settings, app, app.test_client())
