"""One call from greeting to goodbye: owns its thread, its state and everything it opened."""

import logging
import queue
import time
import uuid
from collections.abc import Callable

from bot.ari import AriError
from bot.arievents import HANG_UP, AriEvent
from bot.calllog import FinalStatus
from bot.conversation import Conversation, InboxItem
from bot.dialogue import Dialogue
from bot.errors import AssistantError
from bot.handover import HandOver
from bot.listening import Listener
from bot.media import AudioLeg, MediaEvent, MediaLostError
from bot.records import Line
from bot.services import CallServices
from bot.turns import VoiceStarted, VoiceStopped
from bot.vad import VoiceChange, VoiceDetector

log = logging.getLogger(__name__)

SETUP_TIMEOUT_S = 5.0
LEG_PREFIX = "mv-leg-"


def bridge_prefix(app: str) -> str:
    """How the ids of an application's bridges begin; ``~`` is in no application's name."""
    return f"mv-bridge-{app}~"


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
        self._inbox: queue.SimpleQueue[InboxItem] = queue.SimpleQueue()
        self._token = uuid.uuid4().hex[:12]
        self.leg_channel_id = LEG_PREFIX + self._token
        self.bridge_id = bridge_prefix(services.app) + self._token
        self._leg: AudioLeg | None = None
        self._began_at = time.monotonic()
        self._log_id = 0
        self._caller_is_ours = True
        self._hand_over = HandOver(services.ari, channel_id, services.transfer)
        self._is_handed_over = False
        self.is_leaving = False
        """Whether the caller goes to a person; they may come back at any moment, as a new call."""

    def post(self, item: InboxItem) -> None:
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
            if self._caller_left():  # then nothing else could be expected
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
        self._leg = services.open_leg(self.leg_channel_id, listener.hear, self.post)
        services.ari.answer(self._channel_id)
        self._leg.open()
        services.ari.create_bridge(self.bridge_id)
        services.ari.add_to_bridge(self.bridge_id, self._channel_id)
        self._wait_for_leg()
        services.ari.add_to_bridge(self.bridge_id, self.leg_channel_id)
        dialogue = Dialogue(self._log_id, services.metrics, self._record)
        return Conversation(services, self._leg, listener, dialogue, self.post, self._hand_over)

    def _age_s(self) -> float:
        return time.monotonic() - self._began_at

    def _wait_for_leg(self) -> None:
        """Our leg can be bridged only once Asterisk has put it into our application."""
        give_up_at = time.monotonic() + SETUP_TIMEOUT_S
        while (left_s := give_up_at - time.monotonic()) > 0:
            try:
                item = self._inbox.get(timeout=left_s)
            except queue.Empty:
                break
            self._end_if_over(item)
            if (
                isinstance(item, AriEvent)
                and item.type == "StasisStart"
                and item.channel_id == self.leg_channel_id
            ):
                return
        raise MediaLostError("the media leg did not enter the application")

    def _converse(self, conversation: Conversation) -> None:
        while not conversation.over:
            try:
                item = self._inbox.get(timeout=conversation.wait_s())
            except queue.Empty:
                conversation.tick()
                continue
            self._end_if_over(item)
            conversation.handle(item)
        if conversation.hands_over:
            self._give_to_person()
        raise CallOverError(by_caller=False)

    def _give_to_person(self) -> None:
        """The caller goes on in the dialplan; a bridge of ours lets them go by itself."""
        self.is_leaving = True  # before the request: they can be back before its answer is
        if not self._hand_over.carry_out():
            raise CallOverError(by_caller=True)
        self._caller_is_ours, self._is_handed_over = False, True

    def _end_if_over(self, item: InboxItem) -> None:
        match item:
            case AriEvent(type="WorkerStops"):
                raise CallOverError(by_caller=False)
            case AriEvent(command=command) if command == HANG_UP:
                log.info("call hung up by operator call_id=%s", self._log_id)
                raise CallOverError(by_caller=False)
            case AriEvent(type="StasisEnd" | "ChannelDestroyed" | "CallerGone"):
                if item.channel_id != self.leg_channel_id:
                    self._caller_is_ours = item.type != "StasisEnd"
                    raise CallOverError(by_caller=True)
                raise MediaLostError("the media leg left the application")
            case MediaEvent(type="closed"):
                raise MediaLostError("the media socket was closed")
            case _:
                pass

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
        self._services.calllog.append(self._log_id, line)

    def _tear_down(self, conversation: Conversation | None, by_caller: bool | None) -> None:
        """Close everything the call opened, whatever state it was in."""
        steps: tuple[Callable[[], None], ...] = (
            self._hang_up,
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
        log.info(
            "call ended call_id=%s status=%s seconds=%.1f", self._log_id, status, self._age_s()
        )
        self._services.calllog.end_call(self._log_id, status)

    def _hang_up(self) -> None:
        """Hang the caller up, unless somebody else has taken them over."""
        if self._caller_is_ours:
            self._services.ari.hang_up(self._channel_id)

    def _close_leg(self) -> None:
        if self._leg is not None:
            self._leg.close()
            self._services.ari.hang_up(self.leg_channel_id)
