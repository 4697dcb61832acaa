"""The audio leg of a call: what the rest needs of it, whichever way the Asterisk has for it.

One file for each way (:mod:`bot.media.websocket_leg`, :mod:`bot.media.audiosocket`,
:mod:`bot.media.rtp`); :mod:`bot.media.choice` says which one the running Asterisk has.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from bot.errors import AssistantError

MediaEventType = Literal["started", "played", "finished", "flow_off", "flow_on", "dtmf", "closed"]


@dataclass(frozen=True)
class MediaEvent:
    """Something that happened on the leg; ``detail`` is the mark, the digit or ``""``."""

    type: MediaEventType
    detail: str = ""


OnFrame = Callable[[bytes], None]
"""Takes what the caller said, s16le 8000 Hz, 20 ms as a rule."""
OnEvent = Callable[[MediaEvent], None]


class MediaLostError(AssistantError):
    """The leg's connection is gone."""


class AudioLeg(Protocol):
    """Audio to and from one call. All but :meth:`close` belong to the call's thread."""

    channel_id: str

    def open(self) -> None:
        """Create the leg and connect to it; frames and events begin to come."""
        ...

    def begin(self) -> None:
        """An utterance of ours begins: what follows is one stream of samples."""
        ...

    def send(self, pcm: bytes) -> None:
        """Queue s16le 8000 Hz audio of any length behind what is queued already."""
        ...

    def mark(self, mark: str) -> None:
        """Ask for a ``played`` event when everything sent so far was played."""
        ...

    def finish(self, mark: str) -> None:
        """The utterance is complete; ask for a ``finished`` event when it was played."""
        ...

    def pause(self) -> None:
        """Stop playing at once; what is queued stays."""
        ...

    def resume(self) -> None:
        """Play on from the same sample."""
        ...

    def flush(self) -> None:
        """Drop what is queued and be ready to play; dropped marks raise no event."""
        ...

    def close(self) -> None:
        """Disconnect; the far end hangs its channel up. Safe to repeat."""
        ...


LegFactory = Callable[[str, OnFrame, OnEvent], AudioLeg]
"""Makes an audio leg: its channel's id, then what takes each frame and each event.

Both are called in threads of the leg's and must not block.
"""
