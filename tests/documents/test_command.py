"""``python -m bot.documents``: what becomes of a document, before it is published."""

import os
import subprocess
import sys
from pathlib import Path

from tests.documents.word import p, word

ROOT = Path(__file__).parents[2]
KEY = "sk-not-to-be-seen"


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot.documents", *map(str, arguments)],
        cwd=ROOT, capture_output=True, text=True, timeout=60,
        env={**os.environ, "OPENAI_API_KEY": KEY},
    )  # fmt: skip


def test_the_markdown_is_printed_or_written(tmp_path: Path) -> None:
    source, result = tmp_path / "цены.docx", tmp_path / "out.md"
    source.write_bytes(word(p("Цены", "1") + p("По запросу.")))
    assert run(source).stdout == "# Цены\n\nПо запросу.\n"
    assert run(source, "-o", result).stdout == ""
    assert result.read_text(encoding="utf-8") == "# Цены\n\nПо запросу.\n"


def test_a_refusal_is_one_line_and_exit_code_1_and_writes_nothing(tmp_path: Path) -> None:
    source, result = tmp_path / "цены.docx", tmp_path / "out.md"
    source.write_bytes(word(p("По запросу.")))
    done = run(source, "-o", result)
    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert "в документе нет заголовков" in done.stderr
    assert not result.exists()


def test_a_file_that_is_not_there_and_a_place_that_is_not_writable_are_told(tmp_path: Path) -> None:
    source = tmp_path / "цены.docx"
    assert "не читается" in run(source).stderr
    source.write_bytes(word(p("Цены", "1") + p("По запросу.")))
    done = run(source, "-o", tmp_path / "нет" / "out.md")
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert "не записывается" in done.stderr


def test_a_full_disk_behind_standard_output_is_told_in_one_line(tmp_path: Path) -> None:
    source = tmp_path / "цены.docx"
    source.write_bytes(word(p("Цены", "1") + p("По запросу.")))
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "bot.documents", source],
            cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert "не записывается" in done.stderr


def test_the_readers_are_loaded_only_where_a_document_is_read() -> None:
    names = "{'pypdfium2', 'numpy', 'faiss', 'bot.documents.docx.body'}"
    program = f"import bot.documents, sys; print({names} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == "set()"
