"""A point in time by which work must be done, which can also be called off."""

import threading
import time


class Deadline:
    """Seconds left for a piece of work, shared by everything done for it.

    Thread-safe: the thread that asked for the work calls :meth:`cancel`, the thread that
    does it looks at :attr:`expired` between the pieces of a stream and gives
    :meth:`remaining_s` to each blocking call as its timeout.
    """

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds
        self._cancelled = threading.Event()

    def cancel(self) -> None:
        """Nobody wants the result any more."""
        self._cancelled.set()

    @property
    def cancelled(self) -> bool:
        """Whether :meth:`cancel` was called."""
        return self._cancelled.is_set()

    @property
    def expired(self) -> bool:
        """Whether the work should stop now, late or called off."""
        return self._cancelled.is_set() or time.monotonic() >= self._end

    def remaining_s(self, at_most: float = float("inf")) -> float:
        """Seconds left (never below 0.001, so that it can serve as a socket timeout)."""
        left = 0.0 if self._cancelled.is_set() else self._end - time.monotonic()
        return max(0.001, min(left, at_most))
