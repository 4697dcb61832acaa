"""Speech synthesis: one interface, one file per provider."""

from collections.abc import Iterator
from typing import Protocol

from bot.deadline import Deadline
from bot.tts.pace import NORMAL


class Synthesiser(Protocol):
    """Speaks one sentence. Thread-safe."""

    name: str

    @property
    def voice_key(self) -> str:
        """What changes the sound besides text and pace (provider, voice, role, speed)."""
        ...

    def synthesise(self, text: str, deadline: Deadline, pace: float = NORMAL) -> Iterator[bytes]:
        """Yield the speech as s16le mono 8000 Hz chunks (whole samples), as they come.

        ``text`` is plain Russian as a person would write it, without markup. ``pace`` is a
        share of the voice's own speed (:data:`bot.tts.pace.PACES`). Raises
        :class:`bot.errors.ProviderError`, possibly after some chunks were yielded.
        """
        ...
