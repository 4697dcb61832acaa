"""Agents over one small index that is built once."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.embeddings.local import LocalEmbedder
from tests.agent.parts import Lab, chat_settings, make_lab, write_bases
from tests.lab.openai_server import OpenAIServer


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bases")
    write_bases(folder, LocalEmbedder())
    return folder


@pytest.fixture
def folder(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the bases and their index, and the folder that settings are saved in."""
    shutil.copytree(built, tmp_path, symlinks=True, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer() as running:
        yield running


@pytest.fixture
def lab(folder: Path, server: OpenAIServer) -> Lab:
    """An agent with a chat model."""
    return make_lab(folder, **chat_settings(server))


@pytest.fixture
def quoting(folder: Path) -> Lab:
    """An agent without any service."""
    return make_lab(folder)
