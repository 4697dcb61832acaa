"""Services die and hang in the middle of calls, and what the callers hear of it."""

import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests

from bot.embeddings.choose import choose_embedder
from bot.russian.spoken import speakable
from bot.softphone.phone import Phone
from tests.agent.parts import chat_settings, lab_settings, write_bases
from tests.calls.dialogue import ask, hear_greeting, hear_out
from tests.lab import openai_faults as faults
from tests.lab.asterisk import Asterisk
from tests.lab.humanspeech import human_speech
from tests.lab.openai_server import OpenAIServer
from tests.lab.redis import RedisServer
from tests.lab.worker import Worker
from tests.lab.yandex_server import YandexServer

GREETING, APOLOGY = "Слушаю вас, говорите.", "Простите, ответить не получается."
BEGUN = "Гарантия два года.|Её можно продлить за отдельную плату у нас.|"
CONTINUED = "Гарантия — два года.|Продлить можно до трёх лет.|"
WARRANTY, SPEED, PRICE = "Какая гарантия?", "Какая скорость у РЭМ-100?", "Сколько стоит РЭМ-100?"


@pytest.fixture(scope="module")
def openai_service() -> Iterator[OpenAIServer]:
    with OpenAIServer() as server:
        yield server


@pytest.fixture(scope="module")
def yandex() -> Iterator[YandexServer]:
    with YandexServer() as server:
        yield server


@pytest.fixture(scope="module")
def own_asterisk() -> Iterator[Asterisk]:
    with Asterisk() as server:
        yield server


@pytest.fixture(scope="module")
def all_in_the_cloud(
    own_asterisk: Asterisk,
    redis_server: RedisServer,
    openai_service: OpenAIServer,
    yandex: YandexServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Worker]:
    """A worker that has every service from elsewhere, and no voice of its own."""
    folder = tmp_path_factory.mktemp("cloud")
    wanted = {**chat_settings(openai_service), "embeddings_provider": "openai"}
    write_bases(folder, choose_embedder(lab_settings(folder, **wanted)))
    _say(folder / "prompts.json", greeting=GREETING, apology=APOLOGY)
    environment = {
        "OPENAI_API_KEY": openai_service.key,
        "OPENAI_BASE_URL": openai_service.base_url,
        "EMBEDDINGS_PROVIDER": "openai",
        "REDIS_URL": redis_server.url,
        "KNOWLEDGE_BASE_PATH": str(folder / "general.md"),
        "KNOWLEDGE_BASE2_PATH": str(folder / "tech.md"),
        "PROMPTS_FILE_PATH": str(folder / "prompts.json"),
        "PERSIST_DIRECTORY": str(folder / "index"),
        "YANDEX_TTS_SPEED": "3.0",
        "PATH": str(folder),
        **yandex.environment(),
        **own_asterisk.environment(),
    }
    with Worker(environment, folder) as worker:
        yield worker


def _say(path: Path, **texts: str) -> None:
    told = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(told | texts), encoding="utf-8")


@pytest.fixture
def worker(
    all_in_the_cloud: Worker, openai_service: OpenAIServer, yandex: YandexServer
) -> Iterator[Worker]:
    """It, with its services as they should be, before and after."""
    _heal(openai_service, yandex)
    yield all_in_the_cloud
    _heal(openai_service, yandex)


def _heal(openai_service: OpenAIServer, yandex: YandexServer) -> None:
    openai_service.forget()
    openai_service.plan.first_token_s = 0.0
    openai_service.plan.answer = None
    yandex.grpc.plan.always = yandex.http.plan.always = None


@pytest.fixture
def phone(own_asterisk: Asterisk) -> Iterator[Phone]:
    with Phone(own_asterisk.sip_server) as telephone:
        yield telephone


@pytest.fixture(scope="module")
def short_words() -> bytes:
    """0.8 s of a human's voice."""
    return human_speech("goodbye")


def _by_length(short: bytes, of_short: str, of_long: str) -> Any:
    """A transcript by how much was said."""
    return lambda wav: of_short if len(wav) < len(short) + 16_000 else of_long


def _one_question(phone: Phone, words: bytes) -> None:
    with phone.dial("100") as call:
        hear_greeting(call)
        ask(call, words)
        hear_out(call)


def last_line(worker: Worker) -> Mapping[str, Any]:
    line: Mapping[str, Any] = worker.wait_for_call()["lines"][-1]
    return line


def counted(worker: Worker) -> str:
    return requests.get(f"http://127.0.0.1:{worker.metrics_port}/metrics", timeout=5).text


def test_a_cut_answer_goes_on_without_a_word_twice_and_a_dead_embedder_is_not_noticed(
    worker: Worker,
    phone: Phone,
    openai_service: OpenAIServer,
    yandex: YandexServer,
    short_words: bytes,
) -> None:
    openai_service.plan.transcript = WARRANTY
    openai_service.plan.answer = lambda body: BEGUN if body["model"] == "gpt-4o-mini" else CONTINUED
    openai_service.fail("chat", faults.cut(after_chunks=7), times=9, model="gpt-4o-mini")
    openai_service.fail("embedding", faults.server_error(), times=9)
    _one_question(phone, short_words)
    answer = last_line(worker)
    assert answer["text"] == "Гарантия два года. Продлить можно до трёх лет."
    assert (answer["source"], answer["failure"]) == ("general", None)
    assert answer["trace"]["continued_by"] == "gpt-6-luna"
    assert answer["trace"]["by_letters"]
    assert answer["trace"]["fallbacks"] == ["embeddings: transient", "gpt-4o-mini: transient"]
    spoken = [one.text for one in yandex.grpc.plan.heard]
    assert spoken[-2:] == [speakable("Гарантия два года."), "Продлить можно до трёх лет."]
    assert not any("плату" in text for text in spoken)
    assert 'bot_provider_fallback_total{stage="embeddings"}' in counted(worker)


def test_models_that_hang_are_not_waited_for_and_the_base_is_quoted(
    worker: Worker, phone: Phone, openai_service: OpenAIServer, short_words: bytes
) -> None:
    openai_service.plan.transcript = SPEED
    openai_service.plan.first_token_s = 60.0
    _one_question(phone, short_words)
    answer = last_line(worker)
    assert (answer["kind"], answer["source"]) == ("answer", "tech")
    assert answer["trace"]["model"] == "extractive"
    assert answer["timings_ms"]["llm_first_token"] < 20_000


def test_without_any_voice_the_kept_apology_is_heard_and_others_hear_their_kept_answers(
    worker: Worker,
    phone: Phone,
    openai_service: OpenAIServer,
    yandex: YandexServer,
    short_words: bytes,
    words: bytes,
) -> None:
    openai_service.plan.transcript = PRICE
    _one_question(phone, short_words)
    yandex.grpc.plan.always = yandex.http.plan.always = "unavailable"
    openai_service.plan.transcript = _by_length(short_words, PRICE, "Какие часы работы?")
    with ThreadPoolExecutor(2) as callers:
        list(callers.map(lambda said: _one_question(phone, said), (short_words, words)))
    lines = {one["lines"][1]["text"]: one["lines"][-1] for one in worker.calls()[-2:]}
    assert (lines[PRICE]["kind"], lines[PRICE]["failure"]) == ("answer", None)
    apology = lines["Какие часы работы?"]
    assert (apology["kind"], apology["text"]) == ("apology", APOLOGY)
    assert apology["failure"]["provider"].startswith("yandex")


def test_when_the_recogniser_is_over_its_limit_another_understands(
    worker: Worker, phone: Phone, openai_service: OpenAIServer
) -> None:
    openai_service.plan.transcript = WARRANTY
    openai_service.fail("transcription", faults.rate_limited(retry_after_s=60))
    _one_question(phone, human_speech("de-activated"))
    said = [line for line in worker.wait_for_call()["lines"] if line["role"] == "user"]
    assert [line["asr_provider"] for line in said] == ["local"] * len(said)
    assert said
    assert openai_service.count("transcription") == 1
    assert 'bot_provider_fallback_total{stage="asr"}' in counted(worker)
