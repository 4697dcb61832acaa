"""Claiming callers whom ``StasisBroadcast()`` offers to every worker at once.

Asterisk gives the caller to the first that claims (204; the others get 409). A worker waits the
longer the more calls it has, so the one with the fewest is first.
"""

import heapq
import logging
import math
import threading
import time
from collections.abc import Callable

from bot.ari import AriClient, AriError

log = logging.getLogger(__name__)

WAIT_S = 0.005
"""What one call makes a worker wait; a hundred make it ten times as long, not a hundred times."""
FULL_WAIT_S = 0.3
"""A full worker claims a caller only to say so, when nobody else has claimed meanwhile."""


class Claims:
    """Claims for ``app`` in a thread of its own, from :meth:`start` to :meth:`stop`.

    ``load`` returns the calls in progress and how many there may be.
    """

    def __init__(self, ari: AriClient, app: str, load: Callable[[], tuple[int, int]]) -> None:
        self._ari = ari
        self._app = app
        self._load = load
        self._due: list[tuple[float, str]] = []
        self._changed = threading.Condition()
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="claims", daemon=True)

    def start(self) -> None:
        """Be ready for offers."""
        self._thread.start()

    def offer(self, channel_id: str) -> None:
        """Asterisk offers this caller; two offers of one caller count once."""
        calls, most = self._load()
        wait_s = WAIT_S * math.sqrt(calls) if calls < most else FULL_WAIT_S
        with self._changed:
            if all(channel_id != offered for _, offered in self._due):
                heapq.heappush(self._due, (time.monotonic() + wait_s, channel_id))
                self._changed.notify()

    def stop(self) -> None:
        """Claim nobody any more, and forget what was offered. Safe to repeat."""
        with self._changed:
            self._stopped = True
            self._changed.notify()
        if self._thread.ident is not None:
            self._thread.join(timeout=10)

    def _run(self) -> None:
        while (channel_id := self._next()) is not None:
            try:
                self._ari.claim(channel_id, self._app)
            except AriError as error:
                log.warning("caller not claimed error=%s", error)

    def _next(self) -> str | None:
        """The caller whose time has come; ``None`` when there is nothing more to do."""
        with self._changed:
            while not self._stopped:
                wait_s = self._due[0][0] - time.monotonic() if self._due else None
                if wait_s is not None and wait_s <= 0:
                    return heapq.heappop(self._due)[1]
                self._changed.wait(wait_s)
        return None
