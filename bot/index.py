"""Publishing the knowledge bases and the prompts as they are now: ``python -m bot.index``.

A new index is built beside the one in service and becomes part of a new release
(:mod:`bot.releases`); whatever goes wrong before that leaves the old release in service.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from bot.embeddings import Embedder
from bot.embeddings.choose import choose_embedder
from bot.errors import AssistantError, KnowledgeError
from bot.examples import examples_of
from bot.prompts import advice_on_missing, missing_parts, prompts_in, published_prompts
from bot.releases.content import Content
from bot.releases.publisher import Publisher
from bot.releases.record import ReleaseRecord, os_user
from bot.releases.store import ReleaseStore
from bot.releases.workingfiles import WorkingFiles, golden_fault, golden_of, sources_of
from bot.search.build import NoTextError
from bot.search.builds import digests_of
from bot.search.indexfiles import FORMAT, Manifest
from bot.settings import Settings, load_settings

_STATUS = {
    "fresh": "свежий",
    "stale": "устарел",
    "missing": "индекса нет",
    "corrupt": "повреждён",
}


@dataclass(frozen=True)
class IndexState:
    """Whether the release in service is that of the files as they are now, and if not, why."""

    status: Literal["fresh", "stale", "missing", "corrupt"]
    why: str


def check_index(settings: Settings, model_key: str) -> IndexState:
    """Compare the release in service with the files and the model; reads the whole index."""
    store = ReleaseStore(settings.persist_directory)
    number = store.in_service()
    if not number:
        return IndexState("missing", "выпусков ещё нет")
    try:
        record = store.record(number)
        manifest = store.builds.manifest(record.build_id)
        reasons = _differences(settings, store.content(record), manifest, model_key)
        if reasons:
            return IndexState("stale", "; ".join(reasons))
        store.builds.load(record.build_id, model_key)
    except AssistantError as error:
        return IndexState("corrupt", str(error))
    return IndexState("fresh", f"выпуск {number}, индекс {record.build_id}")


def _differences(
    settings: Settings, content: Content, manifest: Manifest, model_key: str
) -> list[str]:
    reasons = []
    if manifest.format != FORMAT:
        reasons.append("индекс построен другой версией программы")
    if manifest.model_key != model_key:
        reasons.append(f"индекс построен моделью {manifest.model_key}, а в настройках {model_key}")
    published_prompts(content.prompts, "the release's prompts")
    if manifest.sources != digests_of(content.bases, golden_of(settings), examples_of(settings)):
        reasons.append("изменены эталонные вопросы или примеры, по которым подбирается уместность")
    files = WorkingFiles(sources_of(settings), settings.prompts_file_path)
    reasons += [f"изменён {path}" for path in files.unlike(content)]
    return reasons


def main(argv: Sequence[str] | None = None) -> int:
    """The command; 0 when the release in service is fresh in the end, 1 with a line why not."""
    parser = argparse.ArgumentParser(prog="python -m bot.index", description=__doc__)
    parser.add_argument("--check", action="store_true", help="only say whether it is stale")
    parser.add_argument(
        "--force", action="store_true", help="embed all anew, even if nothing changed"
    )
    parser.add_argument("--author", default=os_user(), help="who publishes (the system's user)")
    parser.add_argument("--note", default="", help="why, one line")
    options = parser.parse_args(argv)
    try:
        return _run(load_settings(), options)
    except (AssistantError, OSError) as error:
        print(f"index: {error}", file=sys.stderr)
        return 1


def _run(settings: Settings, options: argparse.Namespace) -> int:
    embedder = choose_embedder(settings)
    state = check_index(settings, embedder.model_key)
    print(f"index: {_STATUS[state.status]}: {state.why}")
    if fault := golden_fault(settings):
        print(
            f"index: предупреждение: {fault}; без эталонных вопросов уместность ответов "
            "подбирается по одним заголовкам",
            file=sys.stderr,
        )
    if options.check or (state.status == "fresh" and not options.force):
        return 0 if state.status == "fresh" else 1
    return _publish(settings, embedder, options)


def _publish(settings: Settings, embedder: Embedder, options: argparse.Namespace) -> int:
    started = time.monotonic()
    publisher = Publisher(settings, lambda: embedder)
    try:
        published = publisher.publish_files(
            options.author, options.note, force=options.force, progress=show_progress
        )
    except NoTextError as error:
        raise KnowledgeError(f"{sources_of(settings)[error.kb]}: {error}") from error
    if published.built:
        built = published.built
        known = built.texts - built.embedded
        print(
            f"index: построен {built.build_id} за {time.monotonic() - started:.1f} с: "
            f"новых текстов {built.embedded}, известных от прежнего индекса {known}"
        )
    what = "; ".join(published.record.changes) if published.is_new else "ничего не изменилось"
    print(f"index: в работе выпуск {published.record.number}: {what}")
    _warn_of_missing(settings, published.record)
    return 0


def _warn_of_missing(settings: Settings, record: ReleaseRecord) -> None:
    """An older prompts file is published as it is, but not in silence."""
    content = ReleaseStore(settings.persist_directory).content(record)
    parts = missing_parts(prompts_in(content.prompts, f"release {record.number}"))
    if parts:
        print(f"index: {advice_on_missing(parts, settings.prompts_file_path)}", file=sys.stderr)


def show_progress(done: int, of: int) -> None:
    """Tell a terminal how far the embedding is."""
    if sys.stdout.isatty():
        print(f"\rвекторы: {done} из {of} текстов ", end="\n" if done == of else "", flush=True)


if __name__ == "__main__":
    sys.exit(main())
