"""How good the answers are, on the golden questions: ``python -m bot.evaluate``."""

import argparse
import json
import logging
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

from bot.errors import AssistantError, KnowledgeError
from bot.evaluation.evaluating import Evaluated, evaluate
from bot.evaluation.previous import LAST_RUN_PATH, Run, keep_run, read_run
from bot.evaluation.report import failed_report, report
from bot.evaluation.result import Circumstances, Result, is_kept, result_of
from bot.evaluation.resultjson import as_json
from bot.evaluation.thresholds import THRESHOLDS_PATH, read_thresholds
from bot.golden import GOLDEN_PATH, GoldenQuestion, Kind, read_golden
from bot.livesettings import live_settings
from bot.records import now
from bot.releases.store import ReleaseStore
from bot.settings import Settings, load_settings

CANNOT = 2
"""Exit code when nothing could be measured; 1 says that the answers are not good enough."""
INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Ask, print, and return the exit code: 1 below a threshold, 2 with one line that says why."""
    options = _parse(arguments)
    logging.basicConfig(level=logging.ERROR, format="%(message)s")
    try:
        return _run(options)
    except AssistantError as error:
        print(f"bot.evaluate: {error}", file=sys.stderr)
        return CANNOT
    except KeyboardInterrupt:
        print("\nbot.evaluate: прервано", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # the reader (`| head`) has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return CANNOT


def _run(options: argparse.Namespace) -> int:
    settings = load_settings(options.env_file)
    questions, thresholds = read_golden(options.file), read_thresholds(options.thresholds)
    chosen = [one for one in questions if not options.kind or one.kind in options.kind]
    if not chosen:
        raise KnowledgeError(f"{options.file}: there are no such questions")
    before = _before(options.file)
    evaluated, circumstances = _ask(settings, options.file, questions, chosen)
    result = result_of(circumstances, evaluated, thresholds, before, partial=bool(options.kind))
    if is_kept(result):
        keep_run(LAST_RUN_PATH, as_json(result))
    _print(result, settings, options)
    return 0 if result.passed else 1


def _ask(
    settings: Settings,
    file: Path,
    questions: Sequence[GoldenQuestion],
    chosen: Sequence[GoldenQuestion],
) -> tuple[Evaluated, Circumstances]:
    asked_at, began = now(), time.monotonic()
    evaluated = evaluate(settings, questions, chosen, _show)
    return evaluated, Circumstances(
        file=str(file),
        asked_at=asked_at,
        seconds=time.monotonic() - began,
        llm=" / ".join(evaluated.live.models) if settings.llm == "openai" else settings.llm,
        embeddings=settings.embeddings,
        threshold=_threshold(settings),
    )


def _threshold(settings: Settings) -> float:
    """That of the release in service."""
    store = ReleaseStore(settings.persist_directory)
    content = store.content(store.record(store.require_in_service()))
    return live_settings(settings, content.settings).kb_fallback_threshold


def _before(file: Path) -> Run | None:
    """The last run of the same questions; one that cannot be read is said and forgotten."""
    try:
        run = read_run(LAST_RUN_PATH)
    except KnowledgeError as error:
        print(f"bot.evaluate: {error}", file=sys.stderr)
        return None
    return run if run is not None and run.file == str(file) else None


def _print(result: Result, settings: Settings, options: argparse.Namespace) -> None:
    if options.json:
        print(json.dumps(as_json(result), ensure_ascii=False))
    elif options.failed:
        print(failed_report(result))
    else:
        print(report(result, settings.zone))


def _show(done: int, total: int) -> None:
    if sys.stderr.isatty():
        end = "\r\033[K" if done == total else ""
        print(f"\rспрошено {done} из {total}", end=end, file=sys.stderr, flush=True)


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bot.evaluate", description=__doc__)
    parser.add_argument("--file", type=Path, default=GOLDEN_PATH, help="эталонные вопросы")
    parser.add_argument("--thresholds", type=Path, default=THRESHOLDS_PATH, help="пороги")
    parser.add_argument(
        "--kind", action="append", choices=get_args(Kind),
        help="только вопросы этого вида (можно повторить); такая оценка не запоминается",
    )  # fmt: skip
    shown = parser.add_mutually_exclusive_group()
    shown.add_argument("--json", action="store_true", help="весь результат одним JSON")
    shown.add_argument("--failed", action="store_true", help="только неверное, с найденным")
    parser.add_argument("--env-file", type=Path, default=Path(".env"))
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
