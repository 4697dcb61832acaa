"""The self-check against real and broken services, and the call it places to itself."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.lab.asterisk import Asterisk
from tests.lab.ports import free_port
from tests.lab.worker import Worker, lab_environment


def _check(environment: dict[str, str], folder: Path, *options: str) -> tuple[int, str]:
    """Exit code and output of ``python -m bot.check``."""
    result = subprocess.run(
        [sys.executable, "-m", "bot.check", *options],
        env=environment, cwd=folder, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    return result.returncode, result.stdout + result.stderr


def test_everything_that_works_is_said_to_work_and_the_call_is_measured(
    worker: Worker, asterisk: Asterisk
) -> None:
    sip = f"127.0.0.1:{asterisk.sip_port}"
    code, said = _check(worker.environment, worker.folder, "--call", "--sip", sip)
    assert code == 0, said
    assert "FAIL" not in said
    for name in (
        "Asterisk ARI", "Redis", "Журнал звонков", "Индекс", "Распознавание речи",
        "Синтез: festival", "Звонок себе",
    ):  # fmt: skip
        assert f"ok    {name}" in said
    assert "после снятия трубки" in said
    assert "после нашего вопроса" in said


def test_what_does_not_work_is_named_with_advice(tmp_path: Path) -> None:
    environment = lab_environment(tmp_path, free_port()) | {
        "ARI_URL": f"http://127.0.0.1:{free_port()}",
        "REDIS_URL": f"redis://127.0.0.1:{free_port()}/0",
        "PERSIST_DIRECTORY": str(tmp_path / "nothing"),
        "OPENAI_API_KEY": "sk-wrong",
        "OPENAI_BASE_URL": f"http://127.0.0.1:{free_port()}/v1",
    }
    code, said = _check(environment, tmp_path)
    assert code == 1
    for name in ("Asterisk ARI", "Агент", "Индекс", "Распознавание речи", "Модель: основная"):
        assert f"FAIL  {name}" in said
    assert "warn  Redis" in said
    assert "python -m bot.index" in said
    assert "ok    Подсказки" in said
    assert "Traceback" not in said
    assert "sk-wrong" not in said


def test_a_wrong_ari_password_is_told_apart(
    asterisk: Asterisk, tmp_path: Path, own_worker: Callable[..., Worker]
) -> None:
    wrong = asterisk.environment() | {"ARI_PASSWORD": "wrong"}
    code, said = _check(lab_environment(tmp_path, free_port()) | wrong, tmp_path)
    assert code == 1
    assert "ARI_USER или ARI_PASSWORD не подошли (401)" in said
    worker = own_worker(wrong)
    worker.spawn()
    assert "check ARI_USER" in worker.wait_for_log("asterisk unreachable")
