"""``python -m bot.evaluate`` on small bases: with the quoting stack, and with paid stand-ins."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import redis

from bot.embeddings.local import LocalEmbedder
from bot.embeddings.openai import OpenAIEmbedder
from bot.evaluate import main
from bot.evaluation.previous import LAST_RUN_PATH
from bot.openai_client import openai_client
from tests.agent.parts import lab_settings, write_bases
from tests.lab import openai_faults as faults
from tests.lab.openai_plan import Plan
from tests.lab.openai_server import OpenAIServer
from tests.lab.ports import free_port
from tests.lab.redis import RedisServer

ROOT = Path(__file__).parents[2]
HISTORY = [{"question": "Какая скорость у РЭМ-100?", "answer": "До 500 мм/мин."}]
QUESTIONS: tuple[dict[str, Any], ...] = (
    {"id": "warranty", "kind": "plain", "question": "Какая гарантия на машины?",
     "base": "general", "headings": ["Гарантия"], "contains": ["24 месяца"]},
    {"id": "speed", "kind": "recognised", "question": "какая скорость у рэм сто",
     "base": "tech", "headings": ["РЭМ-100"], "contains": ["500 мм/мин"]},
    {"id": "hours", "kind": "numbers", "question": "До скольки вы работаете?",
     "base": "general", "headings": ["Часы работы"], "contains": ["восьми"]},
    {"id": "price", "kind": "follow_up", "question": "а сколько она стоит", "history": HISTORY,
     "base": "general", "headings": ["Цена РЭМ-100"], "contains": ["3,2 миллиона"]},
    {"id": "novel", "kind": "off_topic", "question": "Кто написал роман «Война и мир»?"},
    {"id": "hello", "kind": "small_talk", "question": "здравствуйте", "control": "greeting"},
    {"id": "warranty-again", "kind": "paraphrase", "question": "на сколько месяцев гарантия",
     "same_as": "warranty", "base": "general", "headings": ["Гарантия"]},
)  # fmt: skip
MODEST = "recall_at_3 = 0.9\nrouting = 0.9\nexact_numbers = 1\nsmall_talk = 1\ncache_repeated = 1\n"
Json = dict[str, Any]


def write_golden(folder: Path, *questions: Mapping[str, Any], thresholds: str = MODEST) -> None:
    lines = [json.dumps(question, ensure_ascii=False) for question in questions or QUESTIONS]
    (folder / "golden.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (folder / "golden.toml").write_text(thresholds, encoding="utf-8")


@pytest.fixture(scope="module")
def bases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("evaluation")
    write_bases(made, LocalEmbedder())
    return made


@pytest.fixture
def folder(bases: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the command runs, with golden questions and the settings of small bases."""
    monkeypatch.chdir(tmp_path)
    write_golden(tmp_path)
    write_settings(tmp_path, bases)
    return tmp_path


def write_settings(folder: Path, bases: Path, **variables: str) -> None:
    settings = {
        "KNOWLEDGE_BASE_PATH": bases / "general.md",
        "KNOWLEDGE_BASE2_PATH": bases / "tech.md",
        "PROMPTS_FILE_PATH": bases / "prompts.json",
        "PERSIST_DIRECTORY": bases / "index",
        "REDIS_URL": f"redis://127.0.0.1:{free_port()}/0",
        **variables,
    }
    lines = [f"{name}={value}" for name, value in settings.items()]
    (folder / "settings.env").write_text("\n".join(lines), encoding="utf-8")


def chat_variables(server: OpenAIServer) -> dict[str, str]:
    return {"OPENAI_API_KEY": server.key, "OPENAI_BASE_URL": server.base_url}


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(folder: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command with some arguments: its exit code, what it printed, and its errors."""

    def evaluate(*arguments: str) -> tuple[int, str, str]:
        files = ("--file", "golden.jsonl", "--thresholds", "golden.toml")
        code = main([*files, "--env-file", "settings.env", *arguments])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return evaluate


def test_good_answers_pass_and_the_report_fits_the_screen(run: Run) -> None:
    code, report, errors = run()
    assert (code, errors) == (0, "")
    assert "golden.jsonl, 7 вопросов" in report
    assert "Ответы: extractive; векторы: local; порог 0.2; выпуск 1" in report
    assert "Все пороги выполнены: 5." in report
    assert "Сравнить не с чем" in report
    assert max(map(len, report.splitlines())) <= 100


def test_a_wrong_expectation_misses_the_threshold_and_is_listed(folder: Path, run: Run) -> None:
    wrong = {**QUESTIONS[0], "headings": ["Доставка"], "contains": ["36 лет"]}
    write_golden(folder, wrong, *QUESTIONS[1:], thresholds=MODEST + "contains = 1\n")
    code, report, _ = run("--failed")
    assert code == 1
    assert "warranty  (обычные)" in report
    assert "нужно      general: «Доставка», слова «36 лет»" in report
    assert "general: «Гарантия»" in report
    assert "в ответе нет: «36 лет»" in report
    assert "speed" not in report
    assert "Порогов не выполнено: 1 из 6." in report


def test_json_holds_figures_questions_and_the_second_pass(run: Run) -> None:
    code, printed, _ = run("--json")
    result = json.loads(printed)
    assert code == 0
    assert result["passed"] is True
    assert result["figures"]["recall_at_3"] == 1
    assert result["figures"]["cache_repeated"] == 1
    assert result["by_kind"]["follow_up"]["figures"]["follow_up"] == {
        "value": 1.0, "total": 1.0, "of": 1,
    }  # fmt: skip
    hello = next(one for one in result["questions"] if one["id"] == "hello")
    assert hello["trace"]["control"] == "greeting"
    assert hello["trace"]["requests"] == {}
    roles = [(turn["id"], turn["role"], turn["hit"]) for turn in result["cache"]]
    assert roles[0] == ("warranty", "first", False)
    assert roles[-1] == ("warranty-again", "repeated", True)
    assert len(roles) == 7 + 4


def test_only_the_second_pass_uses_an_answer_again(folder: Path, run: Run) -> None:
    twin = {**QUESTIONS[0], "id": "twin", "question": "какая гарантия на машины"}
    write_golden(folder, QUESTIONS[0], QUESTIONS[-1], twin)
    result = json.loads(run("--json")[1])
    assert [one["trace"]["cached"] for one in result["questions"]] == [False, False, False]
    first = [turn for turn in result["cache"] if turn["role"] == "first"]
    assert [(turn["id"], turn["hit"]) for turn in first] == [("warranty", False), ("twin", True)]
    assert result["figures"]["cache_wrong_hits"] == 0


def test_each_run_is_compared_with_the_one_before(folder: Path, bases: Path, run: Run) -> None:
    write_settings(folder, bases, KB_FALLBACK_THRESHOLD="1")
    assert run()[0] == 1
    write_settings(folder, bases)
    write_golden(folder, *QUESTIONS[:-1], {**QUESTIONS[-1], "lacks": ["36 лет"]})
    _, report, _ = run()
    better = report.partition("Стало хуже: 0")[2]
    assert "  warranty  «Какая гарантия на машины?»" in better
    assert "в ответе есть всё нужное: нет → да" in better
    assert "warranty-again" not in better
    assert "Новых или изменённых вопросов: 1" in report
    write_settings(folder, bases, KB_FALLBACK_THRESHOLD="0")
    _, report, _ = run()
    worse = report.partition("Стало хуже: 1")[2].partition("Стало лучше: 0")[0]
    assert "  novel  «Кто написал роман «Война и мир»?»" in worse
    assert "отказано, раз ответа нет (полнота отказов): да → нет" in worse


def test_a_part_of_the_questions_is_asked_but_not_remembered(run: Run) -> None:
    code, printed, _ = run("--kind", "paraphrase", "--kind", "off_topic", "--json")
    result = json.loads(printed)
    assert [one["id"] for one in result["questions"]] == ["novel", "warranty-again"]
    assert [turn["id"] for turn in result["cache"]][:2] == ["warranty", "novel"]
    assert {one["measure"] for one in result["thresholds"]} == {
        "recall_at_3", "routing", "exact_numbers", "cache_repeated",
    }  # fmt: skip
    assert code == 0
    assert not LAST_RUN_PATH.exists()


def test_a_threshold_that_no_question_measures_is_not_met(folder: Path, run: Run) -> None:
    write_golden(folder, QUESTIONS[0], thresholds="follow_up = 0\nrecall_at_3 = 1\n")
    code, report, _ = run()
    assert code == 1
    assert "✗ продолжение разговора понято" in report
    assert "Порогов не выполнено: 1 из 2." in report


def test_redis_is_neither_read_nor_written(
    folder: Path, bases: Path, run: Run, redis_server: RedisServer
) -> None:
    write_settings(folder, bases, REDIS_URL=redis_server.url)
    with redis.Redis(port=redis_server.port) as client:
        before, asked = client.dbsize(), client.info("commandstats").get("cmdstat_get", {})
        run("--kind", "plain")
        assert client.dbsize() == before
        assert client.info("commandstats").get("cmdstat_get", {}) == asked


def test_a_model_that_makes_up_a_number_fails_and_its_requests_are_counted(
    folder: Path, bases: Path, run: Run
) -> None:
    with OpenAIServer(Plan(answer=_inventing)) as server:
        write_settings(folder, bases, **chat_variables(server))
        code, report, _ = run()
        made = server.count("chat")
        _, failed, _ = run("--failed")
    assert code == 1
    assert "Ответы: gpt-4o-mini / gpt-6-luna;" in report
    line = next(row for row in report.splitlines() if row.startswith("✗ числа точны"))
    assert " 0/1 " in line
    assert f"llm {made} (с проверкой кэша)" in report
    assert "чисел нет в найденном: «тридцать шесть лет»" in failed


def _inventing(body: Mapping[str, Any]) -> str:
    """A model that gives one question's answer a number of its own."""
    asked = body["messages"][-1]["content"]
    return "Гарантия тридцать шесть лет.|" if "гарантия на" in asked else "Да, конечно.|"


@pytest.fixture(scope="module")
def paid(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, OpenAIServer]]:
    """Small bases whose vectors come from a service."""
    folder = tmp_path_factory.mktemp("paid")
    with OpenAIServer() as server:
        settings = lab_settings(folder, openai_api_key=server.key, openai_base_url=server.base_url)
        write_bases(folder, OpenAIEmbedder(openai_client(settings)))
        yield folder, server


def test_a_question_that_was_searched_by_letters_is_told_and_the_run_is_not_compared_with(
    folder: Path, run: Run, paid: tuple[Path, OpenAIServer]
) -> None:
    bases, server = paid
    write_golden(folder, *QUESTIONS[:2], thresholds="recall_at_3 = 1\n")
    write_settings(
        folder, bases, EMBEDDINGS_PROVIDER="openai", LLM_PROVIDER="extractive",
        **chat_variables(server),
    )  # fmt: skip
    server.fail("embedding", faults.out_of_quota(), 9, input=["Какая гарантия на машины?"])
    _, report, _ = run()
    assert "СБОИ, ПРИ КОТОРЫХ ОТВЕТИЛ ЗАПАСНОЙ: 6 (embeddings: quota — 6)" in report
    assert "Эта оценка не запомнена" in report
    assert not LAST_RUN_PATH.exists()


def test_answers_of_a_stand_by_are_told(folder: Path, bases: Path, run: Run) -> None:
    with OpenAIServer() as server:
        server.fail("chat", faults.bad_key(), times=99)
        write_settings(folder, bases, **chat_variables(server))
        _, report, _ = run("--kind", "plain")
    assert "СБОИ, ПРИ КОТОРЫХ ОТВЕТИЛ ЗАПАСНОЙ:" in report
    assert "openai: authentication" in report


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (("--file", "nothing.jsonl"), "nothing.jsonl: файл не читается"),
        (("--file", "empty.jsonl"), "empty.jsonl: there are no such questions"),
        (("--file", "torn.jsonl"), "torn.jsonl: строка 1"),
        (("--kind", "hostile"), "golden.jsonl: there are no such questions"),
        (("--thresholds", "nothing.toml"), "nothing.toml: cannot be read"),
        (("--thresholds", "torn.jsonl"), "torn.jsonl: is not TOML"),
        (("--thresholds", "golden.jsonl"), "golden.jsonl: is not TOML"),
        (("--env-file", "no-index.env"), "python -m bot.index"),
        (("--env-file", "no-key.env"), "OPENAI_API_KEY"),
    ],
)
def test_what_cannot_be_measured_is_one_line_and_exit_code_2(
    folder: Path, run: Run, arguments: tuple[str, ...], names: str
) -> None:
    (folder / "empty.jsonl").write_text("\n\n")
    (folder / "torn.jsonl").write_text('{"id": "a", ')
    (folder / "no-index.env").write_text("PERSIST_DIRECTORY=nowhere\n")
    (folder / "no-key.env").write_text("LLM_PROVIDER=openai\n")
    code, printed, errors = run(*arguments)
    assert (code, printed) == (2, "")
    assert names in errors
    assert len(errors.splitlines()) == 1


def test_a_last_run_that_cannot_be_read_is_said_and_written_anew(folder: Path, run: Run) -> None:
    LAST_RUN_PATH.parent.mkdir(parents=True)
    LAST_RUN_PATH.write_text("{torn")
    code, report, errors = run()
    assert code == 0
    assert "Сравнить не с чем" in report
    assert "last.json: is no result of an evaluation" in errors
    assert json.loads(LAST_RUN_PATH.read_text(encoding="utf-8"))["file"] == "golden.jsonl"


def test_it_is_a_command_of_its_own(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bot.evaluate", "--file", "nothing.jsonl"],
        cwd=folder, capture_output=True, text=True, timeout=100, check=False,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "bot.evaluate: nothing.jsonl: файл не читается: [Errno 2] No such file or directory: "
        "'nothing.jsonl'\n"
    )
