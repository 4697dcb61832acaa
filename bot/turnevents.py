"""What a turn machine is told, and what it asks to be done: plain values."""

from dataclasses import dataclass
from enum import Enum, auto


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
    CLOSING_SOON = auto()
    """The longest call is nearly over."""
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
