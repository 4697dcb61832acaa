"""How long a service usually takes, to know when it is late."""

import threading
from collections import deque

_KEPT = 50
_ENOUGH = 8
"""Times from which a percentile says anything."""


class UsualTime:
    """The recent times of a service and the moment from which it is late. Thread-safe.

    It is late after the 95th percentile of its last 50 times and half as much again, within
    ``bounds_s``; while few are known, after ``first_s``. All in seconds.
    """

    def __init__(self, first_s: float, bounds_s: tuple[float, float]) -> None:
        self._lock = threading.Lock()
        self._times: deque[float] = deque(maxlen=_KEPT)
        self._first_s = first_s
        self._bounds_s = bounds_s

    def took(self, seconds: float) -> None:
        """The service has answered after that time."""
        with self._lock:
            self._times.append(seconds)

    @property
    def late_after_s(self) -> float:
        """Seconds after which another is asked as well."""
        with self._lock:
            times = sorted(self._times)
        if len(times) < _ENOUGH:
            return self._first_s
        least, most = self._bounds_s
        return min(most, max(least, 1.5 * times[round(0.95 * (len(times) - 1))]))
