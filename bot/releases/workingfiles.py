"""The files that operators edit by hand: both bases and the prompts."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path
from typing import Literal

from bot.documents import markdown_of
from bot.durable import put_in_place, write_beside
from bot.errors import ChangeError, KnowledgeError
from bot.golden import GOLDEN_PATH, GoldenQuestion, read_golden
from bot.releases.content import Content
from bot.retrieval import BASES, Base
from bot.search.knowledge import read_base
from bot.settings import Settings

_DOCUMENTS = frozenset({".docx", ".pdf"})
UNPUBLISHED = ".unpublished"
"""Added to the name under which an edit is kept that nobody published before it was replaced."""

Part = Literal["general", "tech", "prompts"]
PARTS: tuple[Part, ...] = (*BASES, "prompts")

Stamp = tuple[int, int, int]
"""Time of the last change in nanoseconds, size and inode of a file."""


def sources_of(settings: Settings) -> dict[Base, Path]:
    """The files of the two bases."""
    return {"general": settings.knowledge_base_path, "tech": settings.knowledge_base2_path}


def golden_of(settings: Settings) -> tuple[GoldenQuestion, ...]:
    """The golden questions beside the general base; none when there is no such file, or when it
    is damaged (:func:`golden_fault`): relevance is then fitted to the headings alone."""
    try:
        return _golden(settings)
    except KnowledgeError:
        return ()


def golden_fault(settings: Settings) -> str:
    """What is wrong with the file of the golden questions, and in which line; empty if nothing."""
    try:
        _golden(settings)
    except KnowledgeError as error:
        return str(error)
    return ""


def _golden(settings: Settings) -> tuple[GoldenQuestion, ...]:
    path = settings.knowledge_base_path.with_name(GOLDEN_PATH.name)
    return read_golden(path) if path.exists() else ()


def set_aside(settings: Settings) -> set[Path]:
    """The edits that were kept because nobody had published them before they were replaced."""
    files = (*sources_of(settings).values(), settings.prompts_file_path)
    places = [path.resolve() for path in files]
    return {kept for at in places for kept in at.parent.glob(f"{at.name}{UNPUBLISHED}*")}


@dataclass(frozen=True)
class WorkingFiles:
    """Where the bases and the prompts are edited."""

    bases: Mapping[Base, Path]
    prompts: Path

    def read_bases(self) -> dict[Base, str]:
        """The Markdown of each base; :class:`KnowledgeError` names the file that is wrong."""
        return {kb: _read(self.bases[kb]) for kb in BASES}

    def read_prompts(self) -> str:
        """The text of the prompts file, unchecked; :class:`KnowledgeError` if unreadable."""
        try:
            return self.prompts.read_text(encoding="utf-8")
        except OSError as error:
            raise KnowledgeError(f"{self.prompts}: файл не читается: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise KnowledgeError(f"{self.prompts}: не UTF-8") from error

    def prompts_stamp(self) -> Stamp | None:
        """Changes whenever the prompts file does; ``None`` when there is no such file."""
        try:
            stat = self.prompts.stat()
        except OSError:
            return None
        return stat.st_mtime_ns, stat.st_size, stat.st_ino

    def unlike(self, content: Content) -> list[Path]:
        """The files that do not say what a release does, or cannot be read."""
        return [self._path(part) for part in PARTS if not self._says(part, content)]

    @contextmanager
    def replacing(
        self, parts: Sequence[Part], content: Content, published: Content | None
    ) -> Iterator[Callable[[], None]]:
        """Make these files those of ``content``; what is yielded puts them all in place.

        All is written beside the files first, so that a full disk or a folder that is not ours
        is found out (:class:`ChangeError`) while nothing has changed. An edit that is not in
        ``published`` is kept beside the file as ``….unpublished`` (``….unpublished.2`` and so on).
        """
        staged: dict[Path, Path] = {}
        try:
            for part in parts:
                self._stage(staged, part, content, published)
            yield lambda: _put_all(staged)
        finally:
            for beside in staged.values():
                beside.unlink(missing_ok=True)

    def _stage(
        self, staged: dict[Path, Path], part: Part, content: Content, published: Content | None
    ) -> None:
        path = self._path(part).resolve()
        if self._says(part, content):
            return
        if path.suffix.lower() in _DOCUMENTS:
            raise ChangeError(f"{path}: не Markdown, вернуть в него текст выпуска нельзя")
        try:
            if path.exists() and (published is None or not self._says(part, published)):
                kept = _unused(path.with_name(path.name + UNPUBLISHED))
                staged[kept] = write_beside(kept, path.read_bytes())
            text = content.prompts if part == "prompts" else content.bases[part]
            staged[path] = write_beside(path, text.encode())
        except OSError as error:
            raise ChangeError(f"{path}: файл не записывается: {error.strerror}") from error

    def _path(self, part: Part) -> Path:
        return self.prompts if part == "prompts" else self.bases[part]

    def _says(self, part: Part, content: Content) -> bool:
        """Whether a file says what a release does; one that cannot be read does not."""
        try:
            if part == "prompts":
                return content.same_prompts(self.read_prompts())
            return _read(self.bases[part]) == content.bases[part]
        except KnowledgeError:
            return False


def _read(path: Path) -> str:
    """The Markdown of a base, also of one that is kept as a document."""
    if path.suffix.lower() not in _DOCUMENTS:
        return read_base(path)
    try:
        return markdown_of(path.name, path.read_bytes())
    except OSError as error:
        raise KnowledgeError(f"{path}: файл не читается: {error.strerror}") from error
    except KnowledgeError as error:
        raise KnowledgeError(f"{path}: {error}") from error


def _unused(path: Path) -> Path:
    """The path, with a number after it where an edit has been kept under it already."""
    numbered = (path.with_name(f"{path.name}.{number}") for number in count(2))
    return next(one for one in chain([path], numbered) if not one.exists())


def _put_all(staged: Mapping[Path, Path]) -> None:
    """Kept edits go first, then what replaces them."""
    for path, beside in staged.items():
        put_in_place(beside, path)
