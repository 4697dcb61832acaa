"""G.711: the two companding laws of telephone lines, as tables (ITU-T G.711).

Only the decoders are formulas; a sample is encoded as the code whose level is nearest,
which is what the standard's decision values amount to.
"""

from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from bot.audio import RATE_HZ, samples

Law = Literal["PCMU", "PCMA"]


@dataclass(frozen=True, eq=False)
class Codec:
    """One law: ``levels`` of the 256 codes, the ``codes`` of the 65536 samples."""

    name: Law
    payload_type: int
    levels: NDArray[np.int16]
    codes: NDArray[np.uint8]
    silence: bytes
    """The code of a zero sample."""
    frame_ticks: int = RATE_HZ // 50
    """Samples in 20 ms, which are codes and bytes too."""
    frame_bytes: int = RATE_HZ // 50

    def encode(self, pcm: bytes) -> bytes:
        """One byte for each s16le sample."""
        return self.codes[samples(pcm).view(np.uint16)].tobytes()

    def decode(self, payload: bytes) -> bytes:
        """s16le samples, two bytes for each code."""
        return self.levels[np.frombuffer(payload, dtype=np.uint8)].astype("<i2").tobytes()

    def level_dbfs(self, payload: bytes) -> float:
        """RMS level in dB below full scale; -100 for silence or nothing."""
        if not payload:
            return -100.0
        decoded = self.levels[np.frombuffer(payload, dtype=np.uint8)].astype(np.float32)
        mean_square = float(np.dot(decoded, decoded)) / len(payload)
        return max(-100.0, 10.0 * float(np.log10(max(mean_square, 1e-9) / 32768.0**2)))


@cache
def codec(law: Law) -> Codec:
    """The codec of ``law``; payload types are RFC 3551's static ones."""
    levels = _mu_law_levels() if law == "PCMU" else _a_law_levels()
    codes = _nearest_codes(levels)
    payload_type = 0 if law == "PCMU" else 8
    return Codec(law, payload_type, levels, codes, bytes([int(codes[0])]))


def _mu_law_levels() -> NDArray[np.int16]:
    code = ~np.arange(256) & 0xFF
    magnitude = ((((code & 0x0F) << 3) + 0x84) << ((code & 0x70) >> 4)) - 0x84
    levels: NDArray[np.int16] = np.where(code & 0x80, -magnitude, magnitude).astype(np.int16)
    return levels


def _a_law_levels() -> NDArray[np.int16]:
    code = np.arange(256) ^ 0x55
    segment = (code & 0x70) >> 4
    magnitude = ((code & 0x0F) << 4) + np.where(segment, 0x108, 8)
    magnitude = magnitude << np.maximum(segment - 1, 0)
    levels: NDArray[np.int16] = np.where(code & 0x80, magnitude, -magnitude).astype(np.int16)
    return levels


def _nearest_codes(levels: NDArray[np.int16]) -> NDArray[np.uint8]:
    """The code nearest to every sample, indexed by the sample's unsigned bits."""
    order = np.lexsort((-np.arange(256), levels))  # of the two zeros of mu-law, 0xFF
    ordered = levels[order].astype(np.int32)
    sample = np.arange(65536).astype(np.uint16).view(np.int16).astype(np.int32)
    borders = (ordered[:-1] + ordered[1:]) / 2
    return order[np.searchsorted(borders, sample, side="left")].astype(np.uint8)
