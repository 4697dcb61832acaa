"""What changes on the live page, found out once for all operators who look at it.

Nothing runs by itself: whoever shows the page looks, and whoever comes within half a second uses
what was found. Every change gets a number and is told as it is to be shown, so that any number
of pages costs one query and one rendering.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bot.calllog import CallLog, CallLogError
from webadmin.live.calls import LiveCall, read_in_progress, read_with_dialogue
from webadmin.live.condition import Conditions
from webadmin.live.situation import Situation, situation
from webadmin.logs.dialogue import ShownLine

LOOK_EVERY_S = 0.5
ENDED_SHOWN_S = 15.0
"""How long a call that is over stays, so that operators see how it ended."""
_MOST_CHANGES = 500
"""Whoever missed more gets the whole page anew."""


@dataclass(frozen=True)
class Appeared:
    """A call has come."""

    call: LiveCall


@dataclass(frozen=True)
class Grew:
    """More was said in a call."""

    call: LiveCall
    lines: tuple[ShownLine, ...]


@dataclass(frozen=True)
class Ended:
    """A call is over, and stays to be seen for a while."""

    call: LiveCall


@dataclass(frozen=True)
class Left:
    """A call is to be seen no more."""

    call: LiveCall


@dataclass(frozen=True)
class Turned:
    """What stands above the calls is different."""

    situation: Situation


Change = Appeared | Grew | Ended | Left | Turned


@dataclass(frozen=True)
class Whole:
    """Everything there is to see after change ``number``."""

    number: int
    situation: Situation
    calls: tuple[LiveCall, ...]


class Feed:
    """The live page of one process; for any number of threads.

    ``tell`` makes of a change what is sent to the pages; it is called by whoever looks.
    """

    def __init__(
        self,
        log: CallLog,
        conditions: Conditions,
        tell: Callable[[Change], str],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._log = log
        self._conditions = conditions
        self._tell = tell
        self._clock = clock
        self._looking = threading.Lock()
        self._due_at = float("-inf")
        self._looked_at = float("-inf")
        self._lock = threading.Lock()
        self._calls: dict[int, LiveCall] = {}
        self._ended_at: dict[int, float] = {}
        self._situation = Situation()
        self._number = 0
        self._told: deque[tuple[int, str]] = deque(maxlen=_MOST_CHANGES)

    def look(self) -> None:
        """Find out what has changed, unless somebody does just now or has just done so."""
        if self._clock() < self._due_at or not self._looking.acquire(blocking=False):
            return
        try:
            self._look()
        finally:
            self._looked_at = self._clock()
            self._due_at = self._looked_at + LOOK_EVERY_S
            self._looking.release()

    def whole(self) -> Whole:
        """Everything, for a page that begins."""
        with self._lock:
            return Whole(self._number, self._situation, tuple(self._calls.values()))

    def since(self, number: int) -> Sequence[tuple[int, str]] | None:
        """The changes after that one, with their numbers; ``None`` when they are not known."""
        with self._lock:
            if number == self._number:
                return ()
            told = [change for change in self._told if change[0] > number]
        return told if told and told[0][0] == number + 1 else None

    def _look(self) -> None:
        condition = self._conditions.now()
        try:
            present, dialogues = self._read()
        except CallLogError:
            troubled = situation(self._going_on(), condition, (), is_log_read=False)
            self._apply([], troubled)
            return
        left_open = [
            call for call in present if not call.is_typed and call.worker not in condition.workers
        ]
        ours = [call for call in present if call not in left_open]
        changes = [*self._ended(ours, dialogues), *self._grown(ours, dialogues)]
        self._apply(changes, situation(len(ours), condition, left_open, is_log_read=True))

    def _going_on(self) -> int:
        return len(self._calls) - len(self._ended_at)

    def _read(self) -> tuple[list[LiveCall], dict[int, LiveCall]]:
        """The calls in progress, and with their dialogues those that differ from what is shown."""
        with self._log.connection() as connection:
            present = read_in_progress(connection)
            gone = self._calls.keys() - {call.id for call in present} - self._ended_at.keys()
            return present, read_with_dialogue(
                connection, gone | {call.id for call in present if self._is_news(call)}
            )

    def _is_news(self, call: LiveCall) -> bool:
        known = self._calls.get(call.id)
        return known is None or known.updated_at != call.updated_at

    def _grown(self, ours: list[LiveCall], dialogues: dict[int, LiveCall]) -> list[Change]:
        changes: list[Change] = []
        for call in ours:
            if call.id in dialogues:
                changes += self._grown_by(dialogues[call.id])
        return changes

    def _grown_by(self, call: LiveCall) -> list[Change]:
        known = self._calls.get(call.id)
        if known is None:
            return [Appeared(call)]
        return [Grew(call, call.lines[len(known.lines) :])]

    def _ended(self, ours: list[LiveCall], dialogues: dict[int, LiveCall]) -> list[Change]:
        changes: list[Change] = []
        present = {call.id for call in ours}
        is_recent = self._clock() - self._looked_at < ENDED_SHOWN_S  # else nobody looked for long
        for number, known in self._calls.items():
            if number in present:
                continue
            now = dialogues.get(number)
            if number in self._ended_at:
                if self._clock() - self._ended_at[number] >= ENDED_SHOWN_S:
                    changes.append(Left(known))
            elif now is not None and now.is_over and is_recent:
                changes += [*self._grown_by(now), Ended(now)]
            else:  # deleted, over for long, or whoever had it runs no more
                changes.append(Left(known))
        return changes

    def _apply(self, changes: list[Change], found: Situation) -> None:
        with self._lock:
            for change in changes:
                self._note(change)
            if found != self._situation:
                self._situation = found
                self._add(Turned(found))

    def _note(self, change: Change) -> None:
        match change:
            case Left(call):
                del self._calls[call.id]
                self._ended_at.pop(call.id, None)
            case Ended(call):
                self._calls[call.id] = call
                self._ended_at[call.id] = self._clock()
            case Appeared(call):
                self._calls[call.id] = call
            case Grew(call, lines):
                self._calls[call.id] = replace(call, status="InProgress")
                if not lines:
                    return
            case Turned():
                pass
        self._add(change)

    def _add(self, change: Change) -> None:
        self._number += 1
        self._told.append((self._number, self._tell(change)))
