"""Sound for the stand-ins: deterministic, as long as speech would be, and never silent."""

import subprocess
import tempfile
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

LEADING_SILENCE_S = 0.12
CHARACTER_S = 0.065
_CHUNKS_S = (0.13, 0.37, 0.05, 0.61, 0.21)
"""Lengths of successive chunks: uneven on purpose (protocols.md, section 4)."""


def speech_like(text: str, rate_hz: int = 8000, speed: float = 1.0) -> bytes:
    """A buzz with a syllable's rhythm: 120 ms of silence, then 65 ms for each character.

    s16le mono. Each character has a pitch of its own, so another text is another sound;
    spaces are quiet. The level is about −20 dBFS.
    """
    length = int(CHARACTER_S * rate_hz / speed)
    time = np.arange(length) / rate_hz
    rise = np.minimum(1.0, np.minimum(np.arange(length), np.arange(length)[::-1]) / 40)
    parts = [np.zeros(int(LEADING_SILENCE_S * rate_hz))]
    parts += [_character(character, time) * rise for character in text]
    wave: NDArray[np.float64] = np.concatenate(parts)
    return (np.clip(wave, -1, 1) * 32767).astype("<i2").tobytes()


def _character(character: str, time: NDArray[np.float64]) -> NDArray[np.float64]:
    """One character's sound: three harmonics of a pitch that its code decides."""
    if not character.isalnum():
        return np.zeros_like(time)
    pitch_hz = 110 + 3.0 * (ord(character.lower()) % 37)
    harmonics = ((1, 0.10), (4, 0.07), (9, 0.04))
    waves = [level * np.sin(2 * np.pi * pitch_hz * n * time) for n, level in harmonics]
    total: NDArray[np.float64] = np.sum(waves, axis=0)
    return total


def festival_speech(text: str, rate_hz: int = 8000, speed: float = 1.0) -> bytes:
    """The same text spoken by the Russian festival voice; s16le mono. Slow: starts a process."""
    quoted = "".join(c for c in text if c.isalnum() or c in " .,!?-")
    with tempfile.TemporaryDirectory() as folder:
        wav = Path(folder) / "speech.raw"
        script = (
            "(voice_msu_ru_nsh_clunits)"
            f"(Parameter.set 'Duration_Stretch {1 / speed})"
            f'(utt.save.wave (utt.synth (Utterance Text "{quoted}")) "{wav}" \'raw)'
        )
        subprocess.run(
            ["festival", "--pipe"], input=script.encode(), check=True, timeout=60,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        speech = np.frombuffer(wav.read_bytes(), dtype="<i2")
    resampled: NDArray[np.int16] = soxr.resample(speech, 16000, rate_hz)
    return resampled.astype("<i2").tobytes()


def in_uneven_chunks(pcm: bytes, rate_hz: int) -> Iterator[tuple[bytes, float]]:
    """``pcm`` as (chunk, its seconds), of uneven length and torn across samples."""
    start = 0
    for seconds in cycle(_CHUNKS_S):
        if start >= len(pcm):
            return
        size = int(seconds * rate_hz) * 2 + 1
        yield pcm[start : start + size], seconds
        start += size
