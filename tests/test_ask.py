"""``python -m bot.ask`` as an operator runs it: a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.embeddings.local import LocalEmbedder
from tests.agent.parts import NO_ANSWER, write_bases
from tests.lab import openai_faults as faults
from tests.lab.openai_server import OpenAIServer
from tests.lab.ports import free_port

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("ask")
    write_bases(made, LocalEmbedder())
    return made


def environment_of(**variables: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": os.environ.get("HOME", "/"),
        "PYTHONPATH": str(ROOT),
        "PYTHONUTF8": "1",
        "OMP_NUM_THREADS": "1",
        "KNOWLEDGE_BASE_PATH": "general.md",
        "KNOWLEDGE_BASE2_PATH": "tech.md",
        "PROMPTS_FILE_PATH": "prompts.json",
        "REDIS_URL": f"redis://127.0.0.1:{free_port()}/0",
        **variables,
    }


def run(
    folder: Path, *arguments: str, typed: str = "", **variables: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot.ask", *arguments],
        cwd=folder, env=environment_of(**variables), input=typed, capture_output=True, text=True,
        timeout=100, check=False,
    )  # fmt: skip


def test_a_full_disk_is_one_line_and_exit_code_1(folder: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "bot.ask", "Какая гарантия?"],
            cwd=folder, env=environment_of(), stdout=full, stderr=subprocess.PIPE, text=True,
            timeout=100, check=False,
        )  # fmt: skip
    said = "bot.ask: ответ не записан: No space left on device\n"
    assert (done.returncode, done.stderr) == (1, said)


def test_a_question_is_answered_with_source_passages_and_times(folder: Path) -> None:
    done = run(folder, "Какая скорость у рэм сто?")
    assert (done.returncode, done.stderr) == (0, "")
    assert "500 мм/мин" in done.stdout
    assert "источник: техническая база (tech, extractive)" in done.stdout
    assert "tech     РЭМ-100" in done.stdout
    assert "время: поиск " in done.stdout


def test_json_holds_the_answer_its_passages_and_the_trace(folder: Path) -> None:
    row = json.loads(run(folder, "--json", "Какая", "гарантия?").stdout)
    assert row["question"] == "Какая гарантия?"
    assert row["answer"] == " ".join(row["sentences"])
    assert row["source"] == "general"
    assert row["passages"][0]["heading"] == "Гарантия"
    assert 0 < row["passages"][0]["relevance"] <= 1
    assert row["timings_ms"]["total"] >= row["timings_ms"]["retrieval"] > 0
    assert row["trace"]["requests"] == {"embedding": 1}


def test_a_question_that_the_bases_do_not_hold_is_no_failure(folder: Path) -> None:
    done = run(folder, "Кто написал роман «Война и мир»?")
    assert done.returncode == 0
    assert NO_ANSWER in done.stdout
    assert "источник: нет" in done.stdout


def test_a_typed_dialogue_keeps_its_history_until_the_input_ends(folder: Path) -> None:
    done = run(folder, "--json", typed="Какая скорость у РЭМ-100?\n\nА сколько она стоит?\n")
    first, second = map(json.loads, done.stdout.splitlines())
    assert done.returncode == 0
    assert first["trace"]["rewritten"] == ""
    assert second["trace"]["rewritten"] == "А сколько она стоит? РЭМ-100"
    assert second["source"] == "general"


@pytest.mark.parametrize(
    ("variables", "names"),
    [
        ({"REDIS_URL": "localhost"}, "REDIS_URL"),
        ({"KB_TOP_K": "many"}, "KB_TOP_K"),
        ({"LLM_PROVIDER": "openai"}, "OPENAI_API_KEY"),
        ({"PERSIST_DIRECTORY": "nowhere"}, "python -m bot.index"),
        ({"PROMPTS_FILE_PATH": "nothing.json"}, "nothing.json"),
    ],
)
def test_what_is_wrong_is_one_line_and_exit_code_1(
    folder: Path, variables: dict[str, str], names: str
) -> None:
    done = run(folder, "Какая гарантия?", **variables)
    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert names in done.stderr


def test_a_dead_model_is_named_and_the_passage_quoted(folder: Path) -> None:
    with OpenAIServer() as server:
        server.fail("chat", faults.bad_key(), times=9)
        done = run(
            folder, "Какая гарантия?", OPENAI_API_KEY=server.key, OPENAI_BASE_URL=server.base_url
        )
    assert done.returncode == 0
    assert "24 месяца" in done.stdout
    assert "не ответило: openai: authentication" in done.stdout
