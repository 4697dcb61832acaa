"""The time of one turn: when its answer should begin, and what each stage may take of that."""

import time
from collections.abc import Callable, Mapping
from typing import Final, Literal

Stage = Literal["rewriting", "embedding", "writing"]

BEGIN_WITHIN_S: Final = 2.5
"""An answer, or an honest apology, is to begin so soon whatever service is dead
(conversation.md, 14)."""
_AT_MOST: Final[Mapping[Stage, float]] = {"rewriting": 0.35, "embedding": 0.3, "writing": 0.8}
"""Shares of the whole that one stage may take by itself …"""
_UNTIL: Final[Mapping[Stage, float]] = {"rewriting": 0.35, "embedding": 0.6, "writing": 0.8}
"""… and at which it is over. What is left belongs to the voice."""
_LEAST: Final = 0.1
"""A stage that comes late because of others still has this share."""


class TurnBudget:
    """Begins when the agent is asked. A stage that has used up its share is done without:
    a question is searched for as it is, by its letters alone, and answered by quoting."""

    def __init__(self, begin_within_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._whole_s = begin_within_s
        self._clock = clock
        self._began = clock()

    def left_s(self, stage: Stage) -> float:
        """Seconds that ``stage`` may take if it begins now."""
        passed_s = self._clock() - self._began
        left_s = min(_AT_MOST[stage] * self._whole_s, _UNTIL[stage] * self._whole_s - passed_s)
        return max(_LEAST * self._whole_s, left_s)
