"""The live page's stream of events (https://html.spec.whatwg.org/#server-sent-events).

A page that comes when all places are taken gets what it has missed and is let go: its browser
comes again in three seconds by itself, so the page goes on, a little slower, and holds no thread.
"""

import time
from collections.abc import Callable, Iterator
from threading import Event

from webadmin.live.feed import LOOK_EVERY_S, Feed, Whole

MOST_STREAMS = 16
"""Each holds one of gunicorn's 32 threads; typed dialogues hold eight, pages need the others."""
COME_AGAIN_MS = 3000
_HEARTBEAT_S = 10.0
"""A network that is gone is noticed by writing to it; a proxy ends what says nothing for long."""
_LONGEST_S = 600.0
"""Then the next one gets the place, and the session is looked at again."""


def message(name: str, text: str, event_id: str) -> str:
    """One event; its ``text`` may have any lines."""
    data = "".join(f"data: {line}\n" for line in text.splitlines())
    return f"id: {event_id}\nevent: {name}\n{data}\n"


class Stream:
    """What one page is sent. ``epoch`` tells the numbers of this process from another's."""

    def __init__(
        self,
        feed: Feed,
        epoch: str,
        whole: Callable[[Whole], str],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._feed = feed
        self._epoch = epoch
        self._whole = whole
        self._clock = clock
        self._number = -1

    def messages(
        self, last_event_id: str, *, stays: bool, stopping: Event, is_gone: Callable[[], bool]
    ) -> Iterator[str]:
        """Everything after the event of that id, or the whole page; then what comes, if it stays.

        Ends within half a second after ``stopping`` is set or the browser ``is_gone``.
        """
        yield f"retry: {COME_AGAIN_MS}\n\n"
        self._number = self._number_of(last_event_id)
        self._feed.look()
        yield from self._news()
        began = spoke_at = self._clock()
        while stays and not stopping.wait(LOOK_EVERY_S) and self._clock() - began < _LONGEST_S:
            if is_gone():
                return
            self._feed.look()
            for text in self._news():
                spoke_at = self._clock()
                yield text
            if self._clock() - spoke_at >= _HEARTBEAT_S:
                spoke_at = self._clock()
                yield ": alive\n\n"

    def _news(self) -> Iterator[str]:
        changes = self._feed.since(self._number) if self._number >= 0 else None
        if changes is None:
            whole = self._feed.whole()
            self._number = whole.number
            yield message("whole", self._whole(whole), self._id(whole.number))
            return
        for number, text in changes:
            self._number = number
            yield message("change", text, self._id(number))

    def _id(self, number: int) -> str:
        return f"{self._epoch}-{number}"

    def _number_of(self, event_id: str) -> int:
        epoch, _, number = event_id.rpartition("-")
        return int(number) if epoch == self._epoch and number.isdecimal() else -1
