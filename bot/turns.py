"""Turn-taking: who speaks when, as a state machine whose only inputs are events and times.

It does no I/O and reads no clock, so a test can play a call against it on a virtual clock
(conversation.md). The call's thread feeds it and carries out its actions in order.
"""

from dataclasses import dataclass
from enum import Enum, auto

from bot.endpointing import WAIT_S, Completeness, completeness, is_backchannel


@dataclass(frozen=True)
class VoiceStarted:
    """The caller's voice began."""


@dataclass(frozen=True)
class VoiceStopped:
    """The caller's voice ended at ``ended_at`` (the event itself comes a little later)."""

    ended_at: float


@dataclass(frozen=True)
class Recognised:
    """The recogniser's result for revision ``revision``; ``None`` when it is not a turn."""

    revision: int
    text: str | None
    failed: bool = False
    """There was speech, but no service could recognise it."""


@dataclass(frozen=True)
class SpeechBegan:
    """The assistant began an utterance."""


@dataclass(frozen=True)
class SpeechEnded:
    """The assistant's utterance was played whole, or there was nothing to say."""


@dataclass(frozen=True)
class LastWords:
    """What is said next is the last: the call ends when it was played."""


@dataclass(frozen=True)
class KeyPressed:
    """The caller pressed a key that is answered at once: whatever was being said is dropped."""


@dataclass(frozen=True)
class Tick:
    """Time has passed."""


TurnEvent = (
    VoiceStarted | VoiceStopped | Recognised | SpeechBegan | SpeechEnded | LastWords | KeyPressed
    | Tick
)  # fmt: skip


@dataclass(frozen=True)
class StartAsr:
    """Recognise what was said so far, as revision ``revision``."""

    revision: int


@dataclass(frozen=True)
class Prepare:
    """Begin to answer ``text`` now; nothing of it may be heard before :class:`Commit`."""

    revision: int
    text: str


@dataclass(frozen=True)
class Abandon:
    """The caller goes on speaking: drop what is being prepared, heard or not."""


@dataclass(frozen=True)
class Commit:
    """The caller's turn is over: answer it. ``endpoint_s`` is the silence that was waited."""

    revision: int
    text: str
    endpoint_s: float


@dataclass(frozen=True)
class Discard:
    """What was heard was no turn (noise, or words nobody said): forget it."""


@dataclass(frozen=True)
class Pause:
    """Fall silent at once; it is not known yet whether the caller means it."""


@dataclass(frozen=True)
class Resume:
    """It was nothing: go on from the same sample."""


@dataclass(frozen=True)
class Flush:
    """The caller interrupts: drop the rest of the utterance."""


class Reminder(Enum):
    """What to say when there is no question to answer."""

    FIRST = auto()
    SECOND = auto()
    GOODBYE = auto()
    TOO_LONG = auto()
    NOT_HEARD = auto()


@dataclass(frozen=True)
class Prompt:
    """Say this by ourselves."""

    reminder: Reminder


@dataclass(frozen=True)
class Fill:
    """The caller waits for an answer: say something short meanwhile."""


@dataclass(frozen=True)
class HangUp:
    """End the call."""


TurnAction = (
    StartAsr
    | Prepare
    | Abandon
    | Commit
    | Discard
    | Pause
    | Resume
    | Flush
    | Prompt
    | Fill
    | HangUp
)


@dataclass(frozen=True)
class TurnTiming:
    """All waits of the conversation, in seconds (conversation.md)."""

    first_point_s: float = 0.1
    """Silence after which recognition starts; the detector itself takes about 0.1 s more."""
    interruption_s: float = 0.8
    """Voice this long over the assistant is an interruption whatever was said. The detector
    tells the end of a voice 0.2 s late, so an «угу» of 0.5 s lasts 0.7 s here; the line is
    silent meanwhile."""
    hold_s: float = 0.6
    """How long a pause may wait for the recogniser after the voice ended."""
    long_utterance_s: float = 10.0
    """From then on recognition waits for a pause that could end the turn."""
    lost_s: float = 13.0
    """A recogniser that has not answered by then never will."""
    filler_s: float = 0.9
    """How long a committed turn may go unanswered in silence (conversation.md, line 11)."""
    late_asr_s: float = 1.7
    """How long a silence may be whose words are not known yet: longer than any endpoint."""
    filler_again_s: float = 2.8
    """From one filler to the next: one of a second leaves less than 2 s of silence."""
    idle_s: tuple[float, float, float] = (7.0, 15.0, 25.0)
    longest_call_s: float = 900.0


class TurnMachine:
    """The state of one conversation. Feed it events in the order of their times."""

    def __init__(self, now: float, timing: TurnTiming | None = None) -> None:
        self._timing = timing or TurnTiming()
        self._began_at = now
        self._idle_since = now
        self._reminders = 0
        self._ending = False
        self._voice_since: float | None = None
        self._silent_since = now
        self._utterance = False
        """Something was said that is not dealt with yet."""
        self._utterance_since = now
        self._revision = 0
        self._asked = 0
        """The last revision that recognition was started for."""
        self._text: str | None = None
        """What the present revision says, once recognised."""
        self._known = False
        self._speaking = False
        self._paused = False
        self._thinking = False
        """A turn was committed and its answer has not begun."""
        self._fill_at: float | None = None
        """When a caller who waits for an answer hears a filler."""

    @property
    def is_ending(self) -> bool:
        """Whether the last words of the call are being said."""
        return self._ending

    def handle(self, event: TurnEvent, now: float) -> list[TurnAction]:
        """What to do about ``event``, which happened at ``now``, and about the time."""
        if self._ending:
            return [HangUp()] if isinstance(event, SpeechEnded) else []
        actions: list[TurnAction] = []
        match event:
            case VoiceStarted():
                self._voice_started(now, actions)
            case VoiceStopped(ended_at):
                self._voice_since, self._silent_since = None, ended_at
            case Recognised() if event.revision == self._revision and self._utterance:
                self._recognised(event, actions)
            case LastWords():
                self._ending = True
            case KeyPressed():
                self._key_pressed(now, actions)
            case SpeechBegan():
                self._speaking, self._paused, self._thinking = True, False, False
                self._fill_at = None
            case SpeechEnded():
                self._speaking = self._paused = self._thinking = False
                self._fill_at = None
                if not self._reminders:  # a reminder does not start the wait anew
                    self._idle_since = now
            case _:
                pass
        self._watch_time(now, actions)
        return actions

    def _voice_started(self, now: float, actions: list[TurnAction]) -> None:
        self._voice_since, self._fill_at = now, None
        if not self._utterance:
            self._utterance, self._utterance_since = True, now
        self._revision += 1
        self._text, self._known = None, False
        if not self._speaking:
            self._thinking = False
            actions.append(Abandon())
        elif not self._paused:
            self._paused = True
            actions.append(Pause())

    def _key_pressed(self, now: float, actions: list[TurnAction]) -> None:
        if self._speaking:
            self._interrupt(now, actions)
        else:
            actions.append(Abandon())
        actions.append(Discard())
        self._revision += 1  # what is being recognised comes too late
        self._utterance, self._text, self._known = False, None, False
        self._thinking, self._reminders = True, 0
        self._fill_at = now + self._timing.filler_s

    def _recognised(self, event: Recognised, actions: list[TurnAction]) -> None:
        self._text, self._known, self._fill_at = event.text, True, None
        if event.text is not None and not self._speaking:
            # Use the time until the endpoint.
            actions.append(Prepare(event.revision, event.text))
        elif event.failed and not self._speaking:
            self._utterance, self._thinking = False, True
            self._reminders = 0
            actions += [Discard(), Prompt(Reminder.NOT_HEARD)]

    def _watch_time(self, now: float, actions: list[TurnAction]) -> None:
        if self._utterance:
            if self._voice_since is not None:
                self._while_voice(now, actions)
            else:
                self._after_voice(now, actions)
        elif not (self._speaking or self._thinking):
            self._while_idle(now, actions)
        if self._fill_at is not None and now >= self._fill_at:
            self._fill_at = now + self._timing.filler_again_s
            actions.append(Fill())
        if now - self._began_at >= self._timing.longest_call_s:
            self._end(Reminder.TOO_LONG, actions)

    def _while_voice(self, now: float, actions: list[TurnAction]) -> None:
        if self._paused and now - (self._voice_since or now) >= self._timing.interruption_s:
            self._interrupt(now, actions)

    def _after_voice(self, now: float, actions: list[TurnAction]) -> None:
        silent_s = now - self._silent_since
        if self._asked != self._revision and silent_s >= self._first_point_s(now):
            self._asked = self._revision
            actions.append(StartAsr(self._revision))
            if not self._speaking:
                self._fill_at = self._silent_since + self._timing.late_asr_s
        if self._known and self._text is None:
            self._not_a_turn(actions)
        elif self._text is not None:
            self._perhaps_commit(self._text, silent_s, now, actions)
        elif self._asked == self._revision and silent_s >= self._timing.lost_s:
            self._recognised(Recognised(self._revision, None, failed=True), actions)
        elif self._paused and silent_s >= self._timing.hold_s:
            self._paused = False
            actions.append(Resume())

    def _first_point_s(self, now: float) -> float:
        """Voices in the background never end: after a while each short gap is not worth a look."""
        long = now - self._utterance_since >= self._timing.long_utterance_s
        return WAIT_S[Completeness.COMPLETE] if long else self._timing.first_point_s

    def _perhaps_commit(
        self, text: str, silent_s: float, now: float, actions: list[TurnAction]
    ) -> None:
        if self._speaking:
            if is_backchannel(text):
                self._not_a_turn(actions)
                return
            self._interrupt(now, actions)
            actions.append(Prepare(self._revision, text))
        if silent_s >= WAIT_S[completeness(text)]:
            self._commit(text, silent_s, now, actions)

    def _commit(self, text: str, silent_s: float, now: float, actions: list[TurnAction]) -> None:
        self._utterance = False
        self._thinking = True
        self._reminders = 0
        self._fill_at = now + self._timing.filler_s
        actions.append(Commit(self._revision, text, silent_s))

    def _not_a_turn(self, actions: list[TurnAction]) -> None:
        self._utterance = False
        if self._paused:
            self._paused = False
            actions.append(Resume())
        actions.append(Discard())

    def _interrupt(self, now: float, actions: list[TurnAction]) -> None:
        self._idle_since, self._reminders = now, 0
        self._speaking = self._paused = False
        actions.append(Flush())

    def _while_idle(self, now: float, actions: list[TurnAction]) -> None:
        limit_s = self._timing.idle_s[self._reminders]
        if now - self._idle_since < limit_s:
            return
        self._idle_since = now - limit_s  # one that comes late keeps its distance to the next
        reminder = (Reminder.FIRST, Reminder.SECOND, Reminder.GOODBYE)[self._reminders]
        self._reminders += 1
        if reminder is Reminder.GOODBYE:
            self._end(reminder, actions)
        else:
            self._thinking = True
            actions.append(Prompt(reminder))

    def _end(self, reminder: Reminder, actions: list[TurnAction]) -> None:
        self._ending, self._fill_at = True, None
        actions.append(Prompt(reminder))

    def wait_s(self, now: float) -> float:
        """Seconds until a :class:`Tick` is due, at most 0.25."""
        due = [self._began_at + self._timing.longest_call_s, now + 0.25]
        if self._fill_at is not None:
            due.append(self._fill_at)
        if self._utterance and self._voice_since is not None and self._paused:
            due.append(self._voice_since + self._timing.interruption_s)
        elif self._utterance and self._voice_since is None:
            due += [
                self._silent_since + wait_s
                for wait_s in (
                    self._timing.first_point_s,
                    self._timing.hold_s,
                    *WAIT_S.values(),
                )
            ]
        return max(0.0, min(at for at in due if at > now) - now)
