"""Texts on their way to become a base: kept on the disk until published, whatever goes wrong."""

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from threading import RLock
from typing import Any

from pydantic import TypeAdapter, ValidationError

from bot.durable import put_in_place, write_beside
from bot.errors import ChangeError
from bot.retrieval import Base

log = logging.getLogger(__name__)

KEPT = 100
"""Drafts on the disk; of more the oldest go, first those that nobody needs any more."""
_ID_BYTES = 8


@dataclass(frozen=True)
class Draft:
    """One change of one base that an operator began. Times are UTC."""

    kb: Base
    based_on: int
    """Number of the release whose text was changed."""
    author: str
    made_at: datetime
    id: str = field(default_factory=lambda: secrets.token_hex(_ID_BYTES))
    note: str = ""
    file_name: str = ""
    """What was uploaded; empty for an edit made on the page."""
    job: str = ""
    """Id of the job that worked on it last."""
    release: int = 0
    """The release it was published as; 0 when it is not."""
    problem: str = ""
    """Why the last attempt failed."""
    has_text: bool = False
    """Whether the text is there; that of a file comes when it has been read."""


_DRAFT = TypeAdapter(Draft)


class DraftStore:
    """The drafts in a folder: ``<id>.json`` and ``<id>.md``. Thread-safe."""

    def __init__(self, folder: Path, kept: int = KEPT) -> None:
        self._folder = folder
        self._kept = kept
        self._lock = RLock()

    def put(self, draft: Draft, text: str | None = None) -> Draft:
        """Keep a draft, with its text when that is new; :class:`ChangeError` if it cannot be."""
        with self._lock, _told():
            self._folder.mkdir(parents=True, exist_ok=True)
            if text is not None:
                self._write(self._text(draft.id), text.encode())
                draft = replace(draft, has_text=True)
            self._write(self._record(draft.id), _DRAFT.dump_json(draft))
            self._sweep(draft.id)
        return draft

    def change(self, draft_id: str, text: str | None = None, **changes: Any) -> Draft | None:
        """Keep a draft with some fields changed; ``None`` if it was discarded meanwhile."""
        with self._lock:
            draft = self.get(draft_id)
            return self.put(replace(draft, **changes), text) if draft else None

    def get(self, draft_id: str) -> Draft | None:
        """The draft with that id, which may be any text."""
        path = self._record(draft_id)
        return _read(path) if path in set(self._records()) else None

    def text(self, draft: Draft) -> str:
        """What is to become the base; empty when there is nothing yet."""
        if not draft.has_text:
            return ""
        with _told():
            return self._text(draft.id).read_bytes().decode()

    def unpublished(self) -> list[Draft]:
        """The drafts that somebody may want to go on with, the youngest first."""
        waiting = [draft for draft in self._all() if draft.has_text and not draft.release]
        return sorted(waiting, key=lambda draft: draft.made_at, reverse=True)

    def discard(self, draft: Draft) -> None:
        """Forget a draft and its text."""
        with self._lock:
            self._forget(draft)

    def _sweep(self, kept: str) -> None:
        """First to go are those without a text or with a release, the oldest of them first."""
        others = [draft for draft in self._all() if draft.id != kept]
        others.sort(key=lambda one: (one.has_text and not one.release, one.made_at))
        for draft in others[: max(0, len(others) + 1 - self._kept)]:
            self._forget(draft)

    def _forget(self, draft: Draft) -> None:
        for path in (self._record(draft.id), self._text(draft.id)):
            path.unlink(missing_ok=True)

    def _all(self) -> list[Draft]:
        return [draft for draft in map(_read, self._records()) if draft]

    def _records(self) -> Iterator[Path]:
        return self._folder.glob("[!.]*.json")

    def _record(self, draft_id: str) -> Path:
        return self._folder / f"{draft_id}.json"

    def _text(self, draft_id: str) -> Path:
        return self._folder / f"{draft_id}.md"

    @staticmethod
    def _write(path: Path, data: bytes) -> None:
        put_in_place(write_beside(path, data), path)


def _read(path: Path) -> Draft | None:
    try:
        return _DRAFT.validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        log.warning("event=draft_unreadable file=%s error=%r", path.name, error)
        return None


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ChangeError(f"Правка не записана на диск: {error.strerror}.") from error
