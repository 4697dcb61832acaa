"""Building the index: nothing but a whole new build ever takes the place of the old one."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.errors import BusyError, KnowledgeError, ProviderError
from bot.golden import GoldenQuestion, is_held_out
from bot.index import check_index
from bot.releases.locks import building
from bot.releases.publisher import KEPT_BUILDS
from bot.retrieval import Base
from bot.search.builds import Builds
from tests.agent.parts import write_prompts
from tests.lab.openai_faults import bad_key
from tests.lab.openai_server import OpenAIServer
from tests.releases.place import GENERAL, ROOT, TECH, Place, embedder_at

CHECKED_FILES = (
    "general.json", "general.faiss", "tech.json", "tech.faiss", "scale.json", "background.f32",
    "general.words", "tech.words", "words.json", "letterscale.json",
)  # fmt: skip


def test_a_release_is_fresh_until_a_file_changes(place: Place) -> None:
    assert place.status == "fresh"
    place.sources["tech"].write_text(TECH + "# Масса\nДо 900 кг.\n", encoding="utf-8")
    write_prompts(place.folder / "prompts.json", greeting="Слушаю вас.")
    assert place.status == "stale"
    assert f"изменён {place.sources['tech']}" in place.state.why
    assert f"изменён {place.prompts}" in place.state.why
    place.build()
    assert place.status == "fresh"


def test_golden_questions_make_it_stale_unless_nothing_is_fitted_to_them(place: Place) -> None:
    ids = [f"w{number}" for number in range(1, 5)]
    questions = [
        GoldenQuestion(
            id=one, kind="plain", question="какая гарантия", base="general", headings=("Гарантия",)
        )
        for one in ids
    ]
    fitted = [one for one in questions if not is_held_out(one)]
    held_out = [one for one in questions if is_held_out(one)]
    golden = place.folder / "golden.jsonl"
    write_golden(golden, fitted[:1])
    place.build()
    assert place.status == "fresh"
    write_golden(golden, [*fitted[:1], *held_out])
    assert place.status == "fresh"
    write_golden(golden, fitted)
    assert place.status == "stale"
    assert "эталонные вопросы" in place.state.why
    place.build()
    assert place.status == "fresh"
    golden.write_text("{", encoding="utf-8")
    assert place.status == "stale"


def write_golden(path: Path, questions: Sequence[GoldenQuestion]) -> None:
    path.write_text("\n".join(one.model_dump_json() for one in questions), encoding="utf-8")


def test_line_ends_and_layout_are_no_change(place: Place) -> None:
    tech = place.sources["tech"]
    tech.write_bytes(b"\xef\xbb\xbf" + tech.read_bytes().replace(b"\n", b"\r\n"))
    prompts = place.folder / "prompts.json"
    prompts.write_text(json.dumps(json.loads(prompts.read_text()), indent=4))
    assert place.status == "fresh"


def test_another_model_makes_it_stale_and_its_vectors_are_never_mixed(place: Place) -> None:
    other = embedder_at(place.server.base_url, "text-embedding-3-large").model_key
    assert check_index(place.settings, other).status == "stale"
    with pytest.raises(KnowledgeError, match="text-embedding-3-large"):
        place.serving(other)


def test_the_builds_that_served_last_are_kept_and_older_ones_are_swept(place: Place) -> None:
    ids = [place.build_in_service.name]
    for number in range(KEPT_BUILDS):
        place.sources["tech"].write_text(f"{TECH}# Цена\n{number} рублей.\n", encoding="utf-8")
        ids.append(place.build())
    assert len(set(ids)) == len(ids)
    assert place.builds == set(ids[-KEPT_BUILDS:])
    assert place.build_in_service.name == ids[-1]


def test_what_a_crash_left_behind_is_swept(place: Place) -> None:
    first = place.build_in_service.name
    (place.directory / "builds" / "half-written").mkdir()
    (place.directory / ".current").symlink_to("nowhere")
    place.sources["tech"].write_text(TECH + "# Масса\nДо 900 кг.\n", encoding="utf-8")
    second = place.build()
    assert place.builds == {first, second}
    assert not os.path.lexists(place.directory / ".current")


@pytest.mark.parametrize("kb", ["general", "tech"])
@pytest.mark.parametrize(
    "spoilt", [b"", b"no headings", b"# A\n\xff\n", b"# only a heading\n", None]
)
def test_a_bad_base_leaves_the_release_in_service(
    place: Place, kb: Base, spoilt: bytes | None
) -> None:
    first = place.build_in_service.name
    if spoilt is None:
        place.sources[kb].unlink()
    else:
        place.sources[kb].write_bytes(spoilt)
    with pytest.raises(KnowledgeError, match=f"{kb}"):
        place.build()
    assert place.build_in_service.name == first
    assert place.store.in_service() == 1
    assert place.builds == {first}


def test_a_service_that_refuses_leaves_the_index_in_service(place: Place) -> None:
    first = place.build_in_service.name
    place.server.fail("embedding", bad_key())
    with pytest.raises(ProviderError) as caught:
        place.build(force=True)
    assert caught.value.kind == "authentication"
    assert place.serving().build_id == first
    assert place.builds == {first}


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
    file = place.build_in_service / name
    data = file.read_bytes()
    file.unlink()
    if harm != "removed":
        file.write_bytes(HARMS[harm](data))
    assert place.status == "corrupt"
    with pytest.raises(KnowledgeError, match=r"damaged.*python -m bot\.index"):
        place.serving()


def test_building_repairs_a_damaged_file(place: Place) -> None:
    file = place.build_in_service / "tech.faiss"
    file.write_bytes(without_a_bit(file.read_bytes()))
    place.build()
    assert place.status == "fresh"
    assert place.store.in_service() == 2


def test_a_manifest_with_any_byte_changed_never_changes_what_is_found(place: Place) -> None:
    whole = place.serving()
    manifest = place.build_in_service / "manifest.json"
    data = manifest.read_bytes()
    for at in range(0, len(data), 11):
        manifest.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        try:
            index = place.serving()
        except KnowledgeError:
            continue
        assert index.scale == whole.scale
        assert {kb: index.bases[kb].passages for kb in index.bases} == {
            kb: whole.bases[kb].passages for kb in whole.bases
        }


def test_a_build_that_is_gone_is_corrupt_and_building_repairs_it(place: Place) -> None:
    shutil.rmtree(place.build_in_service)
    assert place.status == "corrupt"
    place.build()
    assert place.status == "fresh"


def test_a_link_to_nowhere_is_corrupt_and_building_repairs_it(place: Place) -> None:
    shutil.rmtree(place.directory / "releases" / "1")
    assert place.status == "corrupt"
    place.build()
    assert place.status == "fresh"


def test_two_builds_at_once_are_refused(place: Place) -> None:
    with building(place.directory), pytest.raises(BusyError, match="повторите позже"):
        place.build()
    assert place.build() == place.build_in_service.name


def test_a_manifest_names_what_the_build_was_made_of(empty: Place) -> None:
    at = datetime(2026, 11, 22, 12, tzinfo=UTC)
    builds = Builds(empty.directory)
    build_id = builds.make({"general": GENERAL, "tech": TECH}, empty.embedder, at).build_id
    manifest = builds.manifest(build_id)
    assert manifest.build_id == build_id
    assert build_id.startswith("20261122T120000")
    assert manifest.created_at == "2026-11-22T12:00:00+00:00"
    assert manifest.model_key == "openai:text-embedding-3-small:64"
    assert set(manifest.sources) == {"general", "tech"}
    assert set(manifest.files) == {*CHECKED_FILES, "examples.f32"}


def test_progress_is_told_while_embedding(empty: Place) -> None:
    told: list[tuple[int, int]] = []
    empty.publisher.publish_files("lab", progress=lambda done, of: told.append((done, of)))
    assert told == sorted(set(told))
    assert told[0][0] < told[0][1]
    assert told[-1][0] == told[-1][1] >= 6


def test_an_index_folder_of_the_former_layout_is_taken_up(place: Place) -> None:
    build = place.build_in_service
    shutil.rmtree(place.directory / "releases")
    (place.directory / "current").unlink()
    (place.directory / "current").symlink_to(f"builds/{build.name}")
    for file in build.glob("known.*"):
        file.unlink()
    assert place.status == "missing"
    embedded = place.server.count("embedding")
    assert place.build() == build.name
    assert place.server.count("embedding") == embedded
    assert place.status == "fresh"
    assert place.store.in_service() == 1


def test_the_command_publishes_once_and_says_that_it_is_fresh(empty: Place) -> None:
    place = empty
    write_prompts(place.prompts, small_talk={})
    checked = place.command("--check")
    assert (checked.returncode, checked.stdout) == (1, "index: индекса нет: выпусков ещё нет\n")
    first = place.command("--author", "Мария", "--note", "новые цены")
    assert first.returncode == 0
    assert "index: построен " in first.stdout
    assert "index: в работе выпуск 1: первый выпуск\n" in first.stdout
    assert "нет частей small_talk: скопируйте их из kb/prompts.sample.json" in first.stderr
    record = place.store.record(1)
    assert (record.author, record.note) == ("Мария", "новые цены")
    builds = place.builds
    again = place.command()
    assert again.returncode == 0
    assert again.stdout.startswith("index: свежий: выпуск 1, индекс ")
    assert place.builds == builds
    assert place.command("--check").returncode == 0


def test_the_command_says_in_one_line_why_it_failed(place: Place) -> None:
    place.sources["general"].write_bytes(b"")
    failed = place.command()
    assert failed.returncode == 1
    assert failed.stderr == f"index: {place.sources['general']}: файл пуст\n"


def test_the_command_names_the_file_of_a_base_without_text(place: Place) -> None:
    place.sources["general"].write_text("# Гарантия\n# Оплата\n", encoding="utf-8")
    failed = place.command()
    assert failed.returncode == 1
    path = place.sources["general"]
    assert failed.stderr == f"index: {path}: база general: под заголовками нет текста\n"


def test_the_command_warns_of_a_damaged_golden_file_and_builds_without_it(place: Place) -> None:
    (place.folder / "golden.jsonl").write_text("\n{\n", encoding="utf-8")
    done = place.command("--force")
    assert done.returncode == 0, done.stderr
    assert "golden.jsonl: строка 2: " in done.stderr
    assert "по одним заголовкам" in done.stderr
    assert place.command("--check").returncode == 0


def test_the_command_says_in_one_line_that_the_service_is_down(place: Place) -> None:
    with OpenAIServer() as dead:
        address = dead.base_url
    failed = place.command("--force", OPENAI_BASE_URL=address)
    assert failed.returncode == 1
    assert failed.stderr == "index: openai: the connection failed\n"
    assert place.status == "fresh"


def test_a_killed_build_leaves_the_old_in_service_and_does_not_block_the_next(
    place: Place,
) -> None:
    first = place.build_in_service.name
    asked = place.server.count("embedding")
    place.server.plan.embedding_s = 0.5
    command = [sys.executable, "-m", "bot.index", "--force"]
    model = {"EMBEDDINGS_MODEL": "text-embedding-3-large"}
    with subprocess.Popen(command, env=place.environment(model), cwd=ROOT) as build:
        assert place.server.wait_for("embedding", asked + 2, within_s=60)
        build.kill()
    place.server.plan.embedding_s = 0.0
    assert place.serving().build_id == first
    assert place.build(force=True) == place.serving().build_id != first


def test_an_index_folder_that_cannot_be_written_is_told_in_one_line(empty: Place) -> None:
    empty.directory.write_text("a file where the folder should be")
    failed = empty.command()
    assert failed.returncode == 1
    assert failed.stderr.startswith("index: ")
    assert failed.stderr.count("\n") == 1
