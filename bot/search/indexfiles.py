"""The files of one build of the index: a folder that is written once and never changed.

``manifest.json`` holds the checksums of the files that searching needs.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from bot.durable import sync_file, sync_folder, write_new
from bot.errors import KnowledgeError
from bot.retrieval import BASES, Base, Index, Passage, Rows, SearchedBase
from bot.search.lexical import build_lexical
from bot.search.passagewords import (
    PassageWords,
    StaleWords,
    read_passages,
    words_as_bytes,
    words_of_bytes,
)
from bot.search.relevance import Scale
from bot.search.vectorrows import faiss_parts, rows_of
from bot.search.wording import Vocabulary

FORMAT = 8
"""Raised whenever preparation, vectors or files change: older builds are then stale."""
MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Manifest:
    """What a build was made of."""

    format: int
    build_id: str
    created_at: str
    """ISO 8601, UTC."""
    model_key: str
    sources: dict[str, str]
    """SHA-256 of all that the build was made of, by name: the text of each base, …"""
    files: dict[str, str]
    """SHA-256 of every file that searching needs."""


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a build; :class:`KnowledgeError` if it is missing or damaged."""
    try:
        return Manifest(**json.loads((folder / MANIFEST).read_bytes()))
    except (OSError, ValueError, TypeError) as error:
        raise _corrupt(folder, f"{MANIFEST}: {error}") from error


def write_build(folder: Path, manifest: Manifest, index: Index) -> None:
    """Write a build into its empty folder, the manifest last; it is on the disk then.

    Raises :class:`OSError` when it cannot be written.
    """
    for kb, base in index.bases.items():
        for part, rows in faiss_parts(base.rows).items():
            _write_rows(folder / f"{kb}.{part}", rows)
        write_new(folder / f"{kb}.json", _base_as_json(base))
        write_new(folder / f"{kb}.words", words_as_bytes(base.words))
    for name, scale in (("scale", index.scale), ("letterscale", index.letter_scale)):
        write_new(folder / f"{name}.json", json.dumps(asdict(scale)).encode())
    write_new(folder / "background.f32", index.background.astype("<f4").tobytes())
    write_new(folder / "examples.f32", index.examples.astype("<f4").tobytes())
    words = json.dumps(asdict(index.vocabulary), ensure_ascii=False)
    write_new(folder / "words.json", words.encode())
    files = {name: _digest(folder / name) for name in _names(index)}
    described = {**asdict(manifest), "files": files}
    write_new(folder / MANIFEST, json.dumps(described, ensure_ascii=False, indent=1).encode())
    sync_folder(folder)


def _write_rows(path: Path, rows: Any) -> None:
    """Not by way of bytes in memory: a large base would not fit in beside itself."""
    try:
        faiss.write_index(rows, str(path))
    except RuntimeError as error:
        raise OSError(f"{path}: {error}") from error
    sync_file(path)


def _names(index: Index) -> Iterator[str]:
    """The files that searching needs."""
    yield from ("scale.json", "letterscale.json", "background.f32", "examples.f32", "words.json")
    for kb, base in index.bases.items():
        yield from (f"{kb}.json", f"{kb}.words")
        yield from (f"{kb}.{part}" for part in faiss_parts(base.rows))


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _base_as_json(base: SearchedBase) -> bytes:
    passages = (json.dumps(vars(one), ensure_ascii=False).encode() for one in base.passages)
    owners = json.dumps(base.owners.tolist()).encode()
    return b'{"passages": [' + b",\n".join(passages) + b'], "owners": ' + owners + b"}"


def load_build(folder: Path, expected_model_key: str) -> Index:
    """A build ready to be searched, checked against its checksums.

    Raises :class:`KnowledgeError` when a file of it is missing or changed, or when it was built
    by another model or another version of the program.
    """
    manifest = read_manifest(folder)
    stale = KnowledgeError(
        f"{folder}: the index was built by {manifest.model_key} in format "
        f"{manifest.format}, not by {expected_model_key} in format {FORMAT}: "
        "run python -m bot.index"
    )
    if manifest.format != FORMAT or manifest.model_key != expected_model_key:
        raise stale
    try:
        bases = {kb: _base(folder, manifest, kb) for kb in BASES}
        dimensions = bases["general"].rows.d
        background = np.fromfile(_checked(folder, "background.f32", manifest), "<f4")
        background = background.reshape(-1, dimensions)
        examples = np.fromfile(_checked(folder, "examples.f32", manifest), "<f4")
        examples = examples.reshape(-1, dimensions)
        scale, letter_scale = (
            _scale(_checked(folder, name, manifest)) for name in ("scale.json", "letterscale.json")
        )
        words = json.loads(_checked(folder, "words.json", manifest).read_bytes())
        vocabulary = Vocabulary(**words)
    except StaleWords as error:
        raise stale from error
    except (OSError, KeyError, ValueError, TypeError, RuntimeError) as error:
        raise _corrupt(folder, str(error)) from error
    return Index(
        manifest.build_id, bases, scale, background, vocabulary, examples, letter_scale
    )  # fmt: skip


def _checked(folder: Path, name: str, manifest: Manifest) -> Path:
    if _digest(folder / name) != manifest.files[name]:
        raise ValueError(f"{name} has changed since it was built")
    return folder / name


def _base(folder: Path, manifest: Manifest, kb: Base) -> SearchedBase:
    """FAISS raises RuntimeError for what it cannot read."""
    parsed = json.loads(_checked(folder, f"{kb}.json", manifest).read_bytes())
    passages = tuple(
        Passage(one["kb"], tuple(one["heading_path"]), one["text"], one["start"])
        for one in parsed["passages"]
    )
    owners = np.array(parsed["owners"], np.int32)
    del parsed
    parts = {
        name.removeprefix(f"{kb}."): faiss.read_index(str(_checked(folder, name, manifest)))
        for name in manifest.files
        if name.startswith(f"{kb}.") and name.endswith(".faiss")
    }
    words = words_of_bytes(_checked(folder, f"{kb}.words", manifest).read_bytes())
    return searched_base(passages, rows_of(parts, owners), owners, words)


def searched_base(
    passages: tuple[Passage, ...],
    rows: Rows,
    owners: NDArray[np.int32],
    words: PassageWords | None = None,
) -> SearchedBase:
    """A base put together from passages, their vectors and the vectors' owners.

    The passages are read when their ``words`` are not known.
    """
    if rows.ntotal != len(owners):
        raise ValueError(f"{rows.ntotal} vectors for {len(owners)} texts")
    words = words or read_passages((one.heading_path, one.text) for one in passages)
    lexical = build_lexical([f"{one.heading}. {one.text}" for one in passages])
    return SearchedBase(passages, rows, owners, lexical, words)


def _scale(path: Path) -> Scale:
    values: dict[str, Any] = json.loads(path.read_bytes(), object_hook=_with_tuples)
    return Scale(**values)


def _with_tuples(values: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(one) if isinstance(one, list) else one for name, one in values.items()}


def _corrupt(folder: Path, what: str) -> KnowledgeError:
    return KnowledgeError(f"{folder}: the index is damaged ({what}): run python -m bot.index")
