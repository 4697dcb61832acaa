"""An empty call log on a real SQLite file and on a real PostgreSQL server."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from bot.calllog import CallLog
from tests.lab.postgres import PostgresServer, postgres_programs

START = datetime(2025, 8, 1, 9, 30, tzinfo=UTC)


class Clock:
    """The present moment as a test says it."""

    def __init__(self) -> None:
        self.moment = START

    def __call__(self) -> datetime:
        return self.moment


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    programs = postgres_programs()
    if programs is None:
        pytest.fail("no PostgreSQL server is installed: run make setup")
    server = PostgresServer(programs)
    server.start()
    yield server
    server.remove()


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/new/folder/log.sqlite"
    server: PostgresServer = request.getfixturevalue("postgres")
    engine = create_engine(server.address)
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()
    return server.address


@pytest.fixture
def calls(address: str, clock: Clock) -> Iterator[CallLog]:
    opened = CallLog(address, wait_s=0.2, clock=clock)
    yield opened
    opened.close()
