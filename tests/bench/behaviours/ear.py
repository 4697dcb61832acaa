"""A recogniser that knows a closed set of recordings: it writes what was really in the sound.

So calls that go on at the same time each get their own words, a caller who is cut off in the
middle is heard to the middle, and sound that nobody spoke gets what recognisers invent.
"""

import io
import itertools
import threading
import wave
from dataclasses import dataclass

import numpy as np
import soxr
from numpy.typing import NDArray

from bot.audio import RATE_HZ, samples

Floats = NDArray[np.float64]
EAR_HZ = 4000
_FFT_STEP = 4096
"""Sizes of transforms are multiples of it, which are fast."""
ALIKE = 0.85
"""The correlation from which a recording is heard: the same one has 0.95, another one up to 0.8;
where two overlap, as numbers with the same digits in them do, the one more alike is heard."""
OVERLAP = 0.3
PARTS = (0.8, 0.6, 0.4, 0.25)
"""Of a recording that is not heard to its end, these shares of the beginning are looked for."""
SHORTEST_S = 0.3
BROKEN_OFF_S = 4.0
"""So much of the end of the sound may hold such a beginning."""
LONGEST_S = 14.0
"""Looked at of one utterance: noise and music are sent by the half minute."""


class Heard:
    """A stretch of sound, prepared to be compared with many recordings."""

    def __init__(self, sound: Floats) -> None:
        self._length = len(sound)
        self._size = -(-len(sound) // _FFT_STEP) * _FFT_STEP
        self._spectrum = np.fft.rfft(sound, self._size)
        self._sums = np.concatenate(([0.0], np.cumsum(sound**2)))

    def likeness(self, sound: Floats) -> Floats:
        """How alike ``sound`` and each stretch of its length are, 0…1."""
        count = self._length - len(sound) + 1
        if count < 1:
            return np.zeros(0)
        product = self._spectrum * np.conj(np.fft.rfft(sound, self._size))
        dots = np.fft.irfft(product, self._size)[:count]  # what wraps around lies behind these
        energy = np.maximum(self._sums[len(sound) :] - self._sums[:count], 1e-12)
        scale = np.sqrt(energy * max(float(np.sum(sound**2)), 1e-12))
        alike: Floats = np.where(energy < 1e-6 * len(sound), 0.0, dots / scale)
        return alike


@dataclass(frozen=True)
class Known:
    """One recording and what it means."""

    sound: Floats
    text: str


class Ear:
    """For ``Plan.transcript``. ``otherwise`` are its words, in turn, for what it does not know."""

    def __init__(self) -> None:
        self._known: dict[bytes, Known] = {}
        self._lock = threading.Lock()
        self.expect_nothing()

    def means(self, pcm: bytes, text: str) -> None:
        """From now on ``pcm`` says ``text``."""
        with self._lock:
            known = self._known.get(pcm)
            self._known[pcm] = Known(known.sound if known else _thinned(pcm), text)

    def forget(self, *sounds: bytes) -> None:
        """These are not said any more."""
        with self._lock:
            for pcm in sounds:
                self._known.pop(pcm, None)

    def expect_nothing(self, *otherwise: str) -> None:
        """Say these texts, in turn, when no known recording is in the sound."""
        self._otherwise = itertools.cycle(otherwise or ("",))

    def __call__(self, wav: bytes) -> str:
        """What is said in ``wav``, in the order of time."""
        with wave.open(io.BytesIO(wav)) as file:
            heard = _thinned(file.readframes(file.getnframes()))[-int(LONGEST_S * EAR_HZ) :]
        with self._lock:
            known = list(self._known.values())
        whole = Heard(heard)
        found = _without_overlaps([place for one in known for place in _places(whole, one)])
        if not found:
            found = _beginnings(Heard(heard[-int(BROKEN_OFF_S * EAR_HZ) :]), known)
        if not found:
            with self._lock:
                return next(self._otherwise)
        text = " ".join(place.text for place in found)
        return text if text[-1] in ".?!…," else f"{text}."


@dataclass(frozen=True)
class _Place:
    """Where a known recording is in what was heard, in samples, and how alike the two are."""

    start: int
    end: int
    text: str
    likeness: float

    @property
    def weight(self) -> float:
        """By which one of two that overlap is heard."""
        return self.likeness * (self.end - self.start)


def _places(heard: Heard, known: Known) -> list[_Place]:
    """Where ``known`` is; its overlaps with itself are one place."""
    likeness, length = heard.likeness(known.sound), len(known.sound)
    found: list[_Place] = []
    while len(likeness) and (best := likeness.max()) >= ALIKE:
        at = int(likeness.argmax())
        found.append(_Place(at, at + length, known.text, float(best)))
        likeness[max(0, at - length) : at + length] = 0.0
    return found


def _beginnings(heard: Heard, known: list[Known]) -> list[_Place]:
    """The longest beginning of a recording that is there, when none is there to its end."""
    for share in PARTS:
        parts = [
            Known(one.sound[: int(share * len(one.sound))], " ".join(words[:count]))
            for one in known
            if (count := max(1, round(share * len(words := one.text.split()))))
            and share * len(one.sound) >= SHORTEST_S * EAR_HZ
        ]
        found = [place for part in parts for place in _places(heard, part)]
        if found:
            return _without_overlaps(found)
    return []


def _without_overlaps(places: list[_Place]) -> list[_Place]:
    """The one that explains most of each stretch, in the order of time."""
    kept: list[_Place] = []
    for place in sorted(places, key=lambda one: one.weight, reverse=True):
        least = OVERLAP * (place.end - place.start)
        if all(min(place.end, o.end) - max(place.start, o.start) < least for o in kept):
            kept.append(place)
    return sorted(kept, key=lambda place: place.start)


def _thinned(pcm: bytes) -> Floats:
    """At :data:`EAR_HZ`, full scale 1.0: what G.711 and a line leave alone."""
    loud = samples(pcm).astype(np.float64) / 32768.0
    thinned: Floats = soxr.resample(loud, RATE_HZ, EAR_HZ)
    return thinned
