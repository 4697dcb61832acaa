"""A text that an earlier build has a vector of is not embedded again (bundled model)."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.embeddings import Vectors
from bot.embeddings.local import LocalEmbedder
from bot.records import now
from bot.retrieval import Base
from bot.search.builds import Builds, Built
from bot.search.knownvectors import KEYS_FILE, VECTORS_FILE

TEXTS: dict[Base, str] = {
    "general": "# Гарантия\nГарантия составляет 24 месяца.\n# Оплата\nАванс 50 процентов.\n",
    "tech": "# Питание\nМашина питается от 380 В. Кабель входит в поставку.\n",
}
EDITED: dict[Base, str] = {**TEXTS, "tech": TEXTS["tech"].replace("380", "220")}


class Counting(LocalEmbedder):
    """The bundled model, and the texts it was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        super().__init__()
        self.asked.clear()

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        self.asked += texts
        return super().embed_passages(texts)

    def embed_query(self, text: str) -> Vectors:
        self.asked.append(text)
        return super().embed_query(text)


class Renamed(Counting):
    """The same model under another name, as another version of it would be."""

    @property
    def model_key(self) -> str:
        return "local:another"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("builds")


@pytest.fixture(scope="module")
def embedder() -> Counting:
    return Counting()


@pytest.fixture(scope="module")
def first(folder: Path, embedder: Counting) -> Built:
    built = Builds(folder).make(TEXTS, embedder, now())
    assert built.texts == built.embedded == len(embedder.asked)
    return built


def test_an_edit_embeds_only_what_was_edited(
    folder: Path, embedder: Counting, first: Built
) -> None:
    embedder.asked.clear()
    built = Builds(folder).make(EDITED, embedder, now(), first.build_id)
    assert embedder.asked
    assert all("220" in text for text in embedder.asked)
    assert built.embedded == len(embedder.asked) < first.embedded / 10


def test_what_was_not_embedded_again_is_exactly_as_it_was(
    folder: Path, embedder: Counting, first: Built
) -> None:
    builds = Builds(folder)
    again = builds.make(TEXTS, embedder, now(), first.build_id)
    assert again.embedded == 0
    assert builds.manifest(again.build_id).files == builds.manifest(first.build_id).files


def test_vectors_of_another_model_are_never_taken(folder: Path, first: Built) -> None:
    other = Renamed()
    built = Builds(folder).make(TEXTS, other, now(), first.build_id)
    assert built.embedded == len(other.asked) == first.embedded


@pytest.mark.parametrize(
    ("name", "harm"),
    [(KEYS_FILE, "flipped"), (KEYS_FILE, "cut"), (VECTORS_FILE, "flipped"), (VECTORS_FILE, "gone")],
)
def test_damaged_vectors_are_embedded_again_and_do_no_harm(
    folder: Path, embedder: Counting, first: Built, tmp_path: Path, name: str, harm: str
) -> None:
    builds = Builds(tmp_path)
    (tmp_path / first.build_id).mkdir()
    for file in (folder / first.build_id).iterdir():
        (tmp_path / first.build_id / file.name).write_bytes(file.read_bytes())
    known = tmp_path / first.build_id / name
    data = known.read_bytes()
    known.unlink()
    if harm != "gone":
        flipped = data[:500] + bytes([data[500] ^ 1]) + data[501:]
        known.write_bytes(flipped if harm == "flipped" else data[:-500])
    assert builds.load(first.build_id, embedder.model_key).build_id == first.build_id
    built = builds.make(TEXTS, embedder, now(), first.build_id)
    assert built.embedded == first.embedded
    assert builds.manifest(built.build_id).files == builds.manifest(first.build_id).files
