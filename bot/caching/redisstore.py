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
    a single command (a wrong type, memory full) counts as a miss and leaves the store in use.
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

    def get(self, key: str) -> bytes | None:
        """The value, or ``None`` when there is none or Redis cannot say."""
        if not self._usable():
            return None
        try:
            value = self._redis.get(key)
        except ResponseError as error:
            _log_refusal(error)
        except _FAILURES as error:
            self._fail(error)
        else:
            return _unsealed(value) if isinstance(value, bytes) else None
        return None

    def put(self, key: str, value: bytes, ttl_s: float) -> None:
        """Keep ``value`` for ``ttl_s`` seconds, if Redis can."""
        if not self._usable():
            return
        try:
            self._redis.set(key, _sealed(value), px=max(1, int(ttl_s * 1000)))
        except ResponseError as error:
            _log_refusal(error)
        except _FAILURES as error:
            self._fail(error)

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

    def _probe(self) -> None:
        try:
            self._redis.ping()
        except _FAILURES:
            return
        with self._lock:
            self._down = False
        log.info("redis state=up")


def _sealed(value: bytes) -> bytes:
    return zlib.crc32(value).to_bytes(_SEAL_BYTES, "big") + value


def _unsealed(stored: bytes) -> bytes | None:
    """The value, or ``None`` for bytes that somebody else wrote or that were torn."""
    value = stored[_SEAL_BYTES:]
    return value if stored == _sealed(value) else None


def _log_refusal(error: ResponseError) -> None:
    log.warning("redis refused=%s", str(error).split(" ", 1)[0])
