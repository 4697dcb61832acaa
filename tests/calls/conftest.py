"""A worker between a real Asterisk, a real Redis and the stand-ins, and a telephone to call it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.softphone.phone import Phone
from tests.lab.asterisk import Asterisk
from tests.lab.humanspeech import human_speech
from tests.lab.openai_server import OpenAIServer
from tests.lab.redis import RedisServer
from tests.lab.worker import Worker
from tests.lab.yandex_server import YandexServer

PEOPLE = {"TRANSFER_CONTEXT": "people", "TRANSFER_EXTENSION": "person"}
"""Where the lab's dialplan has a person (``tests/lab/asterisk_conf/extensions.conf``)."""


@pytest.fixture(scope="session")
def openai_service() -> Iterator[OpenAIServer]:
    with OpenAIServer() as server:
        yield server


@pytest.fixture(scope="session")
def yandex() -> Iterator[YandexServer]:
    with YandexServer() as server:
        yield server


@pytest.fixture(scope="session")
def cloud(openai_service: OpenAIServer, yandex: YandexServer) -> dict[str, str]:
    """The variables of a worker that uses the paid services."""
    return {
        "OPENAI_API_KEY": openai_service.key,
        "OPENAI_BASE_URL": openai_service.base_url,
        **yandex.environment(),
        "YANDEX_TTS_SPEED": "3.0",  # a test waits while the assistant speaks
    }


@pytest.fixture(scope="package")
def shared_worker(
    asterisk: Asterisk,
    redis_server: RedisServer,
    cloud: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Worker]:
    environment = asterisk.environment() | {"REDIS_URL": redis_server.url} | cloud | PEOPLE
    with Worker(environment, tmp_path_factory.mktemp("worker")) as worker:
        yield worker


@pytest.fixture
def worker(shared_worker: Worker, openai_service: OpenAIServer, yandex: YandexServer) -> Worker:
    """The worker that most tests share, with its services back in their normal state."""
    openai_service.plan.asr_s = openai_service.plan.first_token_s = 0.0
    openai_service.plan.token_s = 0.0
    openai_service.forget()
    yandex.grpc.plan.always = yandex.http.plan.always = None
    yandex.grpc.plan.latency_s = 0.0
    return shared_worker


@pytest.fixture
def own_worker(
    cloud: dict[str, str], redis_server: RedisServer, tmp_path: Path
) -> Iterator[Callable[..., Worker]]:
    """Makes workers for tests that break theirs; each is stopped at the end."""
    made: list[Worker] = []

    def make(environment: dict[str, str], folder: Path | None = None) -> Worker:
        here = folder or tmp_path / f"worker{len(made)}"
        here.mkdir(exist_ok=True)
        made.append(Worker({"REDIS_URL": redis_server.url} | cloud | environment, here))
        return made[-1]

    yield make
    for worker in made:
        worker.stop()


@pytest.fixture
def phone(asterisk: Asterisk) -> Iterator[Phone]:
    with Phone(asterisk.sip_server) as telephone:
        yield telephone


@pytest.fixture(scope="session")
def words() -> bytes:
    """2.4 s of a human's Russian in one breath; the recogniser's stand-in says what it means."""
    return human_speech("call-fwd-on-busy")
