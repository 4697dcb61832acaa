"""Speech synthesis: one interface, one file per provider."""

from collections.abc import Iterator
from typing import Protocol

from bot.deadline import Deadline


class Synthesiser(Protocol):
    """Speaks one sentence. Thread-safe."""

    name: str

    @property
    def voice_key(self) -> str:
        """Everything that changes the sound (provider, voice, role, speed): a cache key part."""
        ...

    def synthesise(self, text: str, deadline: Deadline) -> Iterator[bytes]:
        """Yield the speech as s16le mono 8000 Hz chunks (whole samples), as they come.

        ``text`` is plain Russian as a person would write it, without markup. Raises
        :class:`bot.errors.ProviderError`, possibly after some chunks were yielded.
        """
        ...
