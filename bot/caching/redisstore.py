"""Redis as a store that may be absent: it never raises and never keeps a caller waiting."""

import logging
import threading
import zlib
from collections.abc import Callable

from redis import ConnectionPool, Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError
from redis.retry import Retry

from bot.errors import SettingError

log = logging.getLogger(__name__)

CONNECT_TIMEOUT_S = 0.05
READ_TIMEOUT_S = 0.1
_SEAL_BYTES = 4

_FAILURES = (RedisError, OSError, ValueError)
"""``ValueError``: bytes that are no Redis protocol at all."""


class RedisStore:
    """Values with a time to live.

    The first failure is said once in the log; from then on nothing is asked until a probe in
    the background, at most one every ``retry_s`` seconds, finds the server again. A refusal of
    a single command (a wrong type) counts as a miss and leaves the store in use; one that
    refuses to store anything (its memory is full) is only read for ``retry_s`` seconds.
    """

    def __init__(self, url: str, clock: Callable[[], float], retry_s: float = 10.0) -> None:
        try:
            pool = ConnectionPool.from_url(
                url,
                socket_connect_timeout=CONNECT_TIMEOUT_S,
                socket_timeout=READ_TIMEOUT_S,
                retry=Retry(NoBackoff(), 0),
                protocol=2,
                driver_info=None,
            )
        except ValueError as error:
            raise SettingError(f"REDIS_URL: {error}") from None
        self._redis = Redis(connection_pool=pool)
        self._clock = clock
        self._retry_s = retry_s
        self._lock = threading.Lock()
        self._down = False
        self._next_probe = 0.0
        self._next_put = 0.0
        self._told: set[str] = set()
        """Refusals that were said in the log since all went well."""

    def get(self, key: str) -> bytes | None:
        """The value, or ``None`` when there is none or Redis cannot say."""
        if not self._usable():
            return None
        try:
            value = self._redis.get(key)
        except ResponseError as error:
            self._tell(error)
        except _FAILURES as error:
            self._fail(error)
        else:
            return _unsealed(key, value) if isinstance(value, bytes) else None
        return None

    def put(self, key: str, value: bytes, ttl_s: float) -> None:
        """Keep ``value`` for ``ttl_s`` seconds, if Redis can."""
        if self._clock() < self._next_put or not self._usable():
            return
        try:
            self._redis.set(key, _sealed(key, value), px=max(1, int(ttl_s * 1000)))
        except ResponseError as error:
            self._next_put = self._clock() + self._retry_s
            self._tell(error)
        except _FAILURES as error:
            self._fail(error)
        else:
            self._stored()

    def close(self) -> None:
        """Give the connections back."""
        self._redis.connection_pool.disconnect()

    def _usable(self) -> bool:
        with self._lock:
            if not self._down:
                return True
            if self._clock() < self._next_probe:
                return False
            self._next_probe = self._clock() + self._retry_s
        threading.Thread(target=self._probe, name="redis-probe", daemon=True).start()
        return False

    def _fail(self, error: Exception) -> None:
        with self._lock:
            newly_down, self._down = not self._down, True
            self._next_probe = self._clock() + self._retry_s
        if newly_down:
            self._redis.connection_pool.disconnect(inuse_connections=False)
            log.warning("redis state=down error=%s using=memory", type(error).__name__)

    def _tell(self, refusal: ResponseError) -> None:
        """Say each sort of refusal once, by its type or by Redis's own code, the first word."""
        sort = type(refusal)
        code = sort.__name__ if sort is not ResponseError else str(refusal).split(" ", 1)[0]
        with self._lock:
            is_new = code not in self._told
            self._told.add(code)
        if is_new:
            log.warning("redis refused=%s using=memory", code)

    def _stored(self) -> None:
        with self._lock:
            told, self._told = self._told, set()
        if told:
            log.info("redis refused=nothing")

    def _probe(self) -> None:
        try:
            self._redis.ping()
        except _FAILURES:
            return
        with self._lock:
            self._down = False
        log.info("redis state=up")


def _sealed(key: str, value: bytes) -> bytes:
    """The value with a sum over its key too: an answer to another question is told from ours."""
    return zlib.crc32(value, zlib.crc32(key.encode())).to_bytes(_SEAL_BYTES, "big") + value


def _unsealed(key: str, stored: bytes) -> bytes | None:
    """The value, or ``None`` for bytes that somebody else wrote or that were torn."""
    value = stored[_SEAL_BYTES:]
    return value if stored == _sealed(key, value) else None
