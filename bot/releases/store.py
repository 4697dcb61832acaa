"""The releases on disk: ``releases/<number>/`` written once, ``current`` points to one of them.

A release is complete when its ``release.json`` is there. What a crash left before that is emptied
by the next publication; its folder stays, so that its number is never given to another.
"""

import hashlib
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from bot.durable import point_link, sync_folder, write_new
from bot.errors import AssistantError, KnowledgeError, UnknownReleaseError
from bot.releases.content import Content, as_files, from_files
from bot.releases.record import RECORD_FILE, ReleaseRecord
from bot.search.builds import Builds

RELEASES = "releases"
BUILDS = "builds"
CURRENT = "current"
_READ_ONLY = 0o444


@dataclass(frozen=True)
class ReleaseStore:
    """The releases and builds in ``directory`` (``PERSIST_DIRECTORY``)."""

    directory: Path

    @property
    def builds(self) -> Builds:
        """The builds that the releases name."""
        return Builds(self.directory / BUILDS)

    def link(self) -> str:
        """What ``current`` points to; an empty string when it is not there."""
        try:
            return os.readlink(self.directory / CURRENT)
        except OSError:
            return ""

    def in_service(self) -> int:
        """The number of the release in service; 0 when there is none.

        :class:`KnowledgeError` where copying has made a folder of the link: no rename replaces it.
        """
        current = self.directory / CURRENT
        if current.is_dir() and not current.is_symlink():
            raise KnowledgeError(
                f"{current}: папка, а не ссылка: удалите её и запустите python -m bot.index"
            )
        folder, _, number = self.link().rpartition("/")
        return int(number) if folder == RELEASES and number.isdecimal() else 0

    def require_in_service(self) -> int:
        """The same; :class:`KnowledgeError` says what to do when there is none."""
        number = self.in_service()
        if not number:
            raise KnowledgeError(
                f"{self.directory}: выпусков ещё нет: запустите python -m bot.index"
            )
        return number

    def records(self) -> Iterator[ReleaseRecord]:
        """All releases, newest first; a damaged one is left out.

        One with a higher number than :meth:`in_service` was written but not put in service (its
        publisher was killed), or somebody has moved ``current`` back by hand.
        """
        for number in sorted(self._numbers(), reverse=True):
            with suppress(AssistantError):
                yield self.record(number)

    def record(self, number: int) -> ReleaseRecord:
        """What is known of a release.

        Raises :class:`UnknownReleaseError` for a number without a complete release and
        :class:`KnowledgeError` for a damaged one.
        """
        try:
            data = (self._folder(number) / RECORD_FILE).read_bytes()
            return ReleaseRecord.model_validate_json(data)
        except FileNotFoundError as error:
            raise UnknownReleaseError(f"выпуска {number} нет") from error
        except (OSError, ValidationError) as error:
            raise _damaged(number, RECORD_FILE) from error

    def content(self, record: ReleaseRecord) -> Content:
        """What a release is made of; :class:`KnowledgeError` when a file is not as published."""
        read = {}
        for name, digest in record.files.items():
            try:
                data = (self._folder(record.number) / name).read_bytes()
            except OSError as error:
                raise _damaged(record.number, name) from error
            if hashlib.sha256(data).hexdigest() != digest:
                raise _damaged(record.number, name)
            read[name] = data
        try:
            return from_files(read)
        except KnowledgeError as error:
            raise _damaged(record.number, str(error)) from error

    def reserve(self) -> int:
        """A number that no release has or had, with its empty folder."""
        self._empty_unfinished()
        releases = self.directory / RELEASES
        releases.mkdir(exist_ok=True)
        number = max(self._numbers(), default=0) + 1
        self._folder(number).mkdir()
        sync_folder(releases)
        return number

    def write(self, record: ReleaseRecord, content: Content) -> None:
        """Write a release into its reserved folder; it is complete on the disk then."""
        folder = self._folder(record.number)
        for name, data in as_files(content).items():
            write_new(folder / name, data, _READ_ONLY)
        write_new(folder / RECORD_FILE, record.model_dump_json(indent=1).encode(), _READ_ONLY)
        sync_folder(folder)

    def put_in_service(self, number: int) -> None:
        """Have the next turns answered by this release, by one rename."""
        point_link(self.directory / CURRENT, Path(RELEASES) / str(number))

    def _folder(self, number: int) -> Path:
        return self.directory / RELEASES / str(number)

    def _numbers(self) -> set[int]:
        releases = self.directory / RELEASES
        names = [one.name for one in releases.iterdir()] if releases.is_dir() else []
        return {int(name) for name in names if name.isdecimal() and str(int(name)) == name}

    def _empty_unfinished(self) -> None:
        last = self.in_service()
        for number in self._numbers():
            folder = self._folder(number)
            if number > last and not (folder / RECORD_FILE).exists():
                for left in folder.iterdir():
                    left.unlink()


def digests(content: Content) -> dict[str, str]:
    """SHA-256 of each file of a release."""
    return {name: hashlib.sha256(data).hexdigest() for name, data in as_files(content).items()}


def _damaged(number: int, what: str) -> KnowledgeError:
    return KnowledgeError(
        f"выпуск {number} повреждён ({what}): опубликуйте его или другой снова "
        "(python -m bot.index --force или python -m bot.releases publish N)"
    )
