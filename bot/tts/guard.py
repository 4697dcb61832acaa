"""A voice that is left alone for a while after it failed, so that no caller waits for it."""

import logging
import threading
import time
from collections.abc import Callable, Generator
from contextlib import closing
from typing import Protocol

from bot.deadline import Deadline
from bot.errors import ErrorKind, ProviderError
from bot.tts import Synthesiser
from bot.tts.pace import NORMAL

log = logging.getLogger(__name__)

ADJUST_S = 600.0
"""Rest of a voice that somebody has to configure: a token may be renewed meanwhile."""
REST_S, LONGEST_REST_S = 2.0, 30.0
"""Rest after a passing failure: doubled with each one in a row, up to the longest."""

ErrorCount = Callable[[str, ErrorKind], None]


class Voice(Synthesiser, Protocol):
    """A synthesiser that holds a connection or a process."""

    def synthesise(self, text: str, deadline: Deadline, pace: float = NORMAL) -> Generator[bytes]:
        """See :class:`bot.tts.Synthesiser`; closing the generator stops the work."""
        ...

    def warm_up(self) -> None:
        """Make ready what the first sentence would wait for."""
        ...

    def close(self) -> None:
        """Give the connection or process back."""
        ...


class Guard:
    """``voice``, or its last error at once while it rests. Thread-safe.

    ``authentication`` rests for ten minutes, and so does ``permanent`` until the first
    success, since a wrong voice name refuses every sentence; after a success it means that
    only this sentence was refused. Anything else rests for seconds. When a rest is over one
    sentence tries; the others go on resting until it succeeds. Each failure is counted by
    ``on_error(provider, kind)``; the log has one line when a rest begins and one when the
    voice is back. Work that was called off is no failure.
    """

    def __init__(
        self, voice: Voice, on_error: ErrorCount, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.name = voice.name
        self._voice = voice
        self._on_error = on_error
        self._clock = clock
        self._lock = threading.Lock()
        self._error: ProviderError | None = None
        self._failures = 0
        self._until = 0.0
        self._proven = False

    @property
    def voice_key(self) -> str:
        """See :class:`bot.tts.Synthesiser`."""
        return self._voice.voice_key

    @property
    def resting(self) -> bool:
        """Whether a sentence would be refused now."""
        with self._lock:
            return self._error is not None and self._clock() < self._until

    def warm_up(self) -> None:
        """Make the voice ready; a failure counts as one of a sentence and is not raised."""
        try:
            self._voice.warm_up()
        except ProviderError as error:
            self._failed(error)

    def close(self) -> None:
        """Close the voice."""
        self._voice.close()

    def synthesise(self, text: str, deadline: Deadline, pace: float = NORMAL) -> Generator[bytes]:
        """See :class:`bot.tts.Synthesiser`; raises the last error at once while resting."""
        self._enter()
        try:
            with closing(self._voice.synthesise(text, deadline, pace)) as chunks:
                for chunk in chunks:
                    self._succeeded()
                    yield chunk
        except ProviderError as error:
            if not deadline.cancelled:
                self._failed(error)
            raise

    def _enter(self) -> None:
        with self._lock:
            if self._error is None:
                return
            now = self._clock()
            if now < self._until:
                raise ProviderError(self.name, self._error.kind, "rests after a failure")
            self._until = now + REST_S  # this sentence tries, the others wait for its outcome

    def _succeeded(self) -> None:
        if self._proven and self._error is None:
            return
        with self._lock:
            recovered, self._error = self._error is not None, None
            self._proven = True
            self._failures = 0
        if recovered:
            log.info("tts_back provider=%s", self.name)

    def _failed(self, error: ProviderError) -> None:
        self._on_error(error.provider, error.kind)
        with self._lock:
            if error.kind == "permanent" and self._proven:
                return
            first = self._error is None or self._error.kind != error.kind
            self._error = error
            self._failures += 1
            rest_s = self._rest_s(error)
            self._until = self._clock() + rest_s
        if first:
            log.warning(
                "tts_failed provider=%s kind=%s rest_s=%.0f error=%r",
                self.name, error.kind, rest_s, str(error),
            )  # fmt: skip

    def _rest_s(self, error: ProviderError) -> float:
        if error.kind in ("authentication", "permanent"):
            return ADJUST_S
        return min(LONGEST_REST_S, REST_S * 2.0 ** min(self._failures - 1, 10))
