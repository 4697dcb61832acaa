"""What was made once and can be used again: query embeddings, answers, synthesised speech.

Values live in this process's memory and in Redis, which other workers share; without Redis
the memory alone serves. A key must hold everything that changes the value, so that no value
is ever wrong and none needs to be taken back.
"""

import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Literal

from bot.caching.flights import Flight, SharedStream
from bot.caching.lru import ByteLru
from bot.caching.redisstore import RedisStore
from bot.errors import AssistantError
from bot.metrics import Metrics

CacheKind = Literal["embedding", "answer", "meaning", "speech"]

MEMORY_BYTES = 64 * 1024 * 1024
_FROM_REDIS_TTL_S = 600.0
"""How long memory keeps a value that came from Redis, whose own time to live is not asked."""
_JOIN_TIMEOUT_S = 30.0


class Cache:
    """Thread-safe; never raises on its own account, whatever becomes of Redis.

    Keys may be any text (they are stored hashed). Look-ups are counted as
    ``bot_cache_total{cache=kind, result=hit|miss}``; sharing work in flight is a hit.
    """

    def __init__(
        self,
        redis_url: str | None,
        metrics: Metrics,
        memory_bytes: int = MEMORY_BYTES,
        clock: Callable[[], float] = time.monotonic,
        redis_retry_s: float = 10.0,
    ) -> None:
        """Without a ``redis_url`` the memory alone serves; one of 0 bytes then keeps nothing.

        Raises :class:`bot.errors.SettingError` for a malformed ``redis_url``.
        """
        self._metrics = metrics
        self._memory = ByteLru(memory_bytes, clock)
        self._redis = None if redis_url is None else RedisStore(redis_url, clock, redis_retry_s)
        self._lock = threading.Lock()
        self._flights: dict[str, Flight] = {}
        self._streams: dict[str, SharedStream] = {}

    def get(self, kind: CacheKind, key: str, counted_as: CacheKind | None = None) -> bytes | None:
        """The value, or ``None``; counted under another kind when it was found another way."""
        value = self._look(_name(kind, key))
        self._count(counted_as or kind, hit=value is not None)
        return value

    def put(self, kind: CacheKind, key: str, value: bytes, ttl_s: float) -> None:
        """Keep ``value`` for ``ttl_s`` seconds at the most."""
        self._keep(_name(kind, key), value, ttl_s)

    def get_or_make(
        self, kind: CacheKind, key: str, make: Callable[[], bytes], ttl_s: float
    ) -> bytes:
        """The value, made by ``make`` in this thread unless it is there or being made.

        Threads that ask for the same key meanwhile wait for the first; if it fails, one of
        them tries again and the rest share that result or its error.
        """
        name = _name(kind, key)
        value, error = self._look(name), None
        for _attempt in range(2):
            if value is not None:
                self._count(kind, hit=True)
                return value
            flight, mine = self._board(name)
            if mine:
                self._count(kind, hit=False)
                return flight.run(lambda: self._make(name, make, ttl_s))
            value, error = flight.join(_JOIN_TIMEOUT_S)
        if value is None and error is not None:
            raise error
        self._count(kind, hit=value is not None)
        return make() if value is None else value

    def stream_or_join(
        self,
        kind: CacheKind,
        key: str,
        produce: Callable[[], Iterator[bytes]],
        ttl_s: float,
        is_worth_keeping: Callable[[], bool] = lambda: True,
    ) -> Iterator[bytes]:
        """The value in chunks: at once if it is kept, else as ``produce`` makes it.

        Those who ask for the same key meanwhile get the same chunks from the first one on; a
        reader who closes the iterator takes nothing from them. ``produce`` must raise, not
        return, when it was cut short: what ends well is kept if it ``is_worth_keeping``, which is
        asked then. If the stream joined fails before this reader got a chunk, it starts over
        with its own ``produce``, once.
        """
        name = _name(kind, key)
        value = self._look(name)
        if value is not None:
            self._count(kind, hit=True)
            yield value
            return
        stream, mine = self._enter(name, produce, ttl_s, is_worth_keeping)
        self._count(kind, hit=not mine)
        heard = False
        try:
            with closing(stream.read()) as chunks:
                for chunk in chunks:
                    heard = True
                    yield chunk
            return
        except AssistantError:
            if mine or heard:
                raise
        yield from self._enter(name, produce, ttl_s, is_worth_keeping)[0].read()

    def close(self) -> None:
        """Give the connections back."""
        if self._redis is not None:
            self._redis.close()

    def _look(self, name: str) -> bytes | None:
        value = self._memory.get(name)
        if value is None and self._redis is not None:
            value = self._redis.get(name)
            if value is not None:
                self._memory.put(name, value, _FROM_REDIS_TTL_S)
        return value

    def _keep(self, name: str, value: bytes, ttl_s: float) -> None:
        if not value:
            return
        self._memory.put(name, value, ttl_s)
        if self._redis is not None:
            self._redis.put(name, value, ttl_s)

    def _board(self, name: str) -> tuple[Flight, bool]:
        """The flight for this key, and whether the caller is the one to make the value."""
        with self._lock:
            flight = self._flights.get(name)
            if flight is not None:
                return flight, False
            flight = self._flights[name] = Flight()
            return flight, True

    def _make(self, name: str, make: Callable[[], bytes], ttl_s: float) -> bytes:
        """Make and keep the value; the flight is off the board before anybody is woken."""
        try:
            value = self._memory.get(name)  # kept between our look-up and our boarding
            if value is None:
                value = make()
                self._keep(name, value, ttl_s)
            return value
        finally:
            with self._lock:
                del self._flights[name]

    def _enter(
        self,
        name: str,
        produce: Callable[[], Iterator[bytes]],
        ttl_s: float,
        is_worth_keeping: Callable[[], bool],
    ) -> tuple[SharedStream, bool]:
        """A stream that counts the caller as a reader, and whether it is a new one."""

        def produce_unless_kept() -> Iterator[bytes]:
            kept = self._memory.get(name)  # ended between our look-up and our entering
            return produce() if kept is None else iter((kept,))

        def finish(value: bytes) -> None:
            if is_worth_keeping():
                self._keep(name, value, ttl_s)

        def over(ended: SharedStream) -> None:
            with self._lock:
                if self._streams.get(name) is ended:
                    del self._streams[name]

        with self._lock:
            running = self._streams.get(name)
            if running is not None and running.enter():
                return running, False
            stream = SharedStream(produce_unless_kept, finish, over)
            stream.enter()
            self._streams[name] = stream
            return stream, True

    def _count(self, kind: CacheKind, *, hit: bool) -> None:
        self._metrics.cache.labels(kind, "hit" if hit else "miss").inc()


def _name(kind: CacheKind, key: str) -> str:
    return f"metrotech:{kind}:{hashlib.sha256(key.encode()).hexdigest()}"
