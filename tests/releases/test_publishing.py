"""Every change is one release: whole, numbered, never changed afterwards, or there is none."""

import json
import resource
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from bot.embeddings import Embedder
from bot.errors import AssistantError, BusyError, ChangeError, KnowledgeError, OvertakenError
from bot.releases.locks import building
from bot.releases.publisher import Published, Publisher
from tests.agent.parts import write_prompts
from tests.documents.word import word
from tests.releases.place import GENERAL, TECH, Place

PRICES = "# Цена\nРЭМ-100 стоит 3 миллиона.\n"


def no_embedder() -> Embedder:
    raise AssertionError("prompts and settings need no embedder")


@contextmanager
def nothing_changes(place: Place) -> Iterator[None]:
    files = [place.prompts, *place.sources.values()]
    before = place.kept(), place.store.link(), place.builds, [file.read_bytes() for file in files]
    yield
    after = place.kept(), place.store.link(), place.builds, [file.read_bytes() for file in files]
    assert after == before


def test_a_release_holds_what_was_published_and_who_did_it(place: Place) -> None:
    record = place.store.record(1)
    content = place.store.content(record)
    assert content.bases == {"general": GENERAL, "tech": TECH}
    assert json.loads(content.prompts) == json.loads(place.prompts.read_text())
    assert content.settings == {}
    assert (record.number, record.author, record.changes) == (1, "lab", ("первый выпуск",))
    assert record.build_id in place.builds


def test_releases_are_numbered_one_after_the_other_and_never_change(place: Place) -> None:
    first = place.kept()
    assert all(stat.S_IMODE((place.directory / name).stat().st_mode) == 0o444 for name in first)
    publisher = place.publisher
    numbers = [
        publisher.change_settings({"kb_top_k": 5}, "Анна", "побольше").record.number,
        publisher.change_prompts(prompts_with(place, greeting="Слушаю."), "Анна").record.number,
        publisher.change_base("tech", PRICES, "Анна").record.number,
    ]
    assert numbers == [2, 3, 4]
    assert [record.number for record in place.store.records()] == [4, 3, 2, 1]
    assert {name: data for name, data in place.kept().items() if name in first} == first


def test_a_release_says_what_has_changed(place: Place) -> None:
    publisher = place.publisher
    publisher.change_settings({"kb_top_k": 5}, "Анна")
    publisher.change_prompts(prompts_with(place, greeting="Слушаю.", goodbye="Пока."), "Анна")
    publisher.change_base("tech", TECH + PRICES, "Анна")
    publisher.publish_files("Анна", force=True)
    told = [record.changes for record in place.store.records()]
    assert told == [
        ("индекс построен заново",),
        ("техническая база: строк +2 −0",),
        ("подсказки: greeting, goodbye",),
        ("настройки: kb_top_k как в окружении → 5",),
        ("первый выпуск",),
    ]


def test_prompts_and_settings_keep_the_index(place: Place) -> None:
    publisher = Publisher(place.settings, no_embedder)
    build_id = place.store.record(1).build_id
    settings = publisher.change_settings({"llm_temperature": 0.5}, "Анна").record
    prompts = publisher.change_prompts(prompts_with(place, greeting="Да?"), "Анна").record
    assert (settings.build_id, prompts.build_id) == (build_id, build_id)
    assert place.store.content(prompts).settings == {"llm_temperature": 0.5}


CHANGES: dict[str, Callable[[Place], Published]] = {
    "files": lambda place: place.publisher.publish_files("Анна"),
    "settings": lambda place: place.publisher.change_settings({"kb_top_k": None}, "Анна"),
    "prompts": lambda place: place.publisher.change_prompts(prompts_with(place), "Анна"),
    "base": lambda place: place.publisher.change_base("tech", TECH, "Анна"),
    "again": lambda place: place.publisher.publish_again(1, "Анна"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_without_a_change_there_is_no_release(
    place: Place, change: Callable[[Place], Published]
) -> None:
    with nothing_changes(place):
        published = change(place)
    assert not published.is_new
    assert published.record == place.store.record(1)


REFUSED: dict[str, tuple[Callable[[Place], object], str]] = {
    "setting": (lambda p: p.publisher.change_settings({"kb_top_k": 0}, "Анна"), "kb_top_k"),
    "name": (lambda p: p.publisher.change_settings({"top": 1}, "Анна"), "top: такого поля нет"),
    "prompts": (
        lambda p: p.publisher.change_prompts(prompts_with(p, greeting=""), "Анна"),
        "greeting: не может быть пустым",
    ),
    "base": (lambda p: p.publisher.change_base("tech", "без заголовков", "Анна"), "заголовка"),
    "empty": (lambda p: p.publisher.change_base("tech", "# Заголовок\n", "Анна"), "нет текста"),
    "surrogate": (lambda p: p.publisher.change_base("tech", "# A\n\ud800", "Анна"), "не UTF-8"),
    "half": (
        lambda p: p.publisher.change_prompts(prompts_with(p, greeting="\ud800"), "Анна"),
        "greeting: недопустимые знаки",
    ),
    "author": (lambda p: p.publisher.change_settings({"kb_top_k": 4}, " "), "автор"),
    "line": (lambda p: p.publisher.change_settings({"kb_top_k": 4}, "a\nb"), "недопустимые"),
    "number": (lambda p: p.publisher.publish_again(7, "Анна"), "выпуска 7 нет"),
}


@pytest.mark.parametrize(("change", "said"), REFUSED.values(), ids=REFUSED)
def test_what_is_wrong_is_refused_with_its_reason(
    place: Place, change: Callable[[Place], object], said: str
) -> None:
    with nothing_changes(place), pytest.raises(AssistantError, match=said) as caught:
        change(place)
    assert 400 <= caught.value.status < 500


def test_a_copy_that_followed_the_link_is_told_and_takes_no_number(place: Place) -> None:
    link = place.directory / "current"
    link.unlink()
    link.mkdir()
    with nothing_changes(place), pytest.raises(KnowledgeError, match="не ссылка: удалите её"):
        place.publisher.publish_files("Анна")
    link.rmdir()
    assert place.publisher.publish_files("Анна").record.number == 2


def test_a_full_disk_leaves_no_part_of_a_file_beside_it(place: Place) -> None:
    before = sorted(place.folder.iterdir())
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        with pytest.raises(ChangeError, match="не записывается"):
            place.publisher.change_prompts(prompts_with(place, greeting="Слушаю."), "Анна")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert sorted(place.folder.iterdir()) == before


def test_broken_prompts_keep_the_files_from_being_published(place: Place) -> None:
    place.sources["tech"].write_text(PRICES, encoding="utf-8")
    place.prompts.write_text("{", encoding="utf-8")
    with nothing_changes(place), pytest.raises(KnowledgeError, match="строка 1 — не JSON"):
        place.publisher.publish_files("Анна")


def test_a_change_is_written_to_its_file_and_to_no_other(place: Place) -> None:
    unpublished = GENERAL + PRICES
    place.sources["general"].write_text(unpublished, encoding="utf-8")
    place.publisher.change_base("tech", PRICES, "Анна")
    assert place.sources["tech"].read_text("utf-8") == PRICES
    assert place.sources["general"].read_text("utf-8") == unpublished
    assert place.store.content(place.store.record(2)).bases["general"] == GENERAL
    place.publisher.change_prompts(prompts_with(place, greeting="Слушаю."), "Анна")
    assert json.loads(place.prompts.read_text())["greeting"] == "Слушаю."


def test_a_base_may_be_a_document(place: Place) -> None:
    document = place.folder / "tech.docx"
    place.sources["tech"] = document
    document.write_bytes(
        word(
            '<w:p><w:pPr><w:pStyle w:val="1"/></w:pPr><w:r><w:t>Цена</w:t></w:r></w:p>'
            "<w:p><w:r><w:t>РЭМ-100 стоит 3 миллиона.</w:t></w:r></w:p>"
        )
    )
    record = place.publisher.publish_files("Анна").record
    assert place.store.content(record).bases["tech"].split("\n\n") == [
        "# Цена", "РЭМ-100 стоит 3 миллиона.\n",
    ]  # fmt: skip
    assert place.status == "fresh"
    document.write_bytes(b"PK")
    with pytest.raises(KnowledgeError, match=r"tech\.docx: "):
        place.publisher.publish_files("Анна")


def test_publishers_at_once_lose_nothing(place: Place) -> None:
    changes: list[dict[str, object]] = [
        {"kb_top_k": 7}, {"llm_temperature": 0.9}, {"kb_fallback_threshold": 0.4},
        {"llm_model_primary": "a"}, {"llm_model_fallback": "b"},
    ]  # fmt: skip
    threads = [
        threading.Thread(target=place.publisher.change_settings, args=(change, f"оператор {i}"))
        for i, change in enumerate(changes)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    last = place.store.record(place.store.in_service())
    assert last.number == 1 + len(changes)
    merged = {name: value for change in changes for name, value in change.items()}
    assert place.store.content(last).settings == merged
    assert {record.author for record in place.store.records()} == {
        "lab", *(f"оператор {i}" for i in range(len(changes)))
    }  # fmt: skip


def test_settings_need_not_wait_for_a_build(place: Place) -> None:
    with building(place.directory):
        assert place.publisher.change_settings({"kb_top_k": 4}, "Анна").is_new
        with pytest.raises(BusyError) as caught:
            place.publisher.change_base("tech", PRICES, "Анна")
    assert caught.value.status == 409


def test_what_changed_during_a_build_is_in_its_release(place: Place) -> None:
    def meanwhile(done: int, of: int) -> None:
        if done == of:
            Publisher(place.settings, no_embedder).change_settings({"kb_top_k": 9}, "Анна")
            write_prompts(place.prompts, greeting="Слушаю.")

    place.sources["tech"].write_text(TECH + PRICES, encoding="utf-8")
    place.publisher.publish_files("Борис", progress=meanwhile)
    content = place.store.content(place.store.record(place.store.in_service()))
    assert content.settings == {"kb_top_k": 9}
    assert "Слушаю." in json.loads(content.prompts)["greeting"]
    assert content.bases["tech"] == TECH + PRICES


def test_of_two_who_change_the_same_prompts_the_second_is_told(place: Place) -> None:
    seen = place.store.content(place.store.record(1)).prompts
    first = prompts_with(place, greeting="Слушаю.")
    place.publisher.change_prompts(first, "Анна", instead_of=json.dumps(json.loads(seen), indent=8))
    with nothing_changes(place), pytest.raises(OvertakenError, match="изменил кто-то другой"):
        place.publisher.change_prompts(first | {"goodbye": "Пока."}, "Борис", instead_of=seen)
    place.publisher.change_settings({"kb_top_k": 9}, "Анна")  # no change of the prompts
    now = place.store.content(place.store.record(3)).prompts
    last = place.publisher.change_prompts(first | {"goodbye": "Пока."}, "Борис", instead_of=now)
    assert last.record.number == 4


def test_a_damaged_release_is_replaced_with_the_settings_before_it(place: Place) -> None:
    place.publisher.change_settings({"kb_top_k": 9}, "Анна")
    place.publisher.change_prompts(prompts_with(place, greeting="Слушаю."), "Анна")
    damaged = place.directory / "releases" / "3" / "tech.md"
    damaged.unlink()
    damaged.write_text(PRICES, encoding="utf-8")
    with pytest.raises(KnowledgeError, match="выпуск 3 повреждён"):
        place.publisher.change_settings({"kb_top_k": 8}, "Анна")
    record = place.publisher.publish_files("Анна").record
    assert (record.number, record.changes) == (4, ("подсказки: greeting",))
    assert place.store.content(record).settings == {"kb_top_k": 9}


def test_a_folder_that_cannot_be_written_is_told(place: Place) -> None:
    (place.directory / "releases" / "2").write_text("a file where a release should be")
    with pytest.raises(ChangeError, match="выпуск не записан"):
        place.publisher.change_settings({"kb_top_k": 9}, "Анна")
    assert place.store.in_service() == 1


def prompts_with(place: Place, **changes: str) -> dict[str, object]:
    """The prompts as they are now, but for ``changes``."""
    prompts: dict[str, object] = json.loads(place.prompts.read_text(encoding="utf-8"))
    return prompts | changes
