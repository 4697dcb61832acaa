"""What operators publish is in force in the next call, without a restart."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.releases.publisher import Publisher
from bot.releases.store import ReleaseStore
from bot.releases.takeup import worker_states
from bot.settings import Settings
from bot.softphone.phone import Phone
from tests.calls.dialogue import CALLER, PATIENCE_S
from tests.lab.asterisk import Asterisk
from tests.lab.worker import REPO, Worker
from tests.lab.yandex_server import YandexServer

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
    own_worker: Callable[..., Worker], variables: dict[str, str], yandex: YandexServer
) -> None:
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
            publish_greeting(variables)
        (told,) = worker_states(Path(variables["PERSIST_DIRECTORY"]))
    assert told.is_running  # and the admin could see what it answered from
    assert told.taken_up.release == published_last(variables)
    assert greetings[0] != greetings[1] == GREETING
    assert [heard.text for heard in yandex.grpc.plan.heard].count(GREETING) == 1


def publish_greeting(variables: dict[str, str]) -> None:
    values = {name.lower(): value for name, value in variables.items()}
    settings = Settings(_env_file=None, **values)  # type: ignore[arg-type, call-arg]
    prompts = json.loads(settings.prompts_file_path.read_text(encoding="utf-8"))
    Publisher(settings).change_prompts(prompts | {"greeting": GREETING}, "Анна")


def published_last(variables: dict[str, str]) -> int:
    return ReleaseStore(Path(variables["PERSIST_DIRECTORY"])).in_service()
