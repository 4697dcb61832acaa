"""Building the index: nothing but a whole new build ever takes the place of the old one."""

import fcntl
import json
import logging
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import openai
import pytest

from bot.embeddings.openai import OpenAIEmbedder
from bot.errors import KnowledgeError, ProviderError
from bot.index import build_index, check_index
from bot.records import now
from bot.retrieval import Base
from bot.search.indexfiles import IndexFolder, load_index
from tests.lab.openai_faults import bad_key
from tests.lab.openai_server import KEY, OpenAIServer

GENERAL = "# Гарантия\nГарантия составляет 24 месяца.\n# Оплата\nАванс 50 процентов.\n"
TECH = "# Питание\nМашина питается от 380 В.\n"
ROOT = Path(__file__).parent.parent
CHECKED_FILES = (
    "general.json", "general.faiss", "tech.json", "tech.faiss", "scale.json", "background.f32",
)  # fmt: skip


@pytest.fixture(scope="module")
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer() as running:
        yield running


def embedder_at(base_url: str, model: str = "text-embedding-3-small") -> OpenAIEmbedder:
    client = openai.OpenAI(api_key=KEY, base_url=base_url, max_retries=0)
    return OpenAIEmbedder(client, model, dimensions=64)


@dataclass
class Place:
    """A folder with two bases and an index, and how to build it."""

    folder: Path
    server: OpenAIServer
    sources: dict[Base, Path] = field(init=False)

    def __post_init__(self) -> None:
        self.sources = {"general": self.folder / "general.md", "tech": self.folder / "tech.md"}
        self.sources["general"].write_text(GENERAL, encoding="utf-8")
        self.sources["tech"].write_text(TECH, encoding="utf-8")

    @property
    def directory(self) -> Path:
        return self.folder / "index"

    @property
    def embedder(self) -> OpenAIEmbedder:
        return embedder_at(self.server.base_url)

    @property
    def builds(self) -> set[str]:
        return {folder.name for folder in (self.directory / "builds").iterdir()}

    @property
    def status(self) -> str:
        return check_index(self.directory, self.sources, self.embedder.model_key).status

    def build(self) -> str:
        return build_index(self.directory, self.sources, self.embedder, now())

    def serving(self) -> str:
        return load_index(self.directory, self.embedder.model_key).build_id

    def command(self, *options: str, **changes: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "bot.index", *options],
            env=self.environment(changes), cwd=ROOT, capture_output=True, text=True, timeout=100,
        )  # fmt: skip

    def environment(self, changes: Mapping[str, str]) -> dict[str, str]:
        return {
            **os.environ,
            "OMP_NUM_THREADS": "1",
            "EMBEDDINGS_PROVIDER": "openai",
            "EMBEDDINGS_MODEL": "text-embedding-3-small",
            "OPENAI_API_KEY": KEY,
            "OPENAI_BASE_URL": self.server.base_url,
            "KNOWLEDGE_BASE_PATH": str(self.sources["general"]),
            "KNOWLEDGE_BASE2_PATH": str(self.sources["tech"]),
            "PERSIST_DIRECTORY": str(self.directory),
            **changes,
        }


@pytest.fixture
def place(tmp_path: Path, server: OpenAIServer) -> Place:
    return Place(tmp_path, server)


def test_a_build_is_fresh_until_a_base_changes(place: Place) -> None:
    assert place.status == "missing"
    place.build()
    assert place.status == "fresh"
    place.sources["tech"].write_text(TECH + "# Масса\nДо 900 кг.\n", encoding="utf-8")
    state = check_index(place.directory, place.sources, place.embedder.model_key)
    assert state.status == "stale"
    assert "tech.md has changed" in state.why
    place.build()
    assert place.status == "fresh"


def test_another_model_makes_it_stale_and_its_vectors_are_never_mixed(place: Place) -> None:
    place.build()
    other = embedder_at(place.server.base_url, "text-embedding-3-large").model_key
    assert check_index(place.directory, place.sources, other).status == "stale"
    with pytest.raises(KnowledgeError, match="text-embedding-3-large"):
        load_index(place.directory, other)


def test_the_build_before_is_kept_and_older_ones_are_swept(place: Place) -> None:
    ids = [place.build() for _ in range(4)]
    assert len(set(ids)) == 4
    assert place.builds == set(ids[-2:])
    assert place.serving() == ids[-1]


def test_what_a_crash_left_behind_is_swept(place: Place) -> None:
    first = place.build()
    (place.directory / "builds" / "half-written").mkdir()
    (place.directory / ".current").symlink_to("nowhere")
    second = place.build()
    assert place.builds == {first, second}
    assert not os.path.lexists(place.directory / ".current")


@pytest.mark.parametrize("kb", ["general", "tech"])
@pytest.mark.parametrize(
    "spoilt", [b"", b"no headings", b"# A\n\xff\n", b"# only a heading\n", None]
)
def test_a_bad_base_leaves_the_index_in_service(
    place: Place, kb: Base, spoilt: bytes | None
) -> None:
    first = place.build()
    if spoilt is None:
        place.sources[kb].unlink()
    else:
        place.sources[kb].write_bytes(spoilt)
    with pytest.raises(KnowledgeError, match=rf"{kb}\.md: "):
        place.build()
    assert place.serving() == first
    assert place.builds == {first}


def test_a_service_that_refuses_leaves_the_index_in_service(place: Place) -> None:
    first = place.build()
    place.server.fail("embedding", bad_key())
    with pytest.raises(ProviderError) as caught:
        place.build()
    assert caught.value.kind == "authentication"
    assert place.serving() == first


def without_a_bit(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]


HARMS: dict[str, Callable[[bytes], bytes]] = {
    "flipped": without_a_bit,
    "cut": lambda data: data[: len(data) // 2],
    "empty": lambda data: b"",
    "longer": lambda data: data + b"\0",
}


@pytest.mark.parametrize("harm", [*HARMS, "removed"])
@pytest.mark.parametrize("name", CHECKED_FILES)
def test_a_damaged_file_is_never_served(place: Place, name: str, harm: str) -> None:
    place.build()
    file = place.directory / "current" / name
    data = file.read_bytes()
    file.unlink()
    if harm != "removed":
        file.write_bytes(HARMS[harm](data))
    assert place.status == "corrupt"
    with pytest.raises(KnowledgeError, match=r"damaged.*python -m bot\.index"):
        place.serving()
    place.build()
    assert place.status == "fresh"


def test_a_manifest_with_any_byte_changed_never_changes_what_is_found(place: Place) -> None:
    place.build()
    whole = load_index(place.directory, place.embedder.model_key)
    manifest = place.directory / "current" / "manifest.json"
    data = manifest.read_bytes()
    for at in range(0, len(data), 7):
        manifest.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        try:
            index = load_index(place.directory, place.embedder.model_key)
        except KnowledgeError:
            continue
        assert index.scale == whole.scale
        assert {kb: index.bases[kb].passages for kb in index.bases} == {
            kb: whole.bases[kb].passages for kb in whole.bases
        }


def test_a_link_to_nowhere_is_corrupt_and_building_repairs_it(place: Place) -> None:
    build_id = place.build()
    shutil.rmtree(place.directory / "builds" / build_id)
    assert place.status == "corrupt"
    place.build()
    assert place.status == "fresh"


def test_two_builds_at_once_are_refused(place: Place) -> None:
    place.directory.mkdir()
    with (place.directory / ".build.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(KnowledgeError, match="another build"):
            place.build()
    place.build()


def test_a_manifest_names_what_the_build_was_made_of(place: Place) -> None:
    at = datetime(2026, 11, 22, 12, tzinfo=UTC)
    build_id = build_index(place.directory, place.sources, place.embedder, at)
    manifest = json.loads((place.directory / "current" / "manifest.json").read_text())
    assert manifest["build_id"] == build_id
    assert build_id.startswith("20261122T120000")
    assert manifest["created_at"] == "2026-11-22T12:00:00+00:00"
    assert manifest["model_key"] == "openai:text-embedding-3-small:64"
    assert set(manifest["sources"]) == {"general", "tech"}
    assert set(manifest["files"]) == set(CHECKED_FILES)


def test_progress_is_told_while_embedding(place: Place) -> None:
    told: list[int] = []
    build_index(place.directory, place.sources, place.embedder, now(), told.append)
    assert told == sorted(set(told))
    assert told[-1] >= 6


def test_a_long_lived_process_takes_a_new_build_at_the_next_turn(place: Place) -> None:
    first = place.build()
    folder = IndexFolder(place.directory, place.embedder.model_key)
    before = folder.current()
    assert before.build_id == first
    assert folder.current() is before
    second = place.build()
    assert folder.current().build_id == second
    assert before.search("tech", place.embedder.embed_query("питание"), "питание", 1)


def test_a_damaged_new_build_keeps_the_old_in_service_and_is_logged_once(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    first = place.build()
    folder = IndexFolder(place.directory, place.embedder.model_key)
    folder.current()
    place.build()
    (place.directory / "current" / "tech.faiss").write_bytes(b"spoilt")
    with caplog.at_level(logging.INFO, "bot.search.indexfiles"):
        assert [folder.current().build_id for _ in range(3)] == [first] * 3
    assert len(caplog.records) == 1
    third = place.build()
    assert folder.current().build_id == third


def test_without_an_index_a_process_is_told_what_to_do_until_there_is_one(place: Place) -> None:
    folder = IndexFolder(place.directory, place.embedder.model_key)
    for _ in range(2):
        with pytest.raises(KnowledgeError, match=r"python -m bot\.index"):
            folder.current()
    build_id = place.build()
    assert folder.current().build_id == build_id


def test_many_turns_during_a_swap_always_have_an_index(place: Place) -> None:
    first = place.build()
    folder = IndexFolder(place.directory, place.embedder.model_key)
    folder.current()
    seen: set[str] = set()
    stop = threading.Event()

    def turns() -> None:
        while not stop.is_set():
            seen.add(folder.current().build_id)

    threads = [threading.Thread(target=turns) for _ in range(4)]
    for thread in threads:
        thread.start()
    second = place.build()
    while second not in seen:
        assert all(thread.is_alive() for thread in threads)
    stop.set()
    for thread in threads:
        thread.join()
    assert seen == {first, second}


def test_the_command_builds_once_and_says_that_it_is_fresh(place: Place) -> None:
    checked = place.command("--check")
    assert (checked.returncode, checked.stdout) == (1, "index: missing: there is no index yet\n")
    assert place.command().returncode == 0
    builds = place.builds
    again = place.command()
    assert again.returncode == 0
    assert again.stdout.startswith("index: fresh: build ")
    assert place.builds == builds
    assert place.command("--check").returncode == 0
    assert place.command("--force").returncode == 0
    assert len(place.builds) == 2


def test_the_command_says_in_one_line_why_it_failed(place: Place) -> None:
    place.sources["general"].write_bytes(b"")
    failed = place.command()
    assert failed.returncode == 1
    assert failed.stderr == f"index: {place.sources['general']}: файл пуст\n"


def test_the_command_says_in_one_line_that_the_service_is_down(place: Place) -> None:
    place.build()
    with OpenAIServer() as dead:
        address = dead.base_url
    failed = place.command("--force", OPENAI_BASE_URL=address)
    assert failed.returncode == 1
    assert failed.stderr == "index: openai: the connection failed\n"
    assert place.status == "fresh"


def test_a_killed_build_leaves_the_old_in_service_and_does_not_block_the_next(
    place: Place,
) -> None:
    first = place.build()
    asked = place.server.count("embedding")
    place.server.plan.embedding_s = 0.5
    command = [sys.executable, "-m", "bot.index", "--force"]
    model = {"EMBEDDINGS_MODEL": "text-embedding-3-large"}
    with subprocess.Popen(command, env=place.environment(model), cwd=ROOT) as build:
        assert place.server.wait_for("embedding", asked + 2, within_s=60)
        build.kill()
    place.server.plan.embedding_s = 0.0
    assert place.serving() == first
    second = place.build()
    assert place.serving() == second


def test_an_index_folder_that_cannot_be_written_is_told_in_one_line(place: Place) -> None:
    place.directory.write_text("a file where the folder should be")
    failed = place.command()
    assert failed.returncode == 1
    assert failed.stderr.startswith("index: ")
    assert failed.stderr.count("\n") == 1
