"""Sixteen-bit sound at 16 kHz, as newer telephones have it (RFC 3551, L16)."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from bot.audio import RATE_HZ, samples


@dataclass(frozen=True)
class Wideband:
    """Between 8000 Hz on our side and 16000 Hz on the line; 118 is Asterisk's type for it."""

    payload_type: ClassVar[int] = 118
    silence: ClassVar[bytes] = b"\0"
    frame_ticks: ClassVar[int] = 2 * RATE_HZ // 50
    frame_bytes: ClassVar[int] = 4 * RATE_HZ // 50

    def encode(self, pcm: bytes) -> bytes:
        """Two big-endian samples for each s16le sample: itself, and one between it and the next."""
        heard = samples(pcm)
        if not len(heard):
            return b""
        places = np.arange(2 * len(heard)) / 2
        between = np.interp(places, np.arange(len(heard)), heard)
        return bytes(between.astype(">i2").tobytes())

    def decode(self, payload: bytes) -> bytes:
        """One s16le sample for each two of the line."""
        pairs = np.frombuffer(payload[: len(payload) // 4 * 4], dtype=">i2").reshape(-1, 2)
        return bytes(pairs.mean(axis=1).astype("<i2").tobytes())

    def level_dbfs(self, payload: bytes) -> float:
        """RMS level in dB below full scale; -100 for silence or nothing."""
        heard = np.frombuffer(payload[: len(payload) // 2 * 2], dtype=">i2").astype(np.float32)
        if not len(heard):
            return -100.0
        mean_square = float(np.dot(heard, heard)) / len(heard)
        return max(-100.0, 10.0 * float(np.log10(max(mean_square, 1e-9) / 32768.0**2)))
