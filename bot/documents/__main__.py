"""What becomes of a document: ``python -m bot.documents FILE [-o OUT.md]``."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from bot.documents.convert import markdown_of
from bot.documents.limits import UPLOAD_BYTES
from bot.errors import AssistantError, KnowledgeError


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the Markdown of a document, or write it to a file; 1 when it is refused."""
    options = _parse(arguments)
    try:
        text = markdown_of(options.file.name, _read(options.file))
        if options.output is None:
            _print(text)
        else:
            _write(options.output, text)
    except AssistantError as error:
        print(f"bot.documents: {options.file}: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # the reader (`| head`) has seen enough
        _discard_output()
    return 0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bot.documents",
        description="Показать, каким Markdown станет документ (.docx, .pdf) в базе знаний.",
    )
    parser.add_argument("file", type=Path, help="документ")
    parser.add_argument("-o", "--output", type=Path, help="записать сюда, а не на экран")
    return parser.parse_args(arguments)


def _read(path: Path) -> bytes:
    """One byte more than is accepted tells a file that is too large."""
    try:
        with path.open("rb") as file:
            return file.read(UPLOAD_BYTES + 1)
    except OSError as error:
        raise KnowledgeError(f"файл не читается: {error.strerror}") from error


def _print(text: str) -> None:
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        _discard_output()
        raise KnowledgeError(f"вывод не записывается: {error.strerror}") from error


def _discard_output() -> None:
    """What is still unwritten goes nowhere: Python would try again at its end, and complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise KnowledgeError(f"{path} не записывается: {error.strerror}") from error


if __name__ == "__main__":
    sys.exit(main())
