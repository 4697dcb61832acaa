"""The file of calls that could not be written before the worker stopped: one JSON text a line."""

import json
import logging
from collections.abc import Sequence
from pathlib import Path

from bot.calllog.row import OpenCall
from bot.durable import put_in_place, write_beside

log = logging.getLogger(__name__)


class UnwrittenFile:
    """Calls of one worker, kept from its end to its next start. Never raises."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._exists = path.exists()

    def read(self) -> list[OpenCall]:
        """The calls in the file; a line that is no call is left out and told of."""
        try:
            lines = self._path.read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return []
        except (OSError, ValueError) as error:
            log.error("unwritten calls cannot be read file=%s error=%s", self._path, error)
            return []
        calls = [call for line in lines if (call := _call_in(line)) is not None]
        log.warning("unwritten calls taken up calls=%d of=%d", len(calls), len(lines))
        return calls

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
        self._exists = True
        log.error("calls not written calls=%d kept_in=%s", len(calls), self._path)

    def remove(self) -> None:
        """Everything in it is in the database now."""
        if not self._exists:
            return
        try:
            self._path.unlink(missing_ok=True)
        except OSError as error:
            log.error("unwritten calls stay file=%s error=%s", self._path, error)
        self._exists = False


def _call_in(line: str) -> OpenCall | None:
    try:
        return OpenCall.kept(json.loads(line))
    except (ValueError, KeyError, TypeError):
        return None
