"""The first answer out of several services, the next asked when one has failed or is late."""

import queue
import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Final, Generic, Protocol, TypeVar

from bot.deadline import Deadline
from bot.errors import ProviderError
from bot.failover.service import Service

Item = TypeVar("Item")
Piece = TypeVar("Piece", contravariant=True)

_LOOK_S: Final = 0.1
"""How often a race looks whether it was called off."""


@dataclass(frozen=True)
class Contender(Generic[Item]):
    """A service that can give the answer.

    ``start`` yields its pieces and raises :class:`ProviderError`; closing it stops the work. It
    asks by :meth:`Service.ask` unless it knows the answer already.
    """

    service: Service
    start: Callable[[Deadline], Generator[Item]]


@dataclass(frozen=True)
class Replaced:
    """A service that another one stood in for: which, and why (an error's kind, or ``late``)."""

    name: str
    why: str

    def __str__(self) -> str:
        return f"{self.name}: {self.why}"


class Patience(Protocol[Piece]):
    """How long the winner's pieces after its first are waited for."""

    def left_s(self) -> float:
        """Seconds that the next piece may still take."""
        ...

    def came(self, piece: Piece, waited_s: float) -> None:
        """A piece, the first one too, has come after so many seconds of waiting."""
        ...


class _Runner(Generic[Item]):
    """One contender at work in a thread of its own."""

    def __init__(
        self,
        contender: Contender[Item],
        deadline: Deadline,
        late_after_s: float,
        out: "queue.SimpleQueue[_Event[Item]]",
    ) -> None:
        self.contender = contender
        self.began_at = time.monotonic()
        self.late_at = self.began_at + late_after_s
        self._deadline = Deadline(deadline.remaining_s())
        self._out = out
        threading.Thread(
            target=self._run, name=f"ask-{contender.service.name}", daemon=True
        ).start()

    def stop(self) -> None:
        """Nobody listens any more."""
        self._deadline.cancel()

    def _run(self) -> None:
        try:
            with closing(self.contender.start(self._deadline)) as pieces:
                for piece in pieces:
                    if self._deadline.cancelled:
                        return
                    self._out.put((self, piece, None))
            self._out.put((self, None, None))
        except Exception as error:  # the edge of this thread: the race must hear of it
            self._out.put((self, None, error))


_Event = tuple[_Runner[Item], Item | None, Exception | None]


class Race(Generic[Item]):
    """The pieces of the first contender that gives one; the others are called off.

    Contenders begin in their order, each when the one before has failed or is late. A contender
    that fails after its first piece, or keeps its listener waiting for longer than ``patience``
    allows, ends the race with an error: its beginning was heard, and another could only start
    over. ``replaced`` is told whom the winner, or the last to fail, stood in for. Nobody is waited
    for longer than ``begin_within_s`` seconds, and while another is left, not for more than half
    of them; who is asked beside one that is late has half of its usual time, and so on.
    """

    def __init__(
        self,
        contenders: Sequence[Contender[Item]],
        deadline: Deadline,
        replaced: Callable[[Replaced], None],
        patience: Patience[Item] | None = None,
        begin_within_s: float = float("inf"),
    ) -> None:
        self._waiting = list(contenders)
        self._deadline = deadline
        self._patience = patience
        self._is_limited = patience is not None or begin_within_s < deadline.remaining_s()
        self._begin_by = time.monotonic() + deadline.remaining_s(begin_within_s)
        self._replaced = replaced
        self._events: queue.SimpleQueue[_Event[Item]] = queue.SimpleQueue()
        self._running: list[_Runner[Item]] = []
        self._lost: list[Replaced] = []
        self._error: Exception | None = None

    def run(self) -> Generator[Item]:
        """Yield the winner's pieces; raises the last error when all have failed."""
        if len(self._waiting) == 1 and not self._is_limited:  # no thread of its own is needed
            yield from self._waiting[0].start(self._deadline)
            return
        try:
            winner, piece = self._first()
            if winner is None:
                return
            self._settle(winner)
            self._came(piece, time.monotonic() - winner.began_at)
            while piece is not None:
                yield piece
                piece = self._next_of(winner)
        finally:
            for runner in self._running:
                runner.stop()

    def _first(self) -> tuple[_Runner[Item] | None, Item | None]:
        """Whoever gives something first; nobody when one was done with nothing to give."""
        if self._deadline.expired:
            provider = self._waiting[0].service.provider
            raise ProviderError(provider, "timeout", "no time was left to ask")
        self._begin_next()
        while self._running:
            event = self._event(min(self._running[-1].late_at, time.monotonic() + _LOOK_S))
            if event is None:
                self._watch()
                continue
            runner, piece, error = event
            if error is None:
                return (runner, piece) if piece is not None else (None, None)
            self._drop(runner, error)
        for lost in self._lost[:-1]:
            self._replaced(lost)
        raise self._error or ProviderError("assistant", "timeout", "no time was left to ask")

    @property
    def _is_over(self) -> bool:
        return self._deadline.expired or time.monotonic() >= self._begin_by

    def _event(self, until: float) -> "_Event[Item] | None":
        try:
            return self._events.get(timeout=max(0.001, until - time.monotonic()))
        except queue.Empty:
            return None

    def _watch(self) -> None:
        """Time has passed: call everything off, or ask the next as well."""
        if self._is_over:
            late = self._running[-1].contender.service.provider
            for runner in self._running:
                self._give_up(runner)
            raise ProviderError(late, "timeout", "no answer in time")
        if time.monotonic() >= self._running[-1].late_at and self._waiting:
            self._begin_next()

    def _begin_next(self) -> None:
        if self._waiting:
            contender, left_s = self._waiting.pop(0), max(0.0, self._begin_by - time.monotonic())
            usual_s = contender.service.late_after_s / (1 + len(self._running))
            late_after_s = min(usual_s, left_s / 2 if self._waiting else left_s)
            self._running.append(_Runner(contender, self._deadline, late_after_s, self._events))

    def _drop(self, runner: _Runner[Item], error: Exception) -> None:
        self._running.remove(runner)
        if not isinstance(error, ProviderError):
            raise error
        self._error = error
        self._lost.append(Replaced(runner.contender.service.name, error.kind))
        if not self._is_over and not self._running:
            self._begin_next()

    def _give_up(self, runner: _Runner[Item]) -> None:
        """It has kept the listener waiting for too long, unless nobody listens any more."""
        runner.stop()
        if not self._deadline.cancelled:
            runner.contender.service.overtaken(time.monotonic() - runner.began_at)

    def _settle(self, winner: _Runner[Item]) -> None:
        """Call the others off, and tell whom the winner stood in for."""
        for runner in self._running:
            if runner is not winner:
                runner.stop()
            if runner.began_at < winner.began_at:
                service = runner.contender.service
                service.overtaken(time.monotonic() - runner.began_at)
                self._lost.append(Replaced(service.name, "late"))
        self._running = [winner]
        for lost in self._lost:
            self._replaced(lost)

    def _next_of(self, winner: _Runner[Item]) -> Item | None:
        """The winner's next piece; None at its end."""
        began = time.monotonic()
        due = began + self._patience.left_s() if self._patience is not None else float("inf")
        while not self._deadline.expired:
            event = self._event(min(due, time.monotonic() + _LOOK_S))
            if event is None and time.monotonic() >= due:
                break
            if event is None or event[0] is not winner:
                continue
            _, piece, error = event
            if error is not None:
                raise error
            self._came(piece, time.monotonic() - began)
            return piece
        self._give_up(winner)
        raise ProviderError(winner.contender.service.provider, "timeout", "no more came in time")

    def _came(self, piece: Item | None, waited_s: float) -> None:
        if self._patience is not None and piece is not None:
            self._patience.came(piece, waited_s)
