"""What the stand-in's voice makes of a text, and where in it a piece of what was heard stands."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import soxr
from numpy.typing import NDArray

from bot.audio import RATE_HZ, samples
from bot.softphone.heard import HeardPacket
from tests.bench.behaviours.ear import Heard
from tests.lab.speechlike import CHARACTER_S, LEADING_SILENCE_S, speech_like

Floats = NDArray[np.float64]
LEAD_S = 0.02
"""What the product leaves of a voice's leading silence (conversation.md)."""
PIECE_S = 0.4
ALIKE = 0.8
_THIN_HZ = 4000
_SPEECH = 10 ** (-45 / 20)


@dataclass(frozen=True)
class Rendering:
    """A whole answer as sound (full scale 1.0, 4000 Hz), and when each word of it ends."""

    sound: Floats
    word_ends_s: tuple[float, ...]

    def place_s(self, piece: Floats) -> float:
        """Where ``piece`` (8000 Hz) begins. ``LookupError`` when it is not in the answer."""
        likeness = Heard(self.sound).likeness(soxr.resample(piece, RATE_HZ, _THIN_HZ))
        if not len(likeness) or likeness.max() < ALIKE:
            raise LookupError("what was heard is not in the answer")
        return float(likeness.argmax()) / _THIN_HZ

    def words_until(self, moment_s: float) -> int:
        """How many words have ended by then, give or take a third of a letter."""
        return sum(end_s <= moment_s + 0.01 for end_s in self.word_ends_s)

    def sound_between_s(self, first_s: float, last_s: float) -> float:
        """Seconds of sound, pauses left out, between two places."""
        part = self.sound[int(max(0.0, first_s) * _THIN_HZ) : int(max(0.0, last_s) * _THIN_HZ)]
        window = _THIN_HZ // 100
        whole = len(part) // window * window
        levels = np.sqrt(np.mean(part[:whole].reshape(-1, window) ** 2, axis=1))
        return float(np.sum(levels > _SPEECH)) / 100


def rendering(sentences: Sequence[str], speed: float) -> Rendering:
    """The sentences one after another, each without all but 20 ms of its leading silence."""
    letter = int(CHARACTER_S * RATE_HZ / speed)
    cut = round((LEADING_SILENCE_S - LEAD_S) * RATE_HZ)
    parts, ends, at = [], [], 0
    for sentence in sentences:
        part = samples(speech_like(sentence, RATE_HZ, speed))[cut:].astype(np.float64) / 32768.0
        position = 0
        for word in sentence.split():
            position += len(word)
            ends.append((at + LEAD_S * RATE_HZ + position * letter) / RATE_HZ)
            position += 1
        parts.append(part)
        at += len(part)
    sound: Floats = soxr.resample(np.concatenate(parts), RATE_HZ, _THIN_HZ)
    return Rendering(sound, tuple(ends))


def before(packets: Sequence[HeardPacket], moment_s: float) -> Floats:
    """The last 0.4 s of packets that arrived up to ``moment_s``, 8000 Hz."""
    return _joined([one for one in packets if one.at_s <= moment_s][-_packets() :])


def after(packets: Sequence[HeardPacket], moment_s: float) -> Floats:
    """The first 0.4 s of packets that arrived from ``moment_s`` on, 8000 Hz."""
    return _joined([one for one in packets if one.at_s >= moment_s][: _packets()])


def _packets() -> int:
    return round(PIECE_S / 0.02)


def _joined(packets: Sequence[HeardPacket]) -> Floats:
    return samples(b"".join(one.pcm for one in packets)).astype(np.float64) / 32768.0
