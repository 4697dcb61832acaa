"""A voice as a service: left alone while it fails, and known for how long it usually takes."""

import time
from collections.abc import Callable, Generator
from typing import Final, Protocol

from bot.deadline import Deadline
from bot.errors import ProviderError
from bot.failover.breaker import ErrorCount
from bot.failover.service import Service
from bot.tts import Synthesiser
from bot.tts.pace import NORMAL

LATE_S: Final = 1.0
LATE_BOUNDS_S: Final = (0.6, 1.5)
"""When another voice is asked as well: until enough sentences were spoken, and at any time."""


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


class GuardedVoice(Voice, Protocol):
    """A voice of which is known how it does."""

    @property
    def service(self) -> Service:
        """The voice as a service that others stand by for."""
        ...


class Guard:
    """``voice``, or its last error at once while it rests. Thread-safe.

    ``late_s`` and ``late_bounds_s``: when it is late (:class:`bot.failover.usualtime.UsualTime`).
    """

    def __init__(
        self,
        voice: Voice,
        on_error: ErrorCount,
        clock: Callable[[], float] = time.monotonic,
        late_s: float = LATE_S,
        late_bounds_s: tuple[float, float] = LATE_BOUNDS_S,
    ) -> None:
        self.name = voice.name
        self.service = Service(voice.name, on_error, late_s, late_bounds_s, clock)
        self._voice = voice

    @property
    def voice_key(self) -> str:
        """See :class:`bot.tts.Synthesiser`."""
        return self._voice.voice_key

    def warm_up(self) -> None:
        """Make the voice ready; a failure counts as one of a sentence and is not raised."""
        try:
            self._voice.warm_up()
        except ProviderError as error:
            self.service.failed(error)

    def close(self) -> None:
        """Close the voice."""
        self._voice.close()

    def synthesise(self, text: str, deadline: Deadline, pace: float = NORMAL) -> Generator[bytes]:
        """See :class:`bot.tts.Synthesiser`; raises the last error at once while resting."""
        return self.service.ask(lambda: self._voice.synthesise(text, deadline, pace), deadline)
