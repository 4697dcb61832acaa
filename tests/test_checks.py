"""The checks of single services against stand-ins that work, refuse, hang up and are missing."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.checks.check import Check, Finding, examine, without_secrets
from bot.checks.listed import as_in_service, checks_of
from bot.errors import SettingError
from bot.releases.publisher import Publisher
from bot.releases.store import ReleaseStore
from bot.settings import Settings
from tests.agent.parts import chat_settings, lab_settings
from tests.lab import openai_faults as faults
from tests.lab.openai_faults import Fault
from tests.lab.openai_server import OpenAIServer
from tests.lab.ports import free_port
from tests.lab.yandex_rules import POWERLESS_KEY
from tests.lab.yandex_server import YandexServer
from tests.webadmin.conftest import put_release_in_service

OPENAI_CHECKS = ("recognition", "embeddings", "model-primary", "model-fallback")


@pytest.fixture
def openai_service() -> Iterator[OpenAIServer]:
    with OpenAIServer() as server:
        yield server


@pytest.fixture
def yandex() -> Iterator[YandexServer]:
    with YandexServer() as server:
        yield server


@pytest.fixture
def settings(tmp_path: Path, openai_service: OpenAIServer, yandex: YandexServer) -> Settings:
    """Everything at the stand-ins."""
    named = {name.lower(): value for name, value in yandex.environment().items()}
    return lab_settings(
        tmp_path, asr_provider="openai", embeddings_provider="openai", tts_provider="yandex",
        **(chat_settings(openai_service) | named),
    )  # fmt: skip


def find(settings: Settings, check_id: str) -> Finding:
    check = next(one for one in checks_of(settings) if one.id == check_id)
    assert not check.unused
    return examine(check, settings)


@pytest.mark.parametrize("check_id", OPENAI_CHECKS)
def test_a_service_that_works_is_asked_once_and_timed(
    settings: Settings, openai_service: OpenAIServer, check_id: str
) -> None:
    found = find(settings, check_id)
    assert (found.ok, found.advice) == (True, "")
    assert found.ms >= 0
    assert "мс" in found.detail
    endpoint = {"recognition": "transcription", "embeddings": "embedding"}.get(check_id, "chat")
    assert len(openai_service.requests(endpoint)) == 1  # type: ignore[arg-type]


def test_each_model_is_asked_by_itself(settings: Settings, openai_service: OpenAIServer) -> None:
    openai_service.fail("chat", faults.bad_key(), model=settings.llm_model_primary)
    assert not find(settings, "model-primary").ok
    assert find(settings, "model-fallback").ok
    asked = [request.body["model"] for request in openai_service.requests("chat")]
    assert asked == [settings.llm_model_primary, settings.llm_model_fallback]


@pytest.mark.parametrize(
    ("fault", "advice"),
    [
        (faults.bad_key, "ключ не принят"),
        (faults.out_of_quota, "пополните счёт"),
        (faults.server_error, "связи со службой нет или она перегружена"),
    ],
)
def test_what_to_do_follows_from_why_it_failed(
    settings: Settings, openai_service: OpenAIServer, fault: Callable[[], Fault], advice: str
) -> None:
    openai_service.fail("chat", fault())
    found = find(settings, "model-primary")
    assert not found.ok
    assert advice in found.advice
    assert "OPENAI_API_KEY" in found.advice


def test_a_model_that_is_not_there_is_named(settings: Settings) -> None:
    unknown = settings.model_copy(update={"llm_model_primary": "no-such-model"})
    found = find(unknown, "model-primary")
    assert not found.ok
    assert "model_not_found" in found.detail
    assert "имя модели" in found.advice


def test_recordings_need_a_folder_and_nobody_needs_recordings(
    settings: Settings, tmp_path: Path
) -> None:
    (unused,) = (one for one in checks_of(settings) if one.id == "recordings")
    assert unused.unused == "запись выключена: RECORD_CALLS"
    folder = tmp_path / "recordings"
    recorded = settings.model_copy(update={"record_calls": True, "recordings_path": folder})
    found = find(recorded, "recordings")
    assert (found.ok, found.needed) == (True, False)
    assert "ч разговора" in found.detail
    assert list(folder.iterdir()) == []
    folder.rmdir()
    folder.touch()
    broken = find(recorded, "recordings")
    assert not broken.ok
    assert "RECORDINGS_PATH" in broken.advice


def test_the_voices_are_checked_apart(settings: Settings, yandex: YandexServer) -> None:
    yandex.grpc.plan.always = "unavailable"
    broken, well = find(settings, "synthesis-yandex-grpc"), find(settings, "synthesis-yandex-http")
    assert (broken.ok, broken.needed) == (False, True)
    assert "YANDEX_TTS_GRPC_TARGET" in broken.advice
    assert (well.ok, well.needed) == (True, False)
    assert "с речи за" in well.detail


def test_a_key_without_rights_is_told_and_not_shown(settings: Settings) -> None:
    powerless = lab_settings(
        settings.db_path.parent,
        **settings.model_dump(exclude={"yandex_api_key"}),
        yandex_api_key=POWERLESS_KEY,
    )
    for protocol in ("grpc", "http"):
        found = find(powerless, f"synthesis-yandex-{protocol}")
        assert "ключ не принят или у него нет прав" in found.advice
        assert POWERLESS_KEY not in repr(found)


def test_what_is_not_in_use_says_why_and_is_not_asked(tmp_path: Path) -> None:
    unused = {one.id: one.unused for one in checks_of(lab_settings(tmp_path)) if one.unused}
    assert unused.keys() == {
        "model-primary", "model-fallback", "synthesis-yandex-grpc", "synthesis-yandex-http",
        "recordings",
    }  # fmt: skip
    assert "OPENAI_API_KEY" in unused["model-primary"]
    assert "YANDEX_API_KEY" in unused["synthesis-yandex-http"]


def test_no_second_model_is_no_failure(settings: Settings) -> None:
    alone = settings.model_copy(update={"llm_model_fallback": ""})
    checks = {check.id: check for check in checks_of(alone)}
    assert checks["model-fallback"].unused == "запасная модель не задана"
    assert not checks["model-primary"].unused


def test_no_secret_gets_out_whatever_a_driver_says(tmp_path: Path) -> None:
    settings = lab_settings(
        tmp_path, openai_api_key="sk-тайна", ari_password="пароль-ari",
        redis_url="redis://user:redis-пароль@127.0.0.1:1/0",
        database_url="postgresql+psycopg://bot:db-пароль@127.0.0.1:1/log",
    )  # fmt: skip

    def look(settings: Settings) -> str:
        raise SettingError("sk-тайна пароль-ari redis-пароль db-пароль")

    found = examine(Check("any", "Любая", look, ""), settings)
    assert found.detail == "••• ••• ••• •••"


def test_a_short_secret_is_not_told_by_the_gaps_in_other_words(tmp_path: Path) -> None:
    settings = lab_settings(tmp_path, ari_password="bot")
    text = "asterisk-robot: bot refused, http://user:other@host/"
    assert without_secrets(text, settings) == ("asterisk-robot: ••• refused, http://user:•••@host/")


def test_a_database_and_a_cache_that_are_away_are_told(tmp_path: Path) -> None:
    away = lab_settings(
        tmp_path,
        database_url=f"postgresql+psycopg://bot:db-пароль@127.0.0.1:{free_port()}/log",
        redis_url=f"redis://:redis-пароль@127.0.0.1:{free_port()}/0",
    )
    database, cache = find(away, "call-log"), find(away, "redis")
    assert (database.ok, database.needed) == (False, True)
    assert (cache.ok, cache.needed) == (False, False)
    assert "пароль" not in repr((database.detail, cache.detail))


def test_the_models_that_operators_chose_are_those_checked(tmp_path: Path) -> None:
    settings = lab_settings(tmp_path)
    put_release_in_service(ReleaseStore(settings.persist_directory))
    Publisher(settings).change_settings({"llm_model_primary": "gpt-4.1"}, "lab")
    assert as_in_service(settings).llm_model_primary == "gpt-4.1"
    nowhere = settings.model_copy(update={"persist_directory": tmp_path / "nothing"})
    assert as_in_service(nowhere).llm_model_primary == "gpt-4o-mini"
