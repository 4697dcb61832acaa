"""What the admin remembers between two starts, one JSON file for each thing.

What is lost can be found out again: a damaged file counts as absent, and is said in the log.
"""

import logging
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from bot.durable import put_in_place, write_beside
from bot.errors import ChangeError

log = logging.getLogger(__name__)

T = TypeVar("T")


class JsonFile(Generic[T]):
    """Reads and writes values of one type."""

    def __init__(self, kind: TypeAdapter[T]) -> None:
        self._kind = kind

    def read(self, path: Path) -> T | None:
        """The value of a file that is there and whole."""
        try:
            return self._kind.validate_json(path.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValidationError) as error:
            log.warning("event=file_unreadable file=%s error=%r", path.name, error)
            return None

    def write(self, path: Path, value: T) -> None:
        """Replace the file, whole; a full disk is told as :class:`ChangeError`."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            put_in_place(write_beside(path, self._kind.dump_json(value)), path)
        except OSError as error:
            raise ChangeError(f"{path.parent}: не записано: {error.strerror}") from error
