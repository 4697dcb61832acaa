"""The builds of the index in one folder: made from texts, found again, loaded, swept."""

import hashlib
import shutil
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.durable import sync_folder
from bot.embeddings import Embedder
from bot.errors import KnowledgeError
from bot.examples import NO_EXAMPLES, Examples
from bot.golden import GoldenQuestion, is_held_out
from bot.retrieval import Base, Index
from bot.search.build import Progress, build_bases
from bot.search.indexfiles import FORMAT, Manifest, load_build, read_manifest, write_build
from bot.search.knownvectors import NOTHING_KNOWN, Known, KnownVectors, VectorFile, read_known


@dataclass(frozen=True)
class Built:
    """A build that is whole on the disk."""

    build_id: str
    texts: int
    """How many texts its vectors are of."""
    embedded: int
    """How many of these an earlier build had no vector of."""


def digests_of(
    texts: Mapping[Base, str],
    golden: Sequence[GoldenQuestion] = (),
    examples: Examples = NO_EXAMPLES,
) -> dict[str, str]:
    """SHA-256 of all that a build is made of, by name."""
    made_of = [(str(kb), text) for kb, text in texts.items()]
    fitted = "\n".join(one.model_dump_json() for one in golden if not is_held_out(one))
    if fitted:
        made_of.append(("golden", fitted))
    if examples != NO_EXAMPLES:
        made_of.append(("examples", examples.model_dump_json()))
    return {name: hashlib.sha256(text.encode()).hexdigest() for name, text in made_of}


@dataclass(frozen=True)
class Builds:
    """The builds in ``folder``, each in a folder named after its id."""

    folder: Path

    def make(
        self,
        texts: Mapping[Base, str],
        embedder: Embedder,
        at: datetime,
        like: str = "",
        progress: Progress = lambda done, of: None,
        golden: Sequence[GoldenQuestion] = (),
        examples: Examples = NO_EXAMPLES,
    ) -> Built:
        """Build an index of the two bases, its relevance fitted to the golden questions that are
        not held out and to the examples. Vectors that the build ``like`` has are taken over.

        Raises :class:`KnowledgeError` for a base that cannot be searched, and what the embedder
        raises; nothing is left behind then.
        """
        digests = digests_of(texts, golden, examples)
        build_id = _build_id(at, [*digests.values(), embedder.model_key])
        manifest = Manifest(FORMAT, build_id, at.isoformat(), embedder.model_key, digests, {})
        folder = self.folder / build_id
        folder.mkdir(parents=True)
        with ExitStack() as undo:
            undo.callback(shutil.rmtree, folder, ignore_errors=True)
            with VectorFile(folder) as kept:
                known = KnownVectors(embedder, self._known(like, embedder.model_key), kept)
                index = Index(build_id, *build_bases(texts, known, progress, golden, examples))
            write_build(folder, manifest, index)
            sync_folder(self.folder)
            undo.pop_all()
        return Built(build_id, len(kept), known.embedded)

    def find(self, digests: Mapping[str, str], model_key: str) -> str:
        """The newest whole build of exactly these inputs; an empty string if there is none."""
        for build_id in sorted(self._ids(), reverse=True):
            try:
                manifest = read_manifest(self.folder / build_id)
                if _made_of(manifest) == (FORMAT, model_key, digests):
                    return load_build(self.folder / build_id, model_key).build_id
            except KnowledgeError:
                continue
        return ""

    def load(self, build_id: str, model_key: str) -> Index:
        """See :func:`load_build`."""
        return load_build(self.folder / build_id, model_key)

    def manifest(self, build_id: str) -> Manifest:
        """See :func:`read_manifest`."""
        return read_manifest(self.folder / build_id)

    def sweep(self, kept: set[str]) -> None:
        """Remove the builds that nobody needs, also those that a crash left unfinished."""
        for build_id in self._ids() - kept:
            shutil.rmtree(self.folder / build_id, ignore_errors=True)

    def _known(self, build_id: str, model_key: str) -> Known:
        try:
            usable = bool(build_id) and self.manifest(build_id).model_key == model_key
        except KnowledgeError:
            return NOTHING_KNOWN
        return read_known(self.folder / build_id) if usable else NOTHING_KNOWN

    def _ids(self) -> set[str]:
        return {one.name for one in self.folder.iterdir()} if self.folder.exists() else set()


def _made_of(manifest: Manifest) -> tuple[int, str, Mapping[str, str]]:
    return manifest.format, manifest.model_key, manifest.sources


def _build_id(at: datetime, inputs: list[str]) -> str:
    digest = hashlib.sha256("\n".join(inputs).encode()).hexdigest()
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%S%f}-{digest[:8]}"
