"""The callers' voice: festival, the one packaged Russian voice that Whisper understands."""

from bot.deadline import Deadline
from bot.tts.local import LocalVoice

SPEAK_TIMEOUT_S = 60.0


def speak(texts: list[str]) -> list[bytes]:
    """Each text as a caller would say it: s16le, mono, 8000 Hz."""
    voice = LocalVoice()
    try:
        return [b"".join(voice.synthesise(text, Deadline(SPEAK_TIMEOUT_S))) for text in texts]
    finally:
        voice.close()
