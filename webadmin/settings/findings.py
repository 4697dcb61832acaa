"""What each check found last, kept for the page and for the next start."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Lock

from pydantic import TypeAdapter

from bot.checks.check import Finding
from bot.records import now
from webadmin.settings.jsonfile import JsonFile


@dataclass(frozen=True)
class Found:
    """A finding and when it was made (UTC)."""

    finding: Finding
    at: datetime


class Findings:
    """The last finding of each check. Thread-safe."""

    def __init__(self, folder: Path, clock: Callable[[], datetime] = now) -> None:
        self._path = folder / "findings.json"
        self._clock = clock
        self._file = JsonFile(TypeAdapter(dict[str, Found]))
        self._lock = Lock()

    def put(self, finding: Finding) -> None:
        """Keep a finding in place of the last one of its check."""
        with self._lock:
            self._file.write(
                self._path, self.last() | {finding.check: Found(finding, self._clock())}
            )

    def last(self) -> dict[str, Found]:
        """The findings by the ids of their checks."""
        return self._file.read(self._path) or {}
