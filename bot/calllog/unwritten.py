"""The file of calls that could not be written before the worker stopped: one JSON text a line."""

import json
import logging
from collections.abc import Iterable, Sequence
from pathlib import Path

from bot.calllog.row import OpenCall
from bot.durable import put_in_place, write_beside

log = logging.getLogger(__name__)


class UnwrittenFile:
    """Calls of one worker, kept from its end to its next start. Never raises.

    ``former`` are such files of workers that will not start again.
    """

    def __init__(self, path: Path, former: Iterable[Path] = ()) -> None:
        self._path = path
        self._former = tuple(former)
        self._taken_up: list[Path] = []

    def read(self) -> list[OpenCall]:
        """The calls in the files; a line that is no call is left out and told of."""
        found: list[OpenCall] = []
        for path in (self._path, *self._former):
            calls = _calls_in(path)
            if calls is not None:
                self._taken_up.append(path)
                found += calls
        return found

    def write(self, calls: Sequence[OpenCall]) -> None:
        """Keep exactly these calls; none, and the file goes."""
        if not calls:
            self.remove()
            return
        text = "".join(json.dumps(call.as_kept(), ensure_ascii=False) + "\n" for call in calls)
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            put_in_place(write_beside(self._path, text.encode()), self._path)
        except OSError as error:
            log.critical("calls lost calls=%d file=%s error=%s", len(calls), self._path, error)
            return
        self._taken_up = [one for one in self._taken_up if one != self._path]
        self.remove()
        self._taken_up = [self._path]
        log.error("calls not written calls=%d kept_in=%s", len(calls), self._path)

    def remove(self) -> None:
        """Everything that was read is in the database now."""
        taken_up, self._taken_up = self._taken_up, []
        for path in taken_up:
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                log.error("unwritten calls stay file=%s error=%s", path, error)


def _calls_in(path: Path) -> list[OpenCall] | None:
    """The calls in a file; ``None`` when there is none, or none that can be read."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").strip().split("\n")
    except FileNotFoundError:
        return None
    except OSError as error:
        log.error("unwritten calls cannot be read file=%s error=%s", path, error)
        return None
    calls = [call for line in lines if (call := _call_in(line)) is not None]
    log.warning("unwritten calls taken up calls=%d of=%d", len(calls), len(lines))
    return calls


def _call_in(line: str) -> OpenCall | None:
    try:
        return OpenCall.kept(json.loads(line))
    except (ValueError, KeyError, TypeError):
        return None
