"""A folder with a first release, for each test its own."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.openai_server import OpenAIServer
from tests.releases.place import Place


@pytest.fixture(scope="module")
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer() as running:
        yield running


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Release 1, made once and copied for each test."""
    with OpenAIServer() as server:
        place = Place(tmp_path_factory.mktemp("published"), server)
        place.build()
        return place.folder


@pytest.fixture
def empty(server: OpenAIServer, tmp_path: Path) -> Place:
    """A folder without a release."""
    return Place(tmp_path, server)


@pytest.fixture
def place(published: Path, server: OpenAIServer, tmp_path: Path) -> Place:
    """A folder whose files are those of release 1."""
    place = Place(tmp_path, server)
    shutil.copytree(published / "index", place.directory, symlinks=True)
    return place
