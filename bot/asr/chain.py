"""Recognisers in order of preference, each standing by for those before it."""

import math
from collections.abc import Callable, Generator, Sequence
from contextlib import closing

from bot.asr import Recogniser, Transcript
from bot.deadline import Deadline
from bot.errors import ProviderError, SettingError
from bot.failover.breaker import ErrorCount
from bot.failover.race import Contender, Race, Replaced
from bot.failover.service import Service

FallbackCount = Callable[[str], None]

STAGE = "asr"
LATE_S = 1.5
LATE_BOUNDS_S = (1.2, 1.8)
"""When another recogniser is asked as well: until enough was recognised, and at any time."""

ALONE_S = 4.0
"""A cloud recogniser for which nobody stands by is given up then, whatever its socket does: the
caller is asked to say it again."""

PATIENCE = 3
"""Passing failures in a row after which a recogniser is left alone for a while."""


class RecogniserChain:
    """The transcript of the first recogniser that gives one. Thread-safe.

    The next is asked when the one before has failed or is late (``late_s`` and ``late_bounds_s``:
    :class:`bot.failover.usualtime.UsualTime`); after ``within_s`` seconds all are given up. Each
    utterance that a stand-by recognised is counted by ``on_fallback("asr")``.
    """

    name = "chain"

    def __init__(
        self,
        recognisers: Sequence[Recogniser],
        on_error: ErrorCount,
        on_fallback: FallbackCount,
        late_s: float = LATE_S,
        late_bounds_s: tuple[float, float] = LATE_BOUNDS_S,
        within_s: float = math.inf,
    ) -> None:
        self._recognisers = [
            (one, Service(one.name, on_error, late_s, late_bounds_s, patience=PATIENCE))
            for one in recognisers
        ]
        self._on_fallback = on_fallback
        self._within_s = within_s

    def transcribe(self, pcm: bytes, hint: str, deadline: Deadline) -> Transcript:
        """See :class:`bot.asr.Recogniser`; raises the last error when all have failed."""
        lost: list[Replaced] = []
        contenders = [
            Contender(service, _asks(one, service, pcm, hint)) for one, service in self._recognisers
        ]
        race = Race(contenders, deadline, lost.append, begin_within_s=self._within_s)
        with closing(race.run()) as transcripts:
            transcript = next(transcripts)
        if lost:
            self._on_fallback(STAGE)
        return transcript


def _asks(
    recogniser: Recogniser, service: Service, pcm: bytes, hint: str
) -> Callable[[Deadline], Generator[Transcript]]:
    def start(deadline: Deadline) -> Generator[Transcript]:
        def transcripts() -> Generator[Transcript]:
            try:
                yield recogniser.transcribe(pcm, hint, deadline)
            except SettingError as error:  # a stand-by's model is loaded when it is first needed
                raise ProviderError(recogniser.name, "permanent", str(error)) from error

        return service.ask(transcripts, deadline)

    return start
