"""The index on disk: ``builds/<build-id>/`` folders and the ``current`` link to one of them.

A build's folder is written once and never changed; which build is in service is a symbolic
link, put in place by one rename. ``manifest.json`` holds the checksums of the other files.
"""

import hashlib
import json
import logging
import os
import threading
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

import faiss
import numpy as np

from bot.errors import KnowledgeError
from bot.retrieval import BASES, Index, Passage, SearchedBase
from bot.search.lexical import build_lexical
from bot.search.relevance import Scale, Spreads

FORMAT = 1
"""Raised whenever preparation, vectors or files change: older builds are then stale."""
BUILDS = "builds"
CURRENT = "current"
MANIFEST = "manifest.json"

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Manifest:
    """What a build was made of."""

    format: int
    build_id: str
    created_at: str
    """ISO 8601, UTC."""
    model_key: str
    sources: dict[str, str]
    """SHA-256 of each base as it stood on disk."""
    files: dict[str, str]
    """SHA-256 of every other file of the build."""


def read_manifest(directory: Path) -> Manifest:
    """The manifest of the build in service; :class:`KnowledgeError` if there is none."""
    try:
        data = (directory / CURRENT / MANIFEST).read_bytes()
    except OSError as error:
        raise KnowledgeError(
            f"{directory}: there is no index ({error.strerror}): run python -m bot.index"
        ) from error
    try:
        return Manifest(**json.loads(data))
    except (ValueError, TypeError) as error:
        raise _corrupt(directory, MANIFEST) from error


def write_build(folder: Path, manifest: Manifest, index: Index) -> None:
    """Write a build into its empty folder, the manifest last."""
    contents = {
        "scale.json": json.dumps(asdict(index.scale)).encode(),
        "background.f32": index.background.astype("<f4").tobytes(),
    }
    for kb, base in index.bases.items():
        contents[f"{kb}.faiss"] = faiss.serialize_index(cast(faiss.Index, base.rows)).tobytes()
        contents[f"{kb}.json"] = _base_as_json(base)
    files = {name: hashlib.sha256(data).hexdigest() for name, data in contents.items()}
    contents[MANIFEST] = json.dumps(
        {**asdict(manifest), "files": files}, ensure_ascii=False, indent=1
    ).encode()
    for name, data in contents.items():
        (folder / name).write_bytes(data)


def _base_as_json(base: SearchedBase) -> bytes:
    passages = [asdict(passage) for passage in base.passages]
    return json.dumps(
        {"passages": passages, "owners": base.owners.tolist()}, ensure_ascii=False
    ).encode()


def load_index(directory: Path, expected_model_key: str) -> Index:
    """The build in service, checked against its checksums.

    Raises :class:`KnowledgeError` when there is none, when a file of it is missing or changed,
    or when it was built by another model or another version of the program.
    """
    manifest = read_manifest(directory)
    if manifest.format != FORMAT or manifest.model_key != expected_model_key:
        raise KnowledgeError(
            f"{directory}: the index was built by {manifest.model_key} in format "
            f"{manifest.format}, not by {expected_model_key} in format {FORMAT}: "
            "run python -m bot.index"
        )
    folder = directory / BUILDS / manifest.build_id
    try:
        read = {name: _read_checked(folder, name, manifest) for name in manifest.files}
        bases = {kb: _base(read[f"{kb}.json"], read[f"{kb}.faiss"]) for kb in BASES}
        dimensions = bases["general"].rows.d
        background = np.frombuffer(read["background.f32"], "<f4").reshape(-1, dimensions)
        curves = json.loads(read["scale.json"])
        scale = Scale(**{**curves, "spreads": Spreads(**curves["spreads"])})
    except (OSError, KeyError, ValueError, TypeError, RuntimeError) as error:
        raise _corrupt(directory, str(error)) from error
    return Index(manifest.build_id, bases, scale, background)


def _read_checked(folder: Path, name: str, manifest: Manifest) -> bytes:
    data = (folder / name).read_bytes()
    if hashlib.sha256(data).hexdigest() != manifest.files[name]:
        raise ValueError(f"{name} has changed since it was built")
    return data


def _base(described: bytes, rows: bytes) -> SearchedBase:
    """FAISS raises RuntimeError for what it cannot read."""
    parsed = json.loads(described)
    passages = tuple(
        Passage(one["kb"], tuple(one["heading_path"]), one["text"], one["start"])
        for one in parsed["passages"]
    )
    return searched_base(
        passages,
        faiss.deserialize_index(np.frombuffer(rows, np.uint8)),
        parsed["owners"],
    )


def searched_base(passages: tuple[Passage, ...], rows: Any, owners: list[int]) -> SearchedBase:
    """A base put together from passages, their FAISS rows and the rows' owners."""
    if rows.ntotal != len(owners):
        raise ValueError(f"{rows.ntotal} vectors for {len(owners)} texts")
    lexical = build_lexical([f"{indexed_heading(one)}. {one.text}" for one in passages])
    return SearchedBase(passages, rows, np.array(owners, np.int32), lexical)


def indexed_heading(passage: Passage) -> str:
    """The heading that stands before a passage's text in all that is searched."""
    return passage.heading_path[-1] if passage.heading_path else ""


def _corrupt(directory: Path, what: str) -> KnowledgeError:
    return KnowledgeError(f"{directory}: the index is damaged ({what}): run python -m bot.index")


class IndexFolder:
    """The index in service, for a process that outlives builds. Thread-safe.

    Each turn asks :meth:`current`, which costs one ``readlink`` while nothing has changed. A
    new build is loaded by the first turn that sees it; turns of other calls meanwhile go on
    with the old one.
    """

    def __init__(self, directory: Path, model_key: str) -> None:
        self._directory = directory
        self._model_key = model_key
        self._loading = threading.Lock()
        self._seen = ""
        self._index: Index | None = None

    def current(self) -> Index:
        """The newest build that could be loaded.

        A damaged new build is refused, which is logged once, and the old one stays in
        service. Raises :class:`KnowledgeError` when there is nothing to serve.
        """
        target = self._target()
        index = self._index
        if index is not None and (target == self._seen or self._loading.locked()):
            return index
        with self._loading:
            if target != self._seen or self._index is None:
                self._load(target)
            if self._index is None:
                raise KnowledgeError(f"{self._directory}: no index could be loaded")
            return self._index

    def _load(self, target: str) -> None:
        try:
            self._index = load_index(self._directory, self._model_key)
        except KnowledgeError as error:
            if self._index is None:
                raise
            _log.error("index refused build=%s kept=%s why=%s", target, self._index.build_id, error)
        else:
            _log.info("index in service build=%s", self._index.build_id)
        self._seen = target

    def _target(self) -> str:
        try:
            return os.readlink(self._directory / CURRENT)
        except OSError:
            return ""
