"""Going back is publishing an older release again."""

import json
from dataclasses import replace

import pytest

from bot.errors import AssistantError, ChangeError
from bot.releases.publisher import KEPT_BUILDS, Publisher
from bot.releases.store import digests
from tests.agent.parts import write_prompts
from tests.releases.place import GENERAL, TECH, Place

PRICES = "# Цена\nРЭМ-100 стоит 3 миллиона.\n"


def test_it_brings_back_bases_prompts_and_settings_with_their_files(place: Place) -> None:
    publisher = place.publisher
    old_prompts = place.prompts.read_text(encoding="utf-8")
    publisher.change_settings({"kb_top_k": 9}, "Анна")
    publisher.change_base("tech", PRICES, "Анна")
    write_prompts(place.prompts, greeting="Слушаю.")
    publisher.take_prompts_edit()
    record = publisher.publish_again(1, "Борис", "цены оказались старыми").record
    content = place.store.content(record)
    assert (record.number, record.again, record.author) == (5, 1, "Борис")
    assert content.same_as(place.store.content(place.store.record(1)))
    assert place.sources["tech"].read_text("utf-8") == TECH
    assert json.loads(place.prompts.read_text("utf-8")) == json.loads(old_prompts)
    assert place.status == "fresh"
    assert not publisher.publish_files("Анна").is_new
    assert not list(place.folder.glob("*.unpublished"))


def test_with_its_build_still_there_nothing_is_embedded(place: Place) -> None:
    place.publisher.change_base("tech", PRICES, "Анна")
    embedded = place.server.count("embedding")
    published = place.publisher.publish_again(1, "Анна")
    assert published.record.build_id == place.store.record(1).build_id
    assert published.built is None
    assert place.server.count("embedding") == embedded


def test_with_its_build_swept_the_index_is_made_from_its_own_text(place: Place) -> None:
    for number in range(KEPT_BUILDS):
        place.publisher.change_base("tech", TECH + f"# Цена\n{number} рублей.\n", "Анна")
    assert place.store.record(1).build_id not in place.builds
    published = place.publisher.publish_again(1, "Анна")
    assert published.built is not None
    assert published.built.embedded < published.built.texts / 10
    assert place.serving().bases["tech"].passages[0].text == "Машина питается от 380 В."
    assert len(place.serving().bases["tech"].passages) == 1


def test_edits_that_nobody_published_are_kept_beside_the_files(place: Place) -> None:
    place.publisher.change_base("tech", PRICES, "Анна")
    place.sources["general"].write_text(GENERAL + PRICES, encoding="utf-8")
    place.prompts.write_text("{", encoding="utf-8")
    place.publisher.publish_again(1, "Анна")
    assert place.status == "fresh"
    kept = {file.name: file.read_text("utf-8") for file in place.folder.glob("*.unpublished")}
    assert kept == {"general.md.unpublished": GENERAL + PRICES, "prompts.json.unpublished": "{"}


def test_an_edit_that_was_kept_stays_when_another_one_is_kept(place: Place) -> None:
    for edit in (PRICES, PRICES + "Доставка за наш счёт.\n"):
        place.sources["tech"].write_text(edit, encoding="utf-8")
        place.publisher.publish_again(1, "Анна")
    kept = [file.read_text("utf-8") for file in sorted(place.folder.glob("tech.md.unpublished*"))]
    assert kept == [PRICES, PRICES + "Доставка за наш счёт.\n"]


def test_the_release_in_service_published_again_brings_its_files_back(place: Place) -> None:
    place.sources["tech"].write_text(PRICES, encoding="utf-8")
    published = place.publisher.publish_again(1, "Анна")
    assert not published.is_new
    assert place.sources["tech"].read_text("utf-8") == TECH
    assert (place.folder / "tech.md.unpublished").read_text("utf-8") == PRICES


def test_a_damaged_release_is_not_published_again(place: Place) -> None:
    place.publisher.change_base("tech", PRICES, "Анна")
    damaged = place.directory / "releases" / "1" / "tech.md"
    damaged.unlink()
    with pytest.raises(AssistantError, match=r"выпуск 1 повреждён \(tech\.md\)"):
        place.publisher.publish_again(1, "Анна")
    assert place.store.in_service() == 2


def test_prompts_that_this_program_no_longer_takes_are_refused(place: Place) -> None:
    """As after an update that asks more of a prompts file than the release has."""
    store, record = place.store, place.store.record(1)
    content = store.content(record)
    prompts = json.loads(content.prompts)
    del prompts["too_long"]
    older = replace(content, prompts=json.dumps(prompts))
    place.publisher.change_settings({"kb_top_k": 9}, "Анна")
    for file in (place.directory / "releases" / "1").iterdir():
        file.unlink()
    store.write(record.model_copy(update={"files": digests(older)}), older)
    with pytest.raises(AssistantError, match="too_long: этого поля не хватает"):
        place.publisher.publish_again(1, "Анна")
    assert place.store.in_service() == 2


def test_a_base_kept_as_a_document_is_not_overwritten_with_markdown(place: Place) -> None:
    place.publisher.change_base("tech", PRICES, "Анна")
    document = place.folder / "tech.docx"
    document.write_bytes(b"PK")
    settings = place.settings.model_copy(update={"knowledge_base2_path": document})
    with pytest.raises(ChangeError, match=r"tech\.docx: не Markdown"):
        Publisher(settings, lambda: place.embedder).publish_again(1, "Анна")
    assert document.read_bytes() == b"PK"
    assert place.store.in_service() == 2
