"""A finished recording as FLAC, two fifths of the size, and its picture.

FLAC because it loses nothing, every browser plays and seeks in it, and a three-minute call takes
50 ms of one core; Opus would be a quarter of that size for ten times the work.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import av
import numpy as np
from av.error import FFmpegError
from numpy.typing import NDArray

from bot.audio import RATE_HZ
from bot.recording.wav import CHANNELS, FinishedWav

_BLOCK: Final = 10 * RATE_HZ
MOST_PEAKS: Final = 600


def encode(wav: FinishedWav, flac: Path) -> str:
    """Write the recording over a file, and return its :func:`peaks`; raises ``OSError``."""
    loudest = _Loudest(wav.frames)
    try:
        with av.open(str(flac), "w", format="flac") as container:
            stream = container.add_stream("flac", rate=RATE_HZ, layout="stereo")
            for both in _blocks(wav):
                loudest.add(both)
                container.mux(stream.encode(_frame(both)))
            container.mux(stream.encode(None))
    except FFmpegError as error:
        raise OSError(error.errno, error.strerror) from error
    return loudest.as_text()


def _frame(both: NDArray[np.int16]) -> av.AudioFrame:
    frame = av.AudioFrame.from_ndarray(both.reshape(1, -1), format="s16", layout="stereo")
    frame.sample_rate = RATE_HZ
    return frame


def peaks(text: str) -> list[tuple[int, int]]:
    """The loudest moment of each side in equal parts of a recording, 0…255, caller first."""
    raw = bytes.fromhex(text)
    return list(zip(raw[0::CHANNELS], raw[1::CHANNELS], strict=True))


def _blocks(wav: FinishedWav) -> Iterator[NDArray[np.int16]]:
    while block := wav.read(_BLOCK):
        yield np.frombuffer(block, "<i2").reshape(-1, CHANNELS)


class _Loudest:
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
        """Two bytes for each part, in hexadecimal."""
        return self._peaks.tobytes().hex()
