"""A human caller's voice: Debian's asterisk-core-sounds-ru-wav (CC-BY-3.0), 8 kHz."""

import wave
from pathlib import Path

import numpy as np

from bot.audio import RATE_HZ, samples

FOLDER = Path("/usr/share/asterisk/sounds/ru_RU_f_IvrvoiceRU")


def human_speech(name: str) -> bytes:
    """One prompt such as ``vm-intro``: s16le mono 8000 Hz without silence at its ends."""
    with wave.open(str(FOLDER / f"{name}.wav")) as sound:
        if sound.getframerate() != RATE_HZ:
            raise ValueError(f"{name} is not at {RATE_HZ} Hz")
        pcm = sound.readframes(sound.getnframes())
    loud = np.flatnonzero(np.abs(samples(pcm)) > 500)
    return samples(pcm)[loud[0] : loud[-1] + 1].tobytes()
