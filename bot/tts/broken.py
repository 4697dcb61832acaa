"""A sentence whose voice was lost in the middle: how much was said, and what is left to say."""

import re
import threading
import time
from typing import Final

from bot.audio import RATE_HZ, SAMPLE_BYTES

LAG_S: Final = 1.0
"""A voice that is so far behind the speech it makes is lost: its listener hears gaps."""
_USUAL_PER_S: Final = 15.0
"""Letters in a second of Russian speech at the normal speed, until a voice's own are known."""
_LATEST: Final = 0.3
"""The share that the latest sentence has in what is known of a voice."""
_NEAR: Final = 8
"""A clause that begins so few letters further on is worth leaving out the word before it."""
_DIGIT: Final = 4
"""A digit is read as about so many letters."""
_CLAUSE: Final = re.compile(r"(?<=[,;:.!?…])\s+|\s+(?=[—–]\s)")
_SPACE: Final = re.compile(r"\s+")


class SpeakingRate:
    """How many letters a second a voice says at the normal pace. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._per_s: float | None = None

    def spoke(self, text: str, pcm_bytes: int, pace: float) -> None:
        """The voice has said the whole ``text`` in s16le mono 8000 Hz at that pace."""
        if not pcm_bytes:
            return
        found = _letters(text) / (_seconds(pcm_bytes) * pace)
        with self._lock:
            known = found if self._per_s is None else self._per_s
            self._per_s = known + _LATEST * (found - known)

    def letters_in(self, pcm_bytes: int, pace: float) -> float:
        """About how many letters so much speech holds."""
        with self._lock:
            per_s = self._per_s or _USUAL_PER_S
        return per_s * pace * _seconds(pcm_bytes)


class SoundPatience:
    """As long as the listener has sound, and a little; see :class:`bot.failover.race.Patience`."""

    def __init__(self, lag_s: float = LAG_S) -> None:
        self._lag_s = lag_s
        self._began = time.monotonic()
        self.heard_bytes = 0

    def left_s(self) -> float:
        """Seconds that the next piece may take."""
        sound_s = _seconds(self.heard_bytes)
        return max(0.0, self._began + sound_s + self._lag_s - time.monotonic())

    def came(self, piece: tuple[int, bytes], waited_s: float) -> None:
        """A voice's number and a piece of its sound have come."""
        if not self.heard_bytes:
            self._began = time.monotonic()
        self.heard_bytes += len(piece[1])


def rest_of(text: str, letters_said: float) -> str:
    """What another voice says when one was lost after about so many letters of ``text``.

    From the next clause if that is near, else from the word at which it broke off: half a word
    was heard of it at the most. Empty when all was said.
    """
    at = _place(text, letters_said)
    clause = next((found.end() for found in _CLAUSE.finditer(text) if found.end() >= at), None)
    if clause is not None and clause - at <= _NEAR:
        return text[clause:]
    word = max((found.end() for found in _SPACE.finditer(text) if found.end() <= at), default=0)
    return text[word:] if at < len(text) else ""


def _place(text: str, letters: float) -> int:
    """The index in ``text`` up to which there are so many letters."""
    left = letters
    for at, char in enumerate(text):
        left -= _DIGIT if char.isdigit() else 1
        if left < 0:
            return at
    return len(text)


def _letters(text: str) -> int:
    return sum(_DIGIT if char.isdigit() else 1 for char in text)


def _seconds(pcm_bytes: int) -> float:
    return pcm_bytes / (RATE_HZ * SAMPLE_BYTES)
