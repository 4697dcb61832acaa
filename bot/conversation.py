"""One dialogue: events of the call into the turn machine, its actions out to ear and mouth.

Belongs to the call's thread, like everything it holds.
"""

import logging
import time
from collections.abc import Callable

from bot import jobs, turnevents
from bot.arievents import TRANSFER, AriEvent
from bot.calllog import FinalStatus
from bot.deadline import Deadline
from bot.dialogue import Dialogue, failure_of
from bot.handover import HandOver, asks_for_person
from bot.keypad import Keypad
from bot.listening import Listener
from bot.media import AudioLeg, MediaEvent
from bot.prompts import Prompts
from bot.recording.notice import RecordingNotice, greeting_of
from bot.records import LineKind, UserLine, now
from bot.replying import Replier
from bot.services import CallServices
from bot.turns import TurnMachine

log = logging.getLogger(__name__)

ASR_DEADLINE_S = 12.0
NOTICE_WAIT_S = 2.5
"""Who waits for a person does not wait longer for a voice that fails to come."""
DTMF = "dtmf"
"""What has recognised a key, in the call log."""

InboxItem = (
    AriEvent | MediaEvent | jobs.JobEvent | turnevents.VoiceStarted | turnevents.VoiceStopped
)


class Conversation:
    """The dialogue of one call.

    ``post`` puts an event into the call's inbox (jobs use it). :attr:`over` becomes true when
    the assistant has ended the call.
    """

    def __init__(
        self,
        services: CallServices,
        leg: AudioLeg,
        listener: Listener,
        dialogue: Dialogue,
        post: Callable[[InboxItem], None],
        hand_over: HandOver,
        notice: RecordingNotice,
    ) -> None:
        self._services = services
        self._listener = listener
        self._post = post
        self._dialogue = dialogue
        self._machine = TurnMachine(time.monotonic(), services.timing)
        self._replier = Replier(
            services, leg, listener.far_end, dialogue, post, self._speech_began, self._speech_over,
            notice,
        )  # fmt: skip
        self._notice = notice
        self._recognition: jobs.Recognition | None = None
        self._asr_deadline: Deadline | None = None
        self._voice_ended_at = time.monotonic()
        self._guesses = False
        """Recognition began, and it is not known whether the turn is over."""
        self._admitted = True
        self._greeted = False
        self._hand_over = hand_over
        self._keypad = Keypad()
        self._leave_at = float("inf")
        self.hands_over = False
        """Whether the call ends with the caller's way to a person."""
        self.over = False

    def greet(self, admitted: bool) -> None:
        """Say the first words; a caller who is not admitted hears why, and no more."""
        prompts = self._services.prompts.current()
        self._admitted = admitted
        if not admitted:
            self._tell(turnevents.LastWords())
        greeting = greeting_of(prompts, recorded=self._notice.is_owed)
        self._replier.say(greeting if admitted else prompts.all_busy, "greeting")

    def wait_s(self) -> float:
        """Seconds that the call's thread may sleep at most."""
        return self._machine.wait_s(time.monotonic())

    def tick(self) -> None:
        """Look at the time: silence, waits, and audio to be sent."""
        self._listener.check_silence()
        self._tell(turnevents.Tick())
        self._replier.keep_going()
        self.over = self.over or time.monotonic() >= self._leave_at

    def handle(self, item: InboxItem) -> None:
        """Take one item of the call's inbox."""
        match item:
            case turnevents.VoiceStarted():
                self._tell(item)
            case turnevents.VoiceStopped(ended_at):
                self._voice_ended_at = ended_at
                self._tell(item)
            case jobs.Recognition():
                self._recognised(item)
            case jobs.SentenceReady() | jobs.AudioReady() | jobs.UtteranceMade():
                self._replier.made(item)
            case MediaEvent():
                self._replier.media(item)
            case AriEvent(type="ChannelDtmfReceived", digit=digit):
                self._key_pressed(digit)
            case AriEvent(command=command) if command == TRANSFER:
                self._go_to_person()
            case AriEvent(type="WorkerLeaves"):
                self._take_leave()
            case _:
                pass
        self.tick()

    def leg_renewed(self) -> None:
        """The audio leg was lost, and there is another one."""
        self._replier.leg_renewed()

    def close(self) -> None:
        """The call is over: call off what is being made, and record what was said last."""
        if self._asr_deadline is not None:
            self._asr_deadline.cancel()
        self._replier.stop()

    def outcome(self, by_caller: bool) -> FinalStatus:
        """How the call is to be filed."""
        if not self._admitted:
            return "Failed"
        if self._dialogue.replies:
            return "Completed"
        if self._dialogue.questions:  # asked, and never answered
            return "Abandoned" if by_caller else "Failed"
        return "Abandoned" if by_caller and not self._greeted else "NoInput"

    def _tell(self, event: turnevents.TurnEvent) -> None:
        """Let the machine decide, and carry it out."""
        for action in self._machine.handle(event, time.monotonic()):
            match action:
                case turnevents.Pause() | turnevents.Resume() | turnevents.Flush():
                    self._interrupted(action)
                case turnevents.Prompt(reminder):
                    self._remind(reminder)
                case turnevents.HangUp():
                    self.over = True
                case _:
                    self._listen_on(action)

    def _listen_on(self, action: turnevents.TurnAction) -> None:
        """The actions about what the caller says."""
        match action:
            case turnevents.StartAsr(revision):
                self._start_asr(revision)
            case turnevents.Prepare() if self._recognition is not None:
                self._replier.prepare(self._recognition, self._voice_ended_at)
            case turnevents.Abandon():
                self._replier.abandon()
            case turnevents.Commit(_, _, endpoint_s):
                self._committed(endpoint_s)
            case turnevents.Fill():
                self._replier.fill()
            case turnevents.Discard():
                self._settle_recognition("wasted")
                self._listener.forget()
            case _:
                pass

    def _committed(self, endpoint_s: float) -> None:
        self._settle_recognition("used")
        said = self._recognition
        prompts = self._services.prompts.current()
        if said is not None and asks_for_person(said.text, prompts) and self._go_to_person(said):
            return
        self._replier.commit(endpoint_s)

    def _key_pressed(self, digit: str) -> None:
        """A key stands for the words by which the same is asked for."""
        control = self._keypad.control_of(digit, time.monotonic())
        if control is None or not self._admitted or self.hands_over:
            return
        talk = self._services.prompts.current().small_talk.get(control)
        words = talk.phrases[0] if talk and talk.phrases else ""
        meant = jobs.Recognition(0, digit, words, DTMF)
        if control == "operator" and self._go_to_person(meant):
            return
        if words and not self._machine.is_ending:
            self._tell(turnevents.KeyPressed())
            self._replier.prepare(meant, None)
            self._replier.commit(None)

    def _go_to_person(self, asked: jobs.Recognition | None = None) -> bool:
        """Tell the caller, and leave the call to a person; false when there is nobody.

        ``asked`` is how the caller asked for it, if they did.
        """
        if self.hands_over or not self._admitted or not self._hand_over.is_possible():
            return self.hands_over
        self.hands_over = True
        self._leave_at = time.monotonic() + NOTICE_WAIT_S
        self._tell(turnevents.LastWords())
        self._replier.stop()
        if asked is not None:
            self._dialogue.record(
                UserLine(asked.text or DTMF, asked.raw or "", now(), asked.provider)
            )
        self._replier.say(self._services.prompts.current().transfer_notice, "transfer")
        return True

    def _take_leave(self) -> None:
        """The worker is to end: say so and hang up, unless the call is ending anyway."""
        if self.hands_over or self._machine.is_ending:
            return
        self._tell(turnevents.LastWords())
        self._remind(turnevents.Reminder.TOO_LONG)

    def _interrupted(self, action: turnevents.Pause | turnevents.Resume | turnevents.Flush) -> None:
        """The actions about the caller speaking over us."""
        match action:
            case turnevents.Pause():
                self._replier.pause()
            case turnevents.Resume():
                self._services.metrics.barge_in.labels(outcome="resumed").inc()
                self._replier.resume()
            case turnevents.Flush():
                self._services.metrics.barge_in.labels(outcome="interrupted").inc()
                self._replier.stop()

    def _start_asr(self, revision: int) -> None:
        if self._asr_deadline is not None:
            self._asr_deadline.cancel()
        self._settle_recognition("wasted")
        self._guesses = True
        self._asr_deadline = Deadline(ASR_DEADLINE_S)
        self._services.pool.submit(
            jobs.recognise,
            self._services.recogniser,
            revision,
            self._listener.utterance(),
            self._services.prompts.current().asr_terms,
            self._asr_deadline,
            self._post,
        )

    def _settle_recognition(self, outcome: str) -> None:
        """What came of a recognition that began before the turn was over."""
        if self._guesses:
            self._services.metrics.speculation.labels("asr", outcome).inc()
        self._guesses = False

    def _recognised(self, recognition: jobs.Recognition) -> None:
        error = recognition.error
        if error is not None:
            log.error("recognition failed call_id=%s error=%s", self._dialogue.call_id, error)
        self._recognition = recognition
        self._tell(turnevents.Recognised(recognition.revision, recognition.raw, error is not None))

    def _remind(self, reminder: turnevents.Reminder) -> None:
        self._replier.stop()
        text, kind = _reminder_text(self._services.prompts.current(), reminder)
        recognition = self._recognition if reminder is turnevents.Reminder.NOT_HEARD else None
        error = recognition.error if recognition else None
        self._replier.say(text, kind, failure_of("asr", error) if error else None)

    def _speech_began(self) -> None:
        self._listener.forget()
        self._leave_at = float("inf")
        self._tell(turnevents.SpeechBegan())

    def _speech_over(self) -> None:
        self._greeted = True
        self.over = self.over or self._dialogue.farewell
        self._tell(turnevents.SpeechEnded())
        if self._hand_over.gave_up and not self.over:
            self._go_to_person()


def _reminder_text(prompts: Prompts, reminder: turnevents.Reminder) -> tuple[str, LineKind]:
    """What is said for a reminder, and how that line is labelled."""
    match reminder:
        case turnevents.Reminder.FIRST:
            return prompts.idle_prompt, "prompt"
        case turnevents.Reminder.SECOND:
            return prompts.idle_prompt_again, "prompt"
        case turnevents.Reminder.GOODBYE:
            return prompts.goodbye, "goodbye"
        case turnevents.Reminder.CLOSING_SOON:
            return prompts.closing_soon, "prompt"
        case turnevents.Reminder.TOO_LONG:
            return prompts.too_long, "goodbye"
        case turnevents.Reminder.NOT_HEARD:
            return prompts.not_heard, "apology"
