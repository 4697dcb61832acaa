"""Turn-taking: who speaks when, as a state machine whose only inputs are events and times.

It does no I/O and reads no clock, so a test can play a call against it on a virtual clock
(conversation.md). The call's thread feeds it and carries out its actions in order.
"""

from bot.endpointing import WAIT_S, CallerPauses, Completeness, completeness, is_backchannel
from bot.reminding import Reminding
from bot.turnevents import (
    Abandon,
    Commit,
    Discard,
    Fill,
    Flush,
    HangUp,
    KeyPressed,
    LastWords,
    Pause,
    Prepare,
    Prompt,
    Recognised,
    Reminder,
    Resume,
    SpeechBegan,
    SpeechEnded,
    StartAsr,
    TurnAction,
    TurnEvent,
    VoiceStarted,
    VoiceStopped,
)
from bot.turntiming import TurnTiming


class TurnMachine:
    """The state of one conversation. Feed it events in the order of their times."""

    def __init__(self, now: float, timing: TurnTiming | None = None) -> None:
        self._timing = timing or TurnTiming()
        self._reminding = Reminding(now, self._timing)
        self._pauses = CallerPauses()
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
        self._meant = False
        """What the caller says over us is more than noise or «угу»."""
        self._thinking = False
        """A turn was committed and its answer has not begun."""
        self._cut_in = False
        """The caller speaks without an end: what they say until our answer begins is theirs."""
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
                if self._paused and self._asked == self._revision:
                    self._revision += 1  # an early look was without the last words
            case Recognised() if event.revision == self._revision and self._utterance:
                self._recognised(event, now, actions)
            case LastWords():
                self._ending = True
            case KeyPressed():
                self._key_pressed(now, actions)
            case SpeechBegan():
                self._speaking, self._thinking, self._fill_at = True, False, None
                self._paused = self._meant = self._cut_in = False
            case SpeechEnded():
                self._speaking = self._thinking = self._paused = self._meant = False
                self._cut_in, self._fill_at = False, None
                self._reminding.silent_from(now)
            case _:
                pass
        self._watch_time(now, actions)
        return actions

    def _voice_started(self, now: float, actions: list[TurnAction]) -> None:
        if not self._speaking and (self._utterance or self._thinking):
            self._pauses.note(now - self._silent_since)
        self._voice_since = now
        if self._cut_in:
            return
        self._fill_at = None
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
        self._thinking, self._cut_in = True, False
        self._reminding.caller_took_part()
        self._fill_at = now + self._timing.filler_s

    def _recognised(self, event: Recognised, now: float, actions: list[TurnAction]) -> None:
        self._text, self._known, self._fill_at = event.text, True, None
        if event.failed and self._meant:
            self._interrupt(now, actions)
        if self._speaking:
            return
        if event.text is not None:  # use the time until the endpoint
            actions.append(Prepare(event.revision, event.text))
        elif event.failed:
            self._utterance, self._thinking, self._cut_in = False, True, False
            self._reminding.caller_took_part()
            actions += [Discard(), Prompt(Reminder.NOT_HEARD)]

    def _watch_time(self, now: float, actions: list[TurnAction]) -> None:
        if self._utterance:
            if self._voice_since is not None:
                self._while_voice(now, actions)
            else:
                self._after_voice(now, actions)
        elif not (self._speaking or self._thinking):
            self._while_quiet(now, actions)
        if self._fill_at is not None and now >= self._fill_at:
            self._fill_at = now + self._timing.filler_again_s
            actions.append(Fill())
        if not self._ending and now >= self._reminding.ends_at():
            self._end(Reminder.TOO_LONG, actions)

    def _while_voice(self, now: float, actions: list[TurnAction]) -> None:
        if self._paused:
            self._while_paused(now - (self._voice_since or now), now, actions)
        said_s = now - self._utterance_since
        if self._cut_in and self._known:
            self._close_endless(now, actions)
        elif self._cut_in and said_s >= self._timing.longest_turn_s + self._timing.lost_s:
            self._recognised(Recognised(self._revision, None, failed=True), now, actions)
        elif not (self._cut_in or self._speaking) and said_s >= self._timing.longest_turn_s:
            self._cut_in, self._known, self._asked = True, False, self._revision
            actions.append(StartAsr(self._revision))

    def _while_paused(self, voice_s: float, now: float, actions: list[TurnAction]) -> None:
        """The caller speaks over us, or something sounds that never ends."""
        if voice_s >= self._timing.meant_s:
            self._meant = True
        if self._known:
            text, self._text, self._known = self._text, None, False
            self._revision += 1  # what is said from now on was not in it
            if text is None or is_backchannel(text):
                self._not_a_turn(actions)
            else:
                self._interrupt(now, actions)
        elif voice_s >= self._timing.early_look_s and self._asked != self._revision:
            self._asked = self._revision
            actions.append(StartAsr(self._revision))

    def _close_endless(self, now: float, actions: list[TurnAction]) -> None:
        """What was said until the limit is known, and the caller speaks on."""
        if self._text is None:
            self._not_a_turn(actions)
        else:
            self._commit(self._text, 0.0, now, actions)

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
            self._recognised(Recognised(self._revision, None, failed=True), now, actions)
        elif self._paused:
            self._hold(silent_s, now, actions)

    def _hold(self, silent_s: float, now: float, actions: list[TurnAction]) -> None:
        """We are paused, and the words that decide are not known yet."""
        if self._meant and silent_s >= self._timing.late_asr_s:
            self._interrupt(now, actions)
            self._fill_at = now
        elif not self._meant and silent_s >= self._timing.hold_s:
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
            if is_backchannel(text, brief=not self._meant):
                self._not_a_turn(actions)
                return
            self._interrupt(now, actions)
            actions.append(Prepare(self._revision, text))
        if silent_s >= self._pauses.wait_s(completeness(text)):
            self._commit(text, silent_s, now, actions)

    def _commit(self, text: str, silent_s: float, now: float, actions: list[TurnAction]) -> None:
        self._utterance = False
        self._thinking = True
        self._reminding.caller_took_part()
        self._fill_at = now + self._timing.filler_s
        actions.append(Commit(self._revision, text, silent_s))

    def _not_a_turn(self, actions: list[TurnAction]) -> None:
        self._utterance = self._cut_in = False
        if self._paused:
            self._paused = self._meant = False
            actions.append(Resume())
        actions.append(Discard())

    def _interrupt(self, now: float, actions: list[TurnAction]) -> None:
        self._reminding.caller_took_part()
        self._reminding.silent_from(now)
        self._speaking = self._paused = self._meant = False
        actions.append(Flush())

    def _while_quiet(self, now: float, actions: list[TurnAction]) -> None:
        reminder = self._reminding.when_quiet(now)
        if reminder is Reminder.GOODBYE:
            self._end(reminder, actions)
        elif reminder is not None:
            self._thinking = True
            actions.append(Prompt(reminder))

    def _end(self, reminder: Reminder, actions: list[TurnAction]) -> None:
        self._ending, self._fill_at = True, None
        actions.append(Prompt(reminder))

    def wait_s(self, now: float) -> float:
        """Seconds until a :class:`Tick` is due, at most 0.25."""
        due = [self._reminding.ends_at(), self._reminding.due_at(), now + 0.25]
        if self._fill_at is not None:
            due.append(self._fill_at)
        if self._utterance and self._voice_since is not None:
            due += [
                self._voice_since + self._timing.meant_s,
                self._voice_since + self._timing.early_look_s,
                self._utterance_since + self._timing.longest_turn_s,
            ]
        elif self._utterance:
            waits = [self._pauses.wait_s(looks) for looks in Completeness]
            waits += [self._timing.first_point_s, self._timing.hold_s, self._timing.late_asr_s]
            due += [self._silent_since + wait_s for wait_s in waits]
        return max(0.0, min(at for at in due if at > now) - now)
