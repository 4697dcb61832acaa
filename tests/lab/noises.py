"""What is heard on a line beside speech: noise, clicks, coughs, hum and music on hold.

All sounds are s16le mono 8000 Hz and deterministic for a seed.
"""

import numpy as np
from numpy.typing import NDArray

from bot.audio import RATE_HZ

Floats = NDArray[np.float64]


def hiss(seconds: float, dbfs: float = -30.0, seed: int = 1) -> bytes:
    """White noise."""
    noise = np.random.default_rng(seed).normal(0, 1, _count(seconds))
    return _at_level(noise, dbfs)


def hum(seconds: float, dbfs: float = -35.0) -> bytes:
    """Mains hum of 50 Hz with the odd harmonics of a bad shield."""
    time = np.arange(_count(seconds)) / RATE_HZ
    harmonics = ((1, 1.0), (3, 0.6), (5, 0.4), (7, 0.2))
    tones = [level * np.sin(2 * np.pi * 50 * n * time) for n, level in harmonics]
    return _at_level(np.sum(tones, axis=0), dbfs)


def click(seed: int = 1, dbfs: float = -20.0) -> bytes:
    """A handset that is put on the table: 100 ms, dying away."""
    random = np.random.default_rng(seed)
    count = _count(0.1)
    return _at_level(random.normal(0, 1, count) * np.exp(-np.arange(count) / 160), dbfs)


def cough(seconds: float = 0.3, dbfs: float = -18.0, seed: int = 1) -> bytes:
    """A burst of breath through a throat of 0.1…0.5 s: noise with formants, then a rest of voice.

    The shape (a sharp beginning, an aspirated middle, a weak voiced end) follows the three
    phases of a cough in acoustic studies of it.
    """
    random = np.random.default_rng(seed)
    count = _count(seconds)
    time = np.arange(count) / RATE_HZ
    breath = _resonant(random.normal(0, 1, count), ((700, 150), (1600, 250), (2600, 400)))
    pitch_hz = 140 + 30 * random.random()
    pulses = np.where(np.diff(np.floor(pitch_hz * time), prepend=0) > 0, 1.0, 0.0)
    voice = _resonant(pulses, ((600, 120), (1300, 200)))
    late = np.clip(time / seconds - 0.6, 0, None)
    burst = np.exp(-time / (0.35 * seconds))
    sound = _unit(breath) * burst + _unit(voice) * 0.5 * late
    return _at_level(sound * np.minimum(1.0, np.arange(count) / 40), dbfs)


def hold_music(seconds: float, dbfs: float = -25.0, seed: int = 1) -> bytes:
    """Music on hold: chords with a melody of plucked notes above them, two notes a second."""
    random = np.random.default_rng(seed)
    roots_hz = (220.0, 174.6, 261.6, 196.0)
    scale = (0, 2, 4, 7, 9, 12)
    parts = []
    for number in range(int(np.ceil(seconds * 2))):
        root = roots_hz[(number // 4) % len(roots_hz)]
        note = 2 * root * 2 ** (random.choice(scale) / 12)
        parts.append(_chord(root, 0.5) + 1.2 * _pluck(note, 0.5))
    return _at_level(np.concatenate(parts)[: _count(seconds)], dbfs)


def _chord(root_hz: float, seconds: float) -> Floats:
    time = np.arange(_count(seconds)) / RATE_HZ
    tones = [np.sin(2 * np.pi * root_hz * 2 ** (step / 12) * time) for step in (0, 4, 7)]
    total: Floats = np.sum(tones, axis=0) / 3
    return total


def _pluck(pitch_hz: float, seconds: float) -> Floats:
    time = np.arange(_count(seconds)) / RATE_HZ
    tones = [np.sin(2 * np.pi * pitch_hz * n * time) / n for n in (1, 2, 3, 4)]
    total: Floats = np.sum(tones, axis=0) * np.exp(-4 * time)
    return total


def _resonant(sound: Floats, formants: tuple[tuple[float, float], ...]) -> Floats:
    """``sound`` through resonances of (Hz, bandwidth in Hz), added up."""
    spectrum = np.fft.rfft(sound)
    hz = np.fft.rfftfreq(len(sound), 1 / RATE_HZ)
    gain = np.sum([1 / (1 + ((hz - f) / (width / 2)) ** 2) for f, width in formants], axis=0)
    shaped: Floats = np.fft.irfft(spectrum * gain, len(sound))
    return shaped


def _unit(sound: Floats) -> Floats:
    return sound / max(1e-9, float(np.sqrt(np.mean(sound**2))))


def _at_level(sound: Floats, dbfs: float) -> bytes:
    loud = _unit(sound) * 10 ** (dbfs / 20) * 32768
    return np.clip(loud, -32768, 32767).astype("<i2").tobytes()


def _count(seconds: float) -> int:
    return int(seconds * RATE_HZ)
