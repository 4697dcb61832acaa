"""A turn machine on a virtual clock, with a caller and a recogniser."""

from bot.turnevents import (
    Recognised,
    SpeechBegan,
    StartAsr,
    Tick,
    TurnAction,
    TurnEvent,
    VoiceStarted,
    VoiceStopped,
)
from bot.turns import TurnMachine

TICK_S = 0.02


class VirtualCall:
    """A machine, a clock, and a recogniser that answers after ``asr_s``."""

    def __init__(self, asr_s: float = 0.35) -> None:
        self.now = 100.0
        self.machine = TurnMachine(self.now)
        self.actions: list[tuple[float, TurnAction]] = []
        self._asr_s = asr_s
        self._said: str | None = None
        self._due: list[tuple[float, Recognised]] = []

    def event(self, event: TurnEvent) -> None:
        """Something happens now."""
        for action in self.machine.handle(event, self.now):
            self.actions.append((self.now, action))
            if isinstance(action, StartAsr):
                self._due.append((self.now + self._asr_s, Recognised(action.revision, self._said)))

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        end = self.now + seconds
        while self.now < end - 1e-9:
            self.now = min(end, self.now + TICK_S)
            for at, event in [due for due in self._due if due[0] <= self.now]:
                self._due.remove((at, event))
                self.event(event)
            self.event(Tick())

    def say(self, text: str | None, seconds: float) -> None:
        """The caller speaks for ``seconds``; a recogniser would read ``text``."""
        self._said = text
        self.event(VoiceStarted())
        self.wait(seconds)
        self.event(VoiceStopped(self.now))

    def speak(self) -> None:
        """The assistant's utterance begins."""
        self.event(SpeechBegan())

    def kinds(self) -> list[type[TurnAction]]:
        """The types of all actions so far, in order."""
        return [type(action) for _, action in self.actions]

    def when(self, kind: type[TurnAction]) -> float:
        """Seconds from now back to the first action of that type (negative: in the past)."""
        return next(at for at, action in self.actions if isinstance(action, kind)) - self.now

    def only(self, kind: type[TurnAction]) -> list[TurnAction]:
        """All actions of that type."""
        return [action for _, action in self.actions if isinstance(action, kind)]
