"""Whether those who carry the calls are at work: the workers and Asterisk."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bot.ari import AriClient, AriError
from bot.releases.takeup import worker_states

_EVERY_S = 3.0
_REST_S = 10.0
"""An Asterisk that does not answer makes who asks wait: it is not asked so often."""


@dataclass(frozen=True)
class Condition:
    """``workers`` are the names of those that run; ``asterisk_fault`` is empty when it answers."""

    workers: frozenset[str]
    asterisk_fault: str


class Conditions:
    """Looks now and then; :meth:`now` is for one thread at a time.

    ``directory`` is where workers tell that they live (:mod:`bot.releases.takeup`).
    """

    def __init__(
        self, directory: Path, ari: AriClient, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._directory = directory
        self._ari = ari
        self._clock = clock
        self._due_at = float("-inf")
        self._fault = ""

    def now(self) -> Condition:
        """How things stand; what was found out about Asterisk is some seconds old at the most."""
        if self._clock() >= self._due_at:
            self._fault = self._asterisk_fault()
            self._due_at = self._clock() + (_REST_S if self._fault else _EVERY_S)
        return Condition(self._running(), self._fault)

    def is_running(self, worker: str) -> bool:
        """Whether a worker of this name runs; for any thread."""
        return worker in self._running()

    def _running(self) -> frozenset[str]:
        states = worker_states(self._directory)
        return frozenset(state.taken_up.worker for state in states if state.is_running)

    def _asterisk_fault(self) -> str:
        try:
            self._ari.info()
        except AriError as error:
            if error.code in (401, 403):
                return "не принимает ARI_USER и ARI_PASSWORD панели"
            return "не отвечает панели: проверьте, что он запущен, и ARI_URL"
        return ""
