"""A service that is left alone for a while after it failed, so that no caller waits for it."""

import logging
import threading
import time
from collections.abc import Callable

from bot.errors import ErrorKind, ProviderError

log = logging.getLogger(__name__)

ADJUST_S = 600.0
"""Rest of a service that somebody has to configure: a token may be renewed meanwhile."""
REST_S, LONGEST_REST_S = 2.0, 30.0
"""Rest after a passing failure: doubled with each one in a row, up to the longest."""

ErrorCount = Callable[[str, ErrorKind], None]


class Breaker:
    """Whether a service is asked now: a circuit breaker with half-open probes. Thread-safe.

    ``authentication`` rests for ten minutes, and so does ``permanent`` until the first success,
    since a wrong model or voice refuses everything; after a success it means that only this
    request was refused. Anything else rests for seconds; a ``transient`` error or a ``timeout``
    only when it is the ``patience``-th failure in a row. A service that says itself when it can be
    asked again (``Retry-After``) rests until then, ten minutes at the most. When a rest is over
    one request tries; the others go on resting until it succeeds. Each failure is counted by
    ``on_error(provider, kind)``; the log has one line when a rest begins and one when the service
    is back.
    """

    def __init__(
        self,
        provider: str,
        on_error: ErrorCount,
        clock: Callable[[], float] = time.monotonic,
        patience: int = 1,
    ) -> None:
        self._provider = provider
        self._on_error = on_error
        self._clock = clock
        self._patience = patience
        self._lock = threading.Lock()
        self._error: ProviderError | None = None
        self._failures = 0
        self._until = 0.0
        self._proven = False

    @property
    def resting(self) -> bool:
        """Whether a request would be refused now."""
        with self._lock:
            return self._error is not None and self._clock() < self._until

    def enter(self) -> None:
        """Begin a request; raises the last error's kind at once while the service rests."""
        with self._lock:
            if self._error is None:
                return
            now = self._clock()
            if now < self._until:
                raise ProviderError(self._provider, self._error.kind, "rests after a failure")
            self._until = now + REST_S  # this request tries, the others wait for its outcome

    def succeeded(self) -> None:
        """The service has answered."""
        if self._proven and self._error is None and not self._failures:
            return
        with self._lock:
            recovered, self._error = self._error is not None, None
            self._proven = True
            self._failures = 0
        if recovered:
            log.info("event=service_back provider=%s", self._provider)

    def failed(self, error: ProviderError) -> None:
        """The service has failed; work that was called off is no failure."""
        self._on_error(error.provider, error.kind)
        with self._lock:
            if error.kind == "permanent" and self._proven:
                return
            self._failures += 1
            if self._may_pass(error):
                return
            first = self._error is None or self._error.kind != error.kind
            self._error = error
            rest_s = self._rest_s(error)
            self._until = self._clock() + rest_s
        if first:
            log.warning(
                "event=service_failed provider=%s kind=%s rest_s=%.0f error=%r",
                self._provider, error.kind, rest_s, str(error),
            )  # fmt: skip

    def _may_pass(self, error: ProviderError) -> bool:
        """Whether it is asked again at once: once in a while is no failure of the service."""
        passing = error.kind in ("transient", "timeout") and error.retry_after_s is None
        return passing and self._failures < self._patience

    @property
    def _doublings(self) -> int:
        return min(max(0, self._failures - self._patience), 10)

    def _rest_s(self, error: ProviderError) -> float:
        if error.kind in ("authentication", "permanent"):
            return ADJUST_S
        if error.retry_after_s is not None:
            return min(ADJUST_S, error.retry_after_s)
        return min(LONGEST_REST_S, REST_S * 2.0**self._doublings)
