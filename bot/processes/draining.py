"""Ending a worker without ending its calls: when to take leave, when to stop, what to log."""

import logging
import threading
from typing import Literal

log = logging.getLogger(__name__)

SAY_EVERY_S = 10.0
GOODBYE_S = 15.0
"""How long the last words of a call may take."""


class Drain:
    """One worker's drain: asked for from anywhere, the rest belongs to the worker's thread.

    ``timeout_s`` is how long calls may go on; with 0 they end at once.
    """

    def __init__(self, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._requested = threading.Event()
        self._began_at: float | None = None
        self._say_at = 0.0
        self._has_taken_leave = False

    @property
    def is_requested(self) -> bool:
        """Whether :meth:`request` was called."""
        return self._requested.is_set()

    def request(self) -> None:
        """Begin; safe to repeat."""
        self._requested.set()

    def step(self, calls: int, now: float) -> Literal["began", "goodbye", "over"] | None:
        """What to do at ``now`` (monotonic seconds) with so many calls left.

        ``began`` comes first, ``goodbye`` once; after ``over`` the worker is to stop.
        """
        if not self.is_requested:
            return None
        if self._began_at is None:
            self._began_at = self._say_at = now
            return "began"
        if not calls or not self._timeout_s:
            log.info("drain over calls=%d seconds=%.1f", calls, now - self._began_at)
            return "over"
        if now >= self._say_at:
            log.info("draining calls=%d", calls)
            self._say_at += SAY_EVERY_S
        ends_at = self._began_at + self._timeout_s
        if self._has_taken_leave:
            return "over" if now >= ends_at + GOODBYE_S else None
        if now < ends_at:
            return None
        log.warning("drain timeout, calls are ended with a goodbye calls=%d", calls)
        self._has_taken_leave = True
        return "goodbye"
