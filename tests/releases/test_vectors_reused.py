"""A text that an earlier build has a vector of is not embedded again."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.records import now
from bot.retrieval import Base
from bot.search.knownvectors import KEYS_FILE, NOTHING_KNOWN, VECTORS_FILE, read_known
from tests.releases.place import GENERAL, TECH, Place, embedder_at

TEXTS: dict[Base, str] = {"general": GENERAL, "tech": TECH}


def embedded_texts(place: Place, since: int) -> list[str]:
    """What the service was asked to embed after its first ``since`` requests."""
    return [
        text
        for request in place.server.requests("embedding")[since:]
        for text in request.body["input"]
    ]


def test_an_edit_embeds_only_what_was_edited(place: Place) -> None:
    since = place.server.count("embedding")
    published = place.publisher.change_base("tech", TECH.replace("380", "220"), "Анна")
    asked = embedded_texts(place, since)
    assert asked
    assert all("220" in text for text in asked)
    assert published.built is not None
    assert published.built.embedded == len(asked) < published.built.texts / 10


def test_what_was_not_embedded_again_is_exactly_as_it_was(place: Place) -> None:
    builds, first = place.store.builds, place.build_in_service.name
    since = place.server.count("embedding")
    again = builds.make(TEXTS, place.embedder, now(), first)
    assert again.embedded == 0
    assert place.server.count("embedding") == since
    assert builds.manifest(again.build_id).files == builds.manifest(first).files


def test_vectors_of_another_model_are_never_taken(place: Place) -> None:
    other = embedder_at(place.server.base_url, "text-embedding-3-large")
    built = place.store.builds.make(TEXTS, other, now(), place.build_in_service.name)
    assert built.embedded == built.texts


def flipped(data: bytes) -> bytes:
    return data[:500] + bytes([data[500] ^ 1]) + data[501:]


HARMS: dict[str, Callable[[bytes], bytes]] = {
    "flipped": flipped,
    "cut": lambda data: data[:-500],
    "empty": lambda data: b"",
}


@pytest.mark.parametrize("name", [KEYS_FILE, VECTORS_FILE])
@pytest.mark.parametrize("harm", [*HARMS, "removed"])
def test_of_damaged_vectors_none_is_known(place: Place, name: str, harm: str) -> None:
    folder = place.build_in_service
    assert read_known(folder) is not NOTHING_KNOWN
    spoil(folder / name, harm)
    assert read_known(folder) is NOTHING_KNOWN


def test_damaged_vectors_are_embedded_again_and_do_no_harm(place: Place) -> None:
    builds, first = place.store.builds, place.build_in_service.name
    spoil(place.build_in_service / VECTORS_FILE, "flipped")
    assert place.status == "fresh"
    built = builds.make(TEXTS, place.embedder, now(), first)
    assert built.embedded == built.texts
    assert builds.manifest(built.build_id).files == builds.manifest(first).files


def spoil(file: Path, harm: str) -> None:
    data = file.read_bytes()
    file.unlink()
    if harm != "removed":
        file.write_bytes(HARMS[harm](data))
