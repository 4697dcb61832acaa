"""A worker answers each turn from the newest whole release, without a restart."""

import json
import logging
import queue
import shutil
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from bot.errors import KnowledgeError
from bot.release import Release
from bot.releases.content import Content
from bot.releases.locks import publishing
from bot.releases.record import ReleaseRecord
from bot.releases.store import digests
from bot.releases.watch import ReleaseWatch
from bot.retrieval import Index
from tests.agent.parts import write_prompts
from tests.releases.place import TECH, Place

PRICES = "# Цена\nРЭМ-100 стоит 3 миллиона.\n"
LOGGER = "bot.releases.serving"


def test_a_release_is_in_force_at_the_next_turn(place: Place) -> None:
    releases = place.folder_in_service()
    before = releases.current()
    assert releases.current() is before
    place.publisher.change_base("tech", PRICES, "Анна")
    after = releases.current()
    assert (before.number, after.number) == (1, 2)
    assert isinstance(after.index, Index)
    assert after.index.bases["tech"].passages[0].heading_path == ("Цена",)
    assert isinstance(before.index, Index)
    assert before.index.bases["tech"].passages[0].heading_path == ("Питание",)


def test_changed_settings_leave_the_loaded_index_where_it_is(place: Place) -> None:
    releases = place.folder_in_service()
    before = releases.current()
    place.publisher.change_settings({"kb_top_k": 9}, "Анна")
    after = releases.current()
    assert (before.live.kb_top_k, after.live.kb_top_k) == (3, 9)
    assert after.index is before.index


def test_taking_a_release_up_is_logged_with_its_number_and_author(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    releases = place.folder_in_service()
    with caplog.at_level(logging.INFO, LOGGER):
        releases.current()
        place.publisher.change_settings({"kb_top_k": 9}, "Анна")
        for _ in range(3):
            releases.current()
    told = [record.getMessage() for record in caplog.records if record.name == LOGGER]
    assert told == [
        "event=release_in_service number=1 author='lab'",
        "event=release_in_service number=2 author='Анна'",
    ]


def test_an_edit_of_the_prompts_file_is_published_at_the_next_turn(place: Place) -> None:
    releases = place.folder_in_service()
    releases.current()
    write_prompts(place.prompts, greeting="Слушаю вас.")
    release = releases.current()
    assert (release.number, release.prompts.greeting) == (2, "Слушаю вас.")
    record = place.store.record(2)
    assert (record.author, record.changes) == ("file", ("подсказки: greeting",))
    assert releases.current() is release


def test_an_edit_made_while_no_worker_ran_is_published_when_one_starts(place: Place) -> None:
    write_prompts(place.prompts, greeting="Слушаю вас.")
    assert place.folder_in_service().current().prompts.greeting == "Слушаю вас."
    assert place.store.in_service() == 2


def test_saving_the_prompts_file_with_nothing_new_makes_no_release(place: Place) -> None:
    releases = place.folder_in_service()
    release = releases.current()
    prompts = json.loads(place.prompts.read_text(encoding="utf-8"))
    place.prompts.write_text(json.dumps(prompts, indent=8), encoding="utf-8")
    assert releases.current() is release
    assert place.store.in_service() == 1


def test_a_broken_edit_is_refused_once_with_its_reason_and_mended_by_another(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    releases = place.folder_in_service()
    before = releases.current()
    write_prompts(place.prompts, greeting="")
    with caplog.at_level(logging.ERROR, LOGGER):
        assert [releases.current() for _ in range(3)] == [before] * 3
    (refusal,) = caplog.records
    assert "greeting: не может быть пустым" in refusal.getMessage()
    write_prompts(place.prompts, greeting="Снова слушаю.")
    assert releases.current().prompts.greeting == "Снова слушаю."
    assert place.store.in_service() == 2


def test_what_older_prompts_leave_out_is_told_in_one_line(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    releases = place.folder_in_service()
    releases.current()
    with caplog.at_level(logging.WARNING, LOGGER):
        for greeting in ("Слушаю.", "Слушаю вас."):
            write_prompts(place.prompts, greeting=greeting, small_talk={})
            releases.current()
    (warning,) = caplog.records
    assert "event=prompts_incomplete number=2 advice=" in warning.getMessage()
    assert f"small_talk: скопируйте их из kb/prompts.sample.json в {place.prompts}" in (
        warning.getMessage()
    )


def test_a_deleted_prompts_file_leaves_the_release_in_service(place: Place) -> None:
    releases = place.folder_in_service()
    release = releases.current()
    place.prompts.unlink()
    assert releases.current() is release
    place.publisher.change_settings({"kb_top_k": 9}, "Анна")
    assert releases.current().prompts == release.prompts


def test_an_edit_seen_while_somebody_publishes_is_taken_up_afterwards(place: Place) -> None:
    releases = place.folder_in_service()
    before = releases.current()
    with publishing(place.directory):
        write_prompts(place.prompts, greeting="Слушаю вас.")
        assert releases.current() is before
    assert releases.current().prompts.greeting == "Слушаю вас."
    assert place.store.in_service() == 2


def test_an_edit_that_two_workers_see_is_one_release(place: Place) -> None:
    workers = [place.folder_in_service() for _ in range(4)]
    for worker in workers:
        worker.current()
    write_prompts(place.prompts, greeting="Слушаю вас.")
    together = threading.Barrier(len(workers))

    def turn(number: int) -> None:
        together.wait(10)
        workers[number].current()

    threads = [threading.Thread(target=turn, args=(i,)) for i in range(len(workers))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert {worker.current().number for worker in workers} == {2}
    assert place.store.in_service() == 2


@pytest.mark.parametrize(
    "name", ["releases/2/tech.md", "releases/2/release.json", "releases/2/prompts.json"]
)
def test_a_damaged_release_is_refused_once_and_the_old_one_serves_on(
    place: Place, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    releases = place.folder_in_service()
    before = releases.current()
    place.publisher.change_settings({"kb_top_k": 9}, "Анна")
    damage(place.directory / name)
    with caplog.at_level(logging.ERROR, LOGGER):
        assert [releases.current() for _ in range(3)] == [before] * 3
    (refusal,) = caplog.records
    assert "выпуск 2 повреждён" in refusal.getMessage()
    place.publisher.publish_files("Анна")
    assert releases.current().number == 3


def test_a_damaged_new_index_is_refused_and_the_old_one_serves_on(place: Place) -> None:
    releases = place.folder_in_service()
    before = releases.current()
    place.publisher.change_base("tech", PRICES, "Анна")
    damage(place.build_in_service / "tech.faiss")
    assert [releases.current() for _ in range(3)] == [before] * 3
    place.publisher.publish_files("Анна")
    assert releases.current().number == 3


def test_without_a_release_a_worker_is_told_what_to_do_until_there_is_one(place: Place) -> None:
    shutil.rmtree(place.directory)
    releases = place.folder_in_service()
    for _ in range(2):
        with pytest.raises(KnowledgeError, match=r"python -m bot\.index"):
            releases.current()
    place.build()
    assert releases.current().number == 1


def test_a_release_older_than_the_program_is_told_what_to_do_and_replaced(place: Place) -> None:
    record = place.store.record(1)
    content = place.store.content(record)
    older = replace(content, prompts=content.prompts.replace('"too_long"', '"too_late"'))
    rewrite(place, record.model_copy(update={"files": digests(older)}), older)
    assert place.status == "corrupt"
    place.prompts.rename(place.folder / "aside.json")
    with pytest.raises(KnowledgeError, match=r"выпуск 1 не подходит .* python -m bot\.index"):
        place.folder_in_service().current()
    (place.folder / "aside.json").rename(place.prompts)
    place.publisher.publish_files("Анна")
    assert place.folder_in_service().current().number == 2


def test_a_folder_of_the_former_layout_is_told_what_to_do(place: Place) -> None:
    build_id = place.build_in_service.name
    shutil.rmtree(place.directory / "releases")
    (place.directory / "current").unlink()
    (place.directory / "current").symlink_to(f"builds/{build_id}")
    with pytest.raises(KnowledgeError, match=r"python -m bot\.index"):
        place.folder_in_service().current()


def test_many_turns_during_a_swap_always_have_a_release(place: Place) -> None:
    releases = place.folder_in_service()
    releases.current()
    seen: set[int] = set()
    stop, taken_up = threading.Event(), threading.Event()

    def turns() -> None:
        while not stop.wait(0.001):
            seen.add(releases.current().number)
            if 2 in seen:
                taken_up.set()

    threads = [threading.Thread(target=turns) for _ in range(4)]
    for thread in threads:
        thread.start()
    place.publisher.change_base("tech", TECH + PRICES, "Анна")
    assert taken_up.wait(30)
    stop.set()
    for thread in threads:
        thread.join()
    assert seen == {1, 2}


def test_what_a_release_needs_is_done_aside_from_the_calls(place: Place) -> None:
    releases = place.folder_in_service()
    prepared: queue.SimpleQueue[Release] = queue.SimpleQueue()
    watch = ReleaseWatch(releases, prepared.put, every_s=0.01)
    watch.start()
    assert prepared.get(timeout=30).number == 1
    write_prompts(place.prompts, greeting="Слушаю вас.")
    assert prepared.get(timeout=30).prompts.greeting == "Слушаю вас."
    watch.stop()
    assert prepared.empty()
    assert releases.current().number == 2


def rewrite(place: Place, record: ReleaseRecord, content: Content) -> None:
    """As another version of the program has written the release."""
    for file in (place.directory / "releases" / str(record.number)).iterdir():
        file.unlink()
    place.store.write(record, content)


def damage(file: Path) -> None:
    data = file.read_bytes()
    file.unlink()
    file.write_bytes(data[:-1] + b"!")
