"""The application that the dialplan names: each caller is moved on to a worker's own.

A worker's calls are in an application of its own, so that another worker, or a new one after a
restart, may take the entrance over while they go on. Moving takes about a millisecond on
Asterisk 22.10 and 0.2 s on 16.28, which looks at its orders that often; a move to an application
that is not there is answered with 204 all the same, and leaves the caller where they are.
"""

import logging
import queue
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from bot.ari import AriClient, AriError
from bot.arievents import CONNECTED, AriEvent, EventStream
from bot.processes.orphans import give_back

log = logging.getLogger(__name__)

MOVED_WITHIN_S = 0.6
"""A caller who is still here after that long was not moved: the worker is not there."""
TRIES = 5
STAND_BY_S = 3.0
"""How often a worker without the entrance looks whether nobody has it."""
LOOK_EVERY_S = 0.1
CLOSED_WITHIN_S = 10.0


class Entrance:
    """Lets callers in from :meth:`open` to :meth:`close`.

    ``choose`` names the application a new caller is moved to, ``None`` for back to the dialplan;
    it is called in the entrance's own thread.
    """

    def __init__(self, ari: AriClient, app: str, choose: Callable[[], str | None]) -> None:
        self._ari = ari
        self._app = app
        self._choose = choose
        self._events: queue.SimpleQueue[AriEvent] = queue.SimpleQueue()
        self._moving: dict[str, tuple[int, float]] = {}
        """Tries so far and when to look again, by channel."""
        self._closing = threading.Event()
        self._stream: EventStream | None = None
        self._thread = threading.Thread(target=self._run, name="entrance", daemon=True)

    def open(self) -> None:
        """Connect, and stay connected; safe to repeat."""
        if self._thread.ident is None and not self._closing.is_set():
            self._thread.start()

    def close(self) -> None:
        """Let nobody in any more: the dialplan's ``Stasis()`` soon fails at once.

        Who is in the entrance goes back to the dialplan. Safe to repeat, and before it is open.
        """
        self._closing.set()

    def join(self) -> None:
        """Wait until it is closed, after :meth:`close`."""
        if self._thread.ident is not None:
            self._thread.join(timeout=CLOSED_WITHIN_S)

    def _run(self) -> None:
        try:
            self._connect()
            while not self._closing.is_set():
                with suppress(queue.Empty):
                    self._take(self._events.get(timeout=LOOK_EVERY_S))
                self._look_after_moves()
            if self._stream is not None:
                self._stream.stop()
                give_back(self._ari, self._inside())
        except Exception:  # the edge of the thread: the calls in progress must go on
            log.exception("entrance crashed app=%s", self._app)

    def _connect(self) -> None:
        self._stream = EventStream(self._ari.address, self._app, self._events)
        self._stream.start()

    def _take(self, event: AriEvent) -> None:
        match event.type:
            case "StasisStart" if event.channel_id not in self._moving:
                self._move(event.channel_id)
            case "StasisEnd" | "ChannelDestroyed":
                self._moving.pop(event.channel_id, None)
            case "ApplicationReplaced":
                self._stand_by()
            case _ if event.type == CONNECTED:
                for channel_id in self._inside() - self._moving.keys():
                    self._move(channel_id)
            case _:
                pass

    def _move(self, channel_id: str, tries: int = 0) -> None:
        app = self._choose() if tries < TRIES else None
        self._moving[channel_id] = tries + 1, time.monotonic() + MOVED_WITHIN_S
        try:
            if app is not None:
                self._ari.move(channel_id, app)
                return
        except AriError as error:
            if error.code == 404:  # hung up meanwhile
                del self._moving[channel_id]
            else:
                log.warning("caller not moved app=%s error=%s", app, error)
            return
        del self._moving[channel_id]
        log.warning("call returned to the dialplan reason=no-worker")
        give_back(self._ari, [channel_id])

    def _look_after_moves(self) -> None:
        now = time.monotonic()
        late = [key for key, (_, due_at) in self._moving.items() if now >= due_at]
        if not late:
            return
        inside = self._inside()
        for channel_id in late:
            tries, _ = self._moving.pop(channel_id)
            if channel_id in inside:
                self._move(channel_id, tries)

    def _inside(self) -> set[str]:
        try:
            return self._ari.application_channel_ids(self._app)
        except AriError as error:
            if error.code != 404:
                log.warning("entrance not seen app=%s error=%s", self._app, error)
            return set()

    def _stand_by(self) -> None:
        """Another worker has the entrance: leave it to that one as long as it is there."""
        log.warning("entrance %s was taken over by another worker: standing by", self._app)
        if self._stream is not None:
            self._stream.stop()
            self._stream = None
        self._moving.clear()
        while not self._closing.wait(STAND_BY_S):
            if self._is_free():
                self._connect()
                return

    def _is_free(self) -> bool:
        """Whether the application is gone; it is so as soon as its owner's socket is."""
        try:
            self._ari.application_channel_ids(self._app)
        except AriError as error:
            return error.code == 404
        return False
