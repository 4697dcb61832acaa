"""Speech recognition: one interface, one file per provider."""

from dataclasses import dataclass
from typing import Protocol

from bot.deadline import Deadline


@dataclass(frozen=True)
class Transcript:
    """What a recogniser heard.

    ``text`` is as the provider wrote it, stripped; empty when it heard nothing.
    ``no_speech_prob`` is 0…1 where the provider tells it, else ``None``.
    """

    text: str
    provider: str
    no_speech_prob: float | None = None


class Recogniser(Protocol):
    """Turns one utterance into text. Thread-safe."""

    name: str

    def transcribe(self, pcm: bytes, hint: str, deadline: Deadline) -> Transcript:
        """Recognise ``pcm`` (s16le, mono, 8000 Hz), Russian.

        ``hint`` is a line of domain terms to expect. Raises
        :class:`bot.errors.ProviderError` when the service fails or is late.
        """
        ...
