"""What is said without being asked: to a caller who is silent, and as a long call ends. Pure."""

import math

from bot.turnevents import Reminder
from bot.turntiming import TurnTiming

_IDLE = (Reminder.FIRST, Reminder.SECOND, Reminder.GOODBYE)


class Reminding:
    """The reminders of one call. Times are seconds of any steady clock."""

    def __init__(self, now: float, timing: TurnTiming) -> None:
        self._timing = timing
        self._began_at = now
        self._idle_since = now
        self._said = 0
        self._warned = False

    def caller_took_part(self) -> None:
        """The caller said something: the next reminder is the first one."""
        self._said = 0

    def silent_from(self, now: float) -> None:
        """Nobody has spoken from now on; a reminder does not start the wait anew."""
        if not self._said:
            self._idle_since = now

    def when_quiet(self, now: float) -> Reminder | None:
        """What to say now that nobody speaks, if anything."""
        if not self._warned and now >= self._closing_at:
            self._warned = True
            return Reminder.CLOSING_SOON
        limit_s = self._timing.idle_s[self._said]
        if now - self._idle_since < limit_s:
            return None
        self._idle_since = now - limit_s  # one that comes late keeps its distance to the next
        self._said += 1
        return _IDLE[self._said - 1]

    def due_at(self) -> float:
        """When to look at :meth:`when_quiet` again."""
        due = [] if self._warned else [self._closing_at]
        due += [self._idle_since + limit_s for limit_s in self._timing.idle_s[self._said :][:1]]
        return min(due, default=math.inf)

    @property
    def _closing_at(self) -> float:
        return self.ends_at() - self._timing.closing_soon_s

    def ends_at(self) -> float:
        """When the longest call is over."""
        return self._began_at + self._timing.longest_call_s
