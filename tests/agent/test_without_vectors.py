"""The embedder fails in every documented way, and the bases are searched by letters."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.embeddings.choose import choose_embedder
from tests.agent.parts import (
    FOREIGN,
    SPEED,
    WARRANTY,
    Lab,
    chat_settings,
    lab_settings,
    make_lab,
    write_bases,
)
from tests.lab import openai_faults as faults
from tests.lab.openai_faults import Fault
from tests.lab.openai_server import OpenAIServer


@pytest.fixture(scope="module")
def service() -> Iterator[OpenAIServer]:
    with OpenAIServer() as running:
        yield running


@pytest.fixture(scope="module")
def embedded(service: OpenAIServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release whose vectors are the service's."""
    folder = tmp_path_factory.mktemp("embedded")
    write_bases(folder, choose_embedder(lab_settings(folder, **_settings(service))))
    return folder


@pytest.fixture
def remote(
    embedded: Path, service: OpenAIServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Lab:
    shutil.copytree(embedded, tmp_path, symlinks=True, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    service.forget()
    return make_lab(tmp_path, **_settings(service))


def _settings(service: OpenAIServer) -> dict[str, object]:
    hasty = {"embeddings_provider": "openai", "llm_provider": "extractive", "answer_within_s": 1.0}
    return chat_settings(service) | hasty


TROUBLE = [
    (faults.bad_key(), "authentication"),
    (faults.forbidden(), "authentication"),
    (faults.refused(400, "wrong", param="input"), "permanent"),
    (faults.rate_limited(), "transient"),
    (faults.rate_limited(None), "transient"),
    (faults.out_of_quota(), "quota"),
    (faults.server_error(), "transient"),
    (faults.overloaded(), "transient"),
    (faults.cut(), "transient"),
    (faults.garbage(), "permanent"),
    (faults.stall(), "timeout"),
    (faults.drip(), "timeout"),
]


@pytest.mark.parametrize(("fault", "kind"), TROUBLE)
def test_the_question_is_answered_by_letters_and_the_answer_is_not_kept(
    remote: Lab, service: OpenAIServer, fault: Fault, kind: str
) -> None:
    service.fail("embedding", fault)
    answer = remote.ask(WARRANTY)
    assert "24 месяца" in answer.text
    assert answer.trace.by_letters
    assert answer.trace.fallbacks == [f"embeddings: {kind}"]
    assert answer.trace.passages[0].relevance > 0.5
    assert remote.counted("bot_provider_fallback_total", stage="embeddings") == 1
    assert remote.counted("bot_provider_errors_total", provider="openai", kind=kind) == 1
    assert not remote.ask(WARRANTY).trace.cached


def test_what_the_bases_do_not_tell_is_refused_by_letters_too(
    remote: Lab, service: OpenAIServer
) -> None:
    service.fail("embedding", faults.server_error(), times=9)
    assert remote.ask(FOREIGN).trace.unanswered
    assert "500 мм/мин" in remote.ask(SPEED).text
    assert "3,2 миллиона" in remote.ask("сколько стоит РЭМ-100 и какая гарантия?").text


def test_one_that_keeps_failing_is_left_alone_and_asked_again_when_it_may_be_back(
    remote: Lab, service: OpenAIServer
) -> None:
    service.fail("embedding", faults.server_error(), times=3)
    for question in (WARRANTY, SPEED, "Сколько стоит РЭМ-100?", "Как вы работаете?"):
        assert remote.ask(question).trace.by_letters
    assert service.count("embedding") == 3


def test_one_that_says_when_to_come_again_is_left_alone_until_then(
    remote: Lab, service: OpenAIServer
) -> None:
    service.fail("embedding", faults.rate_limited(retry_after_s=60))
    assert remote.ask(WARRANTY).trace.by_letters
    assert remote.ask(SPEED).trace.by_letters
    assert service.count("embedding") == 1
