"""One call from greeting to goodbye: owns its thread, its state and everything it opened."""

import logging
import queue
import time
from collections.abc import Callable
from contextlib import suppress

from bot.ari import AriError
from bot.arievents import HANG_UP, AriEvent
from bot.callids import new_ids
from bot.calllog import FinalStatus
from bot.conversation import Conversation, InboxItem
from bot.dialogue import Dialogue
from bot.errors import AssistantError
from bot.handover import HandOver
from bot.listening import Listener
from bot.media import LegFactory, MediaLostError
from bot.media.lasting_leg import LastingLeg, LegLost
from bot.recording import CallRecording
from bot.recording.leg import recorded
from bot.recording.notice import RecordingNotice
from bot.records import Line
from bot.services import CallServices
from bot.turnevents import VoiceStarted, VoiceStopped
from bot.vad import VoiceChange, VoiceDetector

log = logging.getLogger(__name__)

SETUP_TIMEOUT_S = 5.0
LEG_LOOK_S = 0.25
"""Between two looks whether our leg has arrived, in case the event that says so was lost."""
LEAVING_S = 0.5
LEAVING_LOOK_S = 0.05
DEPARTURES = ("StasisEnd", "ChannelDestroyed", "CallerGone")
LOST_AGAIN_S = 30.0
"""A leg lost sooner than that after another is not replaced: the line is no good."""


class CallOverError(Exception):
    """The call has ended; ``by_caller`` tells who ended it."""

    def __init__(self, by_caller: bool) -> None:
        super().__init__("call over")
        self.by_caller = by_caller


class Call:
    """One caller. :meth:`run` is the body of the call's thread; the rest may be called by others.

    ``admitted`` is false for a caller above the limit: they are told so and hung up.
    """

    def __init__(
        self, services: CallServices, channel_id: str, caller_id: str, *, admitted: bool
    ) -> None:
        self._services = services
        self._channel_id = channel_id
        self._caller_id = caller_id
        self._admitted = admitted
        self._inbox: queue.SimpleQueue[InboxItem | LegLost] = queue.SimpleQueue()
        self.leg_channel_id, self.bridge_id = new_ids(services.app)
        self._leg: LastingLeg | None = None
        self._recording: CallRecording | None = None
        self._notice = RecordingNotice(services.speech, services.pool)
        self._leg_lost_at = -LOST_AGAIN_S
        self._began_at = time.monotonic()
        self._log_id = 0
        self._caller_is_ours = True
        self._hand_over = HandOver(services.ari, channel_id, services.transfer)
        self._is_handed_over = False
        self.is_leaving = False
        """Whether the caller goes to a person; they may come back at any moment, as a new call."""

    def post(self, item: InboxItem | LegLost) -> None:
        """Tell the call something; from any thread."""
        self._inbox.put(item)

    def run(self) -> None:
        """The whole call. Never raises: this is the edge of the call's thread."""
        conversation: Conversation | None = None
        by_caller: bool | None = None  # who ended it; nobody when it failed
        try:
            self._log_id = self._services.calllog.start_call(
                self._caller_id, self._channel_id, self._services.worker_name
            )
            conversation = self._set_up()
            conversation.greet(self._admitted)
            log.info("call answered call_id=%s setup_ms=%.0f", self._log_id, self._age_s() * 1000)
            self._converse(conversation)
        except CallOverError as over:
            by_caller = over.by_caller
        except (AriError, MediaLostError) as error:
            if self._caller_leaves():  # then nothing else could be expected
                by_caller = True
            else:
                log.error("call failed call_id=%s error=%s", self._log_id, error)
        except Exception:  # the edge of the call's thread: one call must not take others along
            log.exception("call crashed call_id=%s", self._log_id)
        finally:
            self._tear_down(conversation, by_caller)

    def _set_up(self) -> Conversation:
        """Answer, and put the caller and our leg into one bridge."""
        services = self._services
        detector = VoiceDetector(services.voice_model)
        listener = Listener(
            detector, self._on_voice, services.metrics.frame_lateness_seconds.observe
        )
        leg_factory = self._leg_factory()
        self._leg = LastingLeg(leg_factory, self.leg_channel_id, listener.hear, self.post)
        services.ari.answer(self._channel_id)
        self._leg.open()
        services.ari.create_bridge(self.bridge_id)
        services.ari.add_to_bridge(self.bridge_id, self._channel_id)
        self._bridge_leg(self._leg)
        dialogue = Dialogue(self._log_id, services.metrics, self._record)
        return Conversation(
            services, self._leg, listener, dialogue, self.post, self._hand_over, self._notice
        )

    def _leg_factory(self) -> LegFactory:
        """How to open a leg; where calls are recorded, the caller has to be told."""
        services = self._services
        if services.recorder is None or not self._admitted:
            return services.open_leg
        self._recording = services.recorder.begin(self._log_id, self._channel_id)
        self._notice.owe(services.prompts.current().recording_notice)
        return recorded(services.open_leg, self._recording)

    def _age_s(self) -> float:
        return time.monotonic() - self._began_at

    def _bridge_leg(self, leg: LastingLeg) -> list[InboxItem]:
        """Bridge our leg as soon as it is in our application; what came in meanwhile."""
        put_off: list[InboxItem] = []
        give_up_at = time.monotonic() + SETUP_TIMEOUT_S
        while time.monotonic() < give_up_at:
            try:
                item = self._inbox.get(timeout=LEG_LOOK_S)
            except queue.Empty:
                pass
            else:
                current = self._current(item)
                if current is not None and not _tells_arrival(current, leg):
                    put_off.append(current)
                    continue
            if self._was_bridged(leg):
                return put_off
        raise MediaLostError("the media leg did not enter the application")

    def _was_bridged(self, leg: LastingLeg) -> bool:
        try:
            self._services.ari.add_to_bridge(self.bridge_id, leg.channel_id)
        except AriError as error:
            if error.code not in (400, 422):  # not there yet, or not in our application
                raise
            return False
        return True

    def _converse(self, conversation: Conversation) -> None:
        while not conversation.over:
            try:
                item = self._current(self._inbox.get(timeout=conversation.wait_s()))
            except queue.Empty:
                conversation.tick()
            except MediaLostError as lost:
                for item in self._renew_leg(lost):
                    conversation.handle(item)
                conversation.leg_renewed()
            else:
                if item is not None:
                    conversation.handle(item)
        if conversation.hands_over:
            self._give_to_person()
        raise CallOverError(by_caller=False)

    def _renew_leg(self, lost: MediaLostError) -> list[InboxItem]:
        """Put another leg in the place of the one that is lost; what came in meanwhile."""
        began_at, leg = time.monotonic(), self._leg
        if leg is None or began_at - self._leg_lost_at < LOST_AGAIN_S or self._caller_left():
            raise lost
        self._leg_lost_at = began_at
        log.warning("media leg lost call_id=%s error=%s", self._log_id, lost)
        self._services.ari.hang_up(leg.channel_id)  # what it still has queued would sound too
        leg.open()
        put_off = self._bridge_leg(leg)
        renewed_ms = (time.monotonic() - began_at) * 1000
        log.info("media leg renewed call_id=%s ms=%.0f", self._log_id, renewed_ms)
        return put_off

    def _give_to_person(self) -> None:
        """The caller goes on in the dialplan; a bridge of ours lets them go by itself."""
        self.is_leaving = True  # before the request: they can be back before its answer is
        if not self._hand_over.carry_out():
            raise CallOverError(by_caller=True)
        self._caller_is_ours, self._is_handed_over = False, True

    def _current(self, item: InboxItem | LegLost) -> InboxItem | None:
        """The item, unless it tells of a leg that was replaced; raises when the call is over."""
        match item:
            case LegLost(channel_id):
                self._leg_gone(channel_id, "the media socket was closed")
                return None
            case AriEvent(type="WorkerStops"):
                raise CallOverError(by_caller=False)
            case AriEvent(command=command) if command == HANG_UP:
                log.info("call hung up by operator call_id=%s", self._log_id)
                raise CallOverError(by_caller=False)
            case AriEvent(type=type_) if type_ in DEPARTURES:
                if self._tells_departure(item):
                    self._caller_is_ours = item.type != "StasisEnd"
                    raise CallOverError(by_caller=True)
                self._leg_gone(item.channel_id, "the media leg left the application")
                return None
            case _:
                return item

    def _leg_gone(self, channel_id: str, how: str) -> None:
        if self._leg is not None and channel_id == self._leg.channel_id:
            raise MediaLostError(how)

    def _caller_leaves(self) -> bool:
        """Whether the caller is gone or just going: what fails by that may be told first."""
        give_up_at = time.monotonic() + LEAVING_S
        while not (left := self._caller_left()) and time.monotonic() < give_up_at:
            with suppress(queue.Empty):
                item = self._inbox.get(timeout=LEAVING_LOOK_S)
                left = isinstance(item, AriEvent) and self._tells_departure(item)
            if left:
                return True
        return left

    def _tells_departure(self, event: AriEvent) -> bool:
        return event.type in DEPARTURES and event.channel_id == self._channel_id

    def _caller_left(self) -> bool:
        """Whether the caller is gone; one who hangs up takes the leg along."""
        try:
            return self._channel_id not in self._services.ari.channel_ids()
        except AriError:
            return False

    def _on_voice(self, change: VoiceChange, at: float) -> None:
        self.post(VoiceStarted() if change is VoiceChange.STARTED else VoiceStopped(at))

    def _record(self, line: Line) -> None:
        """Put one line of the dialogue on record."""
        self._hand_over.note(line)
        self._notice.note(line)
        self._services.calllog.append(self._log_id, line)

    def _tear_down(self, conversation: Conversation | None, by_caller: bool | None) -> None:
        """Close everything the call opened, whatever state it was in."""
        steps: tuple[Callable[[], None], ...] = (
            lambda: self._let_go(failed=by_caller is None),
            lambda: conversation.close() if conversation is not None else None,
            self._close_leg,
            lambda: self._services.ari.destroy_bridge(self.bridge_id),
            lambda: self._end_log(conversation, by_caller),
        )
        for step in steps:
            try:
                step()
            except AssistantError as error:
                log.warning("call clean-up call_id=%s error=%s", self._log_id, error)
            except Exception:  # still the thread's edge: the other steps must run
                log.exception("call clean-up crashed call_id=%s", self._log_id)

    def _end_log(self, conversation: Conversation | None, by_caller: bool | None) -> None:
        """File the call, now that its last line is on record."""
        status: FinalStatus = "Failed"
        if self._is_handed_over:
            status = "Transferred"
        elif by_caller is not None:
            status = conversation.outcome(by_caller) if conversation else "Abandoned"
        self._services.metrics.calls.labels(status=status).inc()
        seconds = self._age_s()
        log.info("call ended call_id=%s status=%s seconds=%.1f", self._log_id, status, seconds)
        self._services.calllog.end_call(self._log_id, status)

    def _let_go(self, *, failed: bool) -> None:
        """Hang the caller up, unless somebody else has them; after a failure the dialplan has."""
        if not self._caller_is_ours:
            return
        if failed:
            self.is_leaving = True
            self._services.ari.continue_in_dialplan(self._channel_id)
        else:
            self._services.ari.hang_up(self._channel_id)

    def _close_leg(self) -> None:
        if self._recording is not None:
            self._recording.close()
        if self._leg is not None:
            self._leg.close()
            self._services.ari.hang_up(self._leg.channel_id)


def _tells_arrival(item: InboxItem, leg: LastingLeg) -> bool:
    """Whether this is Asterisk's word that the leg is in our application."""
    if not isinstance(item, AriEvent) or item.type != "StasisStart":
        return False
    return item.channel_id == leg.channel_id
