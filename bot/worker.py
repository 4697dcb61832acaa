"""The worker: callers in its application, one thread per call; admission, drain, orderly stop."""

import logging
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.ari import AriError
from bot.arievents import CONNECTED, AriEvent, EventStream
from bot.call import Call
from bot.callids import LEG_PREFIX
from bot.errors import AssistantError
from bot.media.lasting_leg import first_leg
from bot.processes.claims import Claims
from bot.processes.draining import Drain
from bot.processes.entrance import Entrance
from bot.processes.orphans import destroy_bridges, give_back
from bot.services import CallServices

log = logging.getLogger(__name__)

REFUSED_AT_ONCE = 20
"""Callers above the limit who can be told so at the same time; more go back to the dialplan."""
ORPHAN_GRACE_S = 1.0
"""A channel found after connecting may still have its StasisStart in the queue."""
STOP_TIMEOUT_S = 10.0


@dataclass
class _Running:
    """A call and its thread."""

    call: Call
    thread: threading.Thread
    admitted: bool


@dataclass
class _Orphans:
    """What was in our application at a connection and belongs to no call of ours."""

    channel_ids: set[str] = field(default_factory=set)
    due_at: float = float("inf")


class Worker:
    """Serves one ARI application. :meth:`run` blocks until stopped, or drained, or replaced.

    ``entrance`` is open as long as callers are taken; one of several processes has none.
    ``tell_calls`` is told the number of calls in progress once connected, and at each change.
    """

    def __init__(
        self,
        services: CallServices,
        max_calls: int,
        drain_timeout_s: float,
        entrance: Entrance | None,
        tell_calls: Callable[[int], None],
    ) -> None:
        self._services = services
        self._app = services.app
        self._max_calls = max_calls
        self._entrance = entrance
        self._tell_calls = tell_calls
        self._events: queue.SimpleQueue[AriEvent] = queue.SimpleQueue()
        self._stream = EventStream(services.ari.address, self._app, self._events)
        self._claims = Claims(services.ari, self._app, self._load)
        self._calls: dict[str, _Running] = {}
        self._calls_by_leg: dict[str, _Running] = {}
        self._orphans = _Orphans()
        self._reconcile_at = float("inf")
        self._stopping = threading.Event()
        self._drain = Drain(drain_timeout_s)
        self.replaced = False
        """Another process took the application over: this one must not fight for it."""

    def run(self) -> None:
        """Take calls until told to stop; then end those in progress."""
        self._stream.start()
        self._claims.start()
        try:
            while not self._stopping.is_set():
                try:
                    event = self._events.get(timeout=0.25)
                except queue.Empty:
                    pass
                else:
                    self._dispatch(event)
                self._look_around()
        finally:
            self._let_nobody_in()
            self._stream.stop()
            self._end_calls()
            if self._entrance is not None:
                self._entrance.join()

    def drain(self) -> None:
        """Take no more callers, and return from :meth:`run` when those here have gone.

        After the timeout the assistant takes its leave of them. From any thread or a signal
        handler; safe to repeat.
        """
        self._drain.request()

    @property
    def is_draining(self) -> bool:
        """Whether new callers are turned away because this worker is to end."""
        return self._drain.is_requested

    def stop(self) -> None:
        """Ask :meth:`run` to return now; from any thread or a signal handler."""
        self._stopping.set()

    def _load(self) -> tuple[int, int]:
        return len(self._calls), self._max_calls

    def _dispatch(self, event: AriEvent) -> None:
        """Route one event; types we have no use for fall through."""
        match event.type:
            case "StasisStart":
                self._stasis_start(event)
            case "CallBroadcast" if not self.is_draining:
                self._claims.offer(event.channel_id)
            case "StasisEnd" | "ChannelDestroyed" | "ChannelDtmfReceived" | "ChannelUserevent":
                self._pass_on(event)
            case "ApplicationReplaced":
                self._application_replaced()
            case _ if event.type == CONNECTED:
                self._connected()
            case _:
                pass

    def _connected(self) -> None:
        """Events come, so callers may: their channels have somewhere to be moved to."""
        self._reconcile()
        self._tell_calls(len(self._calls))
        if self._entrance is not None:
            self._entrance.open()

    def _let_nobody_in(self) -> None:
        self._claims.stop()
        if self._entrance is not None:
            self._entrance.close()

    def _stasis_start(self, event: AriEvent) -> None:
        """Somebody entered: our own media leg, or a caller."""
        channel_id = event.channel_id
        if channel_id.startswith(LEG_PREFIX):
            self._pass_on(event)
        elif channel_id and self._is_new(channel_id):
            self._orphans.channel_ids.discard(channel_id)
            self._take(channel_id, _caller_number(event))

    def _is_new(self, channel_id: str) -> bool:
        """Whether no call has this channel; one that a person did not take comes in again."""
        known = self._calls.get(channel_id)
        return known is None or known.call.is_leaving

    def _take(self, channel_id: str, caller_id: str) -> None:
        admitted = sum(one.admitted for one in self._calls.values()) < self._max_calls
        refused = sum(not one.admitted for one in self._calls.values())
        if self.is_draining or (not admitted and refused >= REFUSED_AT_ONCE):
            reason = "drain" if self.is_draining else "limit"
            log.warning("call returned to the dialplan reason=%s", reason)
            give_back(self._services.ari, [channel_id])
            return
        call = Call(self._services, channel_id, caller_id, admitted=admitted)
        thread = threading.Thread(target=call.run, name=f"call-{channel_id}", daemon=True)
        running = _Running(call, thread, admitted)
        self._calls[channel_id] = running
        self._calls_by_leg[call.leg_channel_id] = running
        self._count()
        thread.start()

    def _count(self) -> None:
        self._services.metrics.calls_active.set(len(self._calls))
        self._tell_calls(len(self._calls))

    def _pass_on(self, event: AriEvent) -> None:
        channel_id = event.channel_id
        running = self._calls.get(channel_id) or self._calls_by_leg.get(first_leg(channel_id))
        if running is not None:
            running.call.post(event)

    def _application_replaced(self) -> None:
        log.critical(
            "ARI application %s was taken over by another process: stop that one or set "
            "another WORKER_NAME or ARI_APP; this worker stops",
            self._app,
        )
        self.replaced = True
        self.stop()

    def _look_around(self) -> None:
        """Forget calls that have ended, and deal with what has come due."""
        ended = [key for key, one in self._calls.items() if not one.thread.is_alive()]
        for key in ended:
            self._calls_by_leg.pop(self._calls.pop(key).call.leg_channel_id, None)
        if ended:
            self._count()
        if time.monotonic() >= self._orphans.due_at and self._events.empty():
            self._evict_orphans()
        if time.monotonic() >= self._reconcile_at:
            self._reconcile()
        self._look_after_drain()
        if not self._stopping.is_set() and not self._stream.is_alive():
            raise AssistantError("the reader of Asterisk's events ended: this worker stops")

    def _look_after_drain(self) -> None:
        match self._drain.step(len(self._calls), time.monotonic()):
            case "began":
                self._let_nobody_in()
            case "goodbye":
                self._post_to_all("WorkerLeaves")
            case "over":
                self.stop()
            case None:
                pass

    def _reconcile(self) -> None:
        """After each (re)connection: events were missed, so look at what exists now."""
        ari = self._services.ari
        self._reconcile_at = float("inf")
        try:
            everywhere = ari.channel_ids()
            ours = ari.application_channel_ids(self._app)
            known = frozenset(one.call.bridge_id for one in self._calls.values())
            destroy_bridges(ari, self._app, known)
        except AriError as error:
            log.error("reconcile failed, again in a second error=%s", error)
            self._reconcile_at = time.monotonic() + 1.0
            return
        for channel_id, running in self._calls.items():
            if channel_id not in everywhere:
                running.call.post(AriEvent("CallerGone", {"channel": {"id": channel_id}}))
        unknown = {
            one for one in ours - self._calls.keys() if first_leg(one) not in self._calls_by_leg
        }
        self._orphans = _Orphans(unknown, time.monotonic() + ORPHAN_GRACE_S)

    def _evict_orphans(self) -> None:
        """Callers of a worker that died go back to the dialplan, its media legs are hung up."""
        orphans, self._orphans = self._orphans, _Orphans()
        give_back(self._services.ari, orphans.channel_ids)
        if orphans.channel_ids:
            log.warning("orphan channels evicted count=%d", len(orphans.channel_ids))

    def _post_to_all(self, type_: str) -> None:
        for channel_id, running in self._calls.items():
            running.call.post(AriEvent(type_, {"channel": {"id": channel_id}}))

    def _end_calls(self) -> None:
        """End every call in progress and wait for their threads."""
        self._post_to_all("WorkerStops")
        give_up_at = time.monotonic() + STOP_TIMEOUT_S
        for running in self._calls.values():
            running.thread.join(timeout=max(0.0, give_up_at - time.monotonic()))


def _caller_number(event: AriEvent) -> str:
    """The caller's number as Asterisk has it, or ``unknown``."""
    channel = event.body.get("channel")
    caller = channel.get("caller") if isinstance(channel, dict) else None
    number = caller.get("number") if isinstance(caller, dict) else None
    return str(number or "unknown")
