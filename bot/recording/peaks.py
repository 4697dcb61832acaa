"""How loud each side of a recording is from moment to moment: what its picture is drawn from."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.recording.wav import CHANNELS

MOST_PEAKS: Final = 600


def peaks(text: str) -> list[tuple[int, int]]:
    """The loudest moment of each side in equal parts of a recording, 0…255, caller first."""
    raw = bytes.fromhex(text)
    return list(zip(raw[0::CHANNELS], raw[1::CHANNELS], strict=True))


class Loudest:
    """The peaks of a recording of so many frames, gathered as it is read."""

    def __init__(self, frames: int) -> None:
        self._width = max(1, -(-frames // MOST_PEAKS))
        self._peaks = np.zeros((-(-frames // self._width), CHANNELS), np.uint8)
        self._place = 0

    def add(self, both: NDArray[np.int16]) -> None:
        """The next frames, shape ``(n, 2)``."""
        level = np.minimum(np.abs(both.astype(np.int32)) >> 7, 255).astype(np.uint8)
        parts = (self._place + np.arange(len(both))) // self._width
        known = parts < len(self._peaks)
        np.maximum.at(self._peaks, parts[known], level[known])
        self._place += len(both)

    def as_text(self) -> str:
        """Two bytes for each part, in hexadecimal: what :func:`peaks` reads."""
        return self._peaks.tobytes().hex()
