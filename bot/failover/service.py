"""A service as its callers see it: how fast it usually is, and whether it is asked at all."""

import time
from collections.abc import Callable, Generator
from contextlib import closing
from typing import TypeVar

from bot.deadline import Deadline
from bot.errors import ProviderError
from bot.failover.breaker import Breaker, ErrorCount
from bot.failover.usualtime import UsualTime

Item = TypeVar("Item")


class Service:
    """What is known of one service. Thread-safe; one for the process.

    ``name`` is what records call it; ``provider`` its name in the metrics, where that is another:
    two models are one provider. ``first_s`` and ``bounds_s``: see :class:`UsualTime`;
    ``patience``: :class:`Breaker`.
    """

    def __init__(
        self,
        name: str,
        on_error: ErrorCount,
        first_s: float,
        bounds_s: tuple[float, float],
        clock: Callable[[], float] = time.monotonic,
        provider: str = "",
        patience: int = 1,
    ) -> None:
        self.name = name
        self.provider = provider or name
        self._breaker = Breaker(self.provider, on_error, clock, patience)
        self._usual = UsualTime(first_s, bounds_s)
        self._clock = clock

    @property
    def resting(self) -> bool:
        """Whether a request would be refused now."""
        return self._breaker.resting

    @property
    def late_after_s(self) -> float:
        """Seconds after which another is asked as well."""
        return self._usual.late_after_s

    def ask(
        self, answer: Callable[[], Generator[Item]], deadline: Deadline
    ) -> Generator[Item, None, None]:
        """The pieces of an answer; raises the last error's kind at once while resting."""
        self._breaker.enter()
        began, said = self._clock(), False
        try:
            with closing(answer()) as pieces:
                for piece in pieces:
                    if not said:
                        said = True
                        self._breaker.succeeded()
                        self._usual.took(self._clock() - began)
                    yield piece
        except ProviderError as error:
            if not deadline.cancelled:
                self._breaker.failed(error)
            raise

    def failed(self, error: ProviderError) -> None:
        """It failed at something else than a request."""
        self._breaker.failed(error)

    def overtaken(self, after_s: float) -> None:
        """It has given nothing for so long that another answered instead."""
        self._usual.took(after_s)
        error = ProviderError(self.provider, "timeout", f"nothing for {after_s:.1f} s")
        self._breaker.failed(error)
