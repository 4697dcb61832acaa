"""A cache in this process's memory, bounded by bytes: the oldest unused value goes first."""

import threading
from collections import OrderedDict
from collections.abc import Callable


class ByteLru:
    """Values by key until they expire or the memory is needed. Thread-safe.

    ``clock`` gives seconds that never go back.
    """

    def __init__(self, max_bytes: int, clock: Callable[[], float]) -> None:
        self._max_bytes = max_bytes
        self._clock = clock
        self._lock = threading.Lock()
        self._rows: OrderedDict[str, tuple[bytes, float]] = OrderedDict()
        self._bytes = 0

    def get(self, key: str) -> bytes | None:
        """The value, now the most recently used one; ``None`` when absent or expired."""
        with self._lock:
            row = self._rows.get(key)
            if row is None:
                return None
            if row[1] <= self._clock():
                self._drop(key)
                return None
            self._rows.move_to_end(key)
            return row[0]

    def put(self, key: str, value: bytes, ttl_s: float) -> None:
        """Keep ``value`` for ``ttl_s`` seconds; one larger than the whole cache is not kept."""
        with self._lock:
            self._drop(key)
            if _size(key, value) > self._max_bytes:
                return
            self._rows[key] = (value, self._clock() + ttl_s)
            self._bytes += _size(key, value)
            while self._bytes > self._max_bytes:
                self._drop(next(iter(self._rows)))

    def _drop(self, key: str) -> None:
        row = self._rows.pop(key, None)
        if row is not None:
            self._bytes -= _size(key, row[0])


def _size(key: str, value: bytes) -> int:
    return len(key) + len(value)
