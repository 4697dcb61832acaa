"""The real servers that tests share: each is started once, when the first test needs it."""

from collections.abc import Iterator

import pytest

from tests.lab.asterisk import Asterisk
from tests.lab.redis import RedisServer


@pytest.fixture(scope="session")
def asterisk() -> Iterator[Asterisk]:
    """A private Asterisk; a test that breaks or restarts one starts its own."""
    with Asterisk() as server:
        yield server


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """A private Redis; a test that stops one starts its own."""
    with RedisServer() as server:
        yield server
