"""The scores of questions that were asked again, of one build of the index.

The questions themselves are not written down: callers' words have their own place and time to
live, the call log.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from pydantic import TypeAdapter

from bot.retrieval import Base
from webadmin.settings.jsonfile import JsonFile


@dataclass(frozen=True)
class Scores:
    """The base that the words of a question point to, and the best relevance of each base."""

    first: Base
    best: Mapping[Base, float]


class ScoreBook:
    """Scores by question, of the build that was asked last. Thread-safe."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = JsonFile(TypeAdapter(dict[str, Scores]))
        self._lock = Lock()

    def of(self, build_id: str) -> dict[str, Scores]:
        """The scores that are known of a build, by :func:`key_of` its questions."""
        return self._file.read(self._path(build_id)) or {}

    def add(self, build_id: str, scores: Mapping[str, Scores]) -> None:
        """Remember more scores of a build, and forget those of all others.

        Raises :class:`bot.errors.ChangeError`.
        """
        with self._lock:
            path = self._path(build_id)
            self._file.write(path, self.of(build_id) | dict(scores))
            for other in self._folder.glob("*.json"):
                if other != path:
                    other.unlink(missing_ok=True)

    def _path(self, build_id: str) -> Path:
        return self._folder / f"{build_id}.json"


def key_of(*words: str) -> str:
    """A question, with whatever else it was searched by, as a name that does not tell it."""
    return hashlib.sha256("\n".join(words).encode(errors="replace")).hexdigest()[:32]
