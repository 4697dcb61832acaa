"""What operators publish is in force in the next call, without a restart."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.settings import Settings
from bot.softphone.phone import Phone
from tests.calls.dialogue import CALLER, PATIENCE_S
from tests.lab.asterisk import Asterisk
from tests.lab.worker import REPO, Worker
from tests.lab.yandex_server import YandexServer
from tests.webadmin.answering import KEY, Place
from tests.webadmin.knowledgelab import words_of
from tests.webadmin.promptslab import PROMPTS, save
from webadmin import create_app

GREETING = "Добрый день, это новое приветствие."


@pytest.fixture
def variables(tmp_path: Path) -> dict[str, str]:
    """A worker's variables for bases, prompts and releases of its own."""
    shutil.copytree(REPO / "kb", tmp_path / "kb")
    shutil.copytree(REPO / "index", tmp_path / "index", symlinks=True)
    return {
        "KNOWLEDGE_BASE_PATH": str(tmp_path / "kb" / "general.md"),
        "KNOWLEDGE_BASE2_PATH": str(tmp_path / "kb" / "tech.md"),
        "PROMPTS_FILE_PATH": str(tmp_path / "kb" / "prompts.json"),
        "PERSIST_DIRECTORY": str(tmp_path / "index"),
    }


def test_the_next_caller_is_greeted_as_the_operator_has_just_published(
    own_worker: Callable[..., Worker],
    variables: dict[str, str],
    yandex: YandexServer,
    tmp_path: Path,
) -> None:
    admin = admin_of(variables, tmp_path)
    with (
        Asterisk() as asterisk,
        own_worker(asterisk.environment() | variables) as worker,
        Phone(asterisk.sip_server) as phone,
    ):
        greetings = []
        for number in range(2):
            with phone.dial("100", caller_id=CALLER) as call:
                assert call.wait_speech(call.answered_at, PATIENCE_S) is not None
            greetings.append(worker.wait_for_call(number)["lines"][0]["text"])
            save(admin, "Анна", greeting=GREETING)
        told = told_on_the_page(admin)
    assert re.search(rf"Применено агентом [\d.]+ в [\d:]+ , выпуск {admin.release}\.", told)
    assert greetings[0] != greetings[1] == GREETING
    assert [heard.text for heard in yandex.grpc.plan.heard].count(GREETING) == 1


def admin_of(variables: dict[str, str], folder: Path) -> Place:
    """An operators' admin over the worker's files."""
    values = {name.lower(): value for name, value in variables.items()}
    values |= {"api_secret_key": KEY, "db_path": str(folder / "admin.sqlite")}
    settings = Settings(_env_file=None, **values)  # type: ignore[arg-type, call-arg]
    app = create_app(settings)
    return Place(folder, settings, app, app.test_client())


def told_on_the_page(admin: Place) -> str:
    return words_of(admin.client.get(PROMPTS).text)
