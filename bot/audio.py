"""The audio format of the whole product, and the few operations on it.

Everything between the media socket and the providers is s16le, mono, 8000 Hz, in 20 ms
frames (Asterisk's ``slin``: protocols.md, 3.7).
"""

import math

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 8000
SAMPLE_BYTES = 2
FRAME_MS = 20
FRAME_BYTES = RATE_HZ * FRAME_MS // 1000 * SAMPLE_BYTES  # 320
BYTES_PER_S = RATE_HZ * SAMPLE_BYTES

Samples = NDArray[np.int16]


def duration_s(pcm: bytes) -> float:
    """Seconds of speech in ``pcm``."""
    return len(pcm) / BYTES_PER_S


def silence(seconds: float) -> bytes:
    """That much digital silence, in whole samples."""
    return bytes(int(seconds * RATE_HZ) * SAMPLE_BYTES)


def samples(pcm: bytes) -> Samples:
    """The samples of ``pcm``, shape ``(n,)``; a torn last byte is dropped."""
    return np.frombuffer(pcm[: len(pcm) // SAMPLE_BYTES * SAMPLE_BYTES], dtype="<i2")


def level_dbfs(pcm: bytes) -> float:
    """RMS level in dB below full scale; -100 for silence or nothing."""
    if len(pcm) < SAMPLE_BYTES:
        return -100.0
    heard = samples(pcm).astype(np.float32)
    # of every frame of every call: a third of the time that mean() takes
    mean_square = float(np.dot(heard, heard)) / len(heard)
    return max(-100.0, 10.0 * math.log10(max(mean_square, 1e-18) / 32768.0**2))
