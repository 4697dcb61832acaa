"""A WAV file that grows: whatever happens to its writer, it can be played up to the last second.

RIFF/WAVE with one PCM chunk of s16le stereo (8 kHz): 44 bytes, then the samples
(Multimedia Programming Interface and Data Specifications 1.0, IBM and Microsoft, 1991).
"""

import fcntl
import os
import struct
from pathlib import Path
from typing import BinaryIO, Final, Self

from bot.audio import RATE_HZ, SAMPLE_BYTES
from bot.recording.folder import FILE_MODE

CHANNELS: Final = 2
FRAME: Final = CHANNELS * SAMPLE_BYTES
"""Bytes of one moment of both sides."""
HEADER: Final = struct.Struct("<4sI4s4sIHHIIHH4sI")


class GrowingWav:
    """Made new, for its owner only, and locked until it is closed or its process has ended.

    Everything may raise ``OSError``: a full disk, above all.
    """

    def __init__(self, path: Path) -> None:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, FILE_MODE)
        self._file = os.fdopen(descriptor, "wb", buffering=0)
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self._bytes = 0
        self._write(_header(0), 0)

    def append(self, both: bytes) -> None:
        """Add samples of both sides, and tell in the header that they are there."""
        self._write(both, HEADER.size + self._bytes)
        self._bytes += len(both)
        self._write(_header(self._bytes), 0)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def _write(self, data: bytes, at: int) -> None:
        while data:  # a disk that is nearly full takes a part, and tells at the next attempt
            written = os.pwrite(self._file.fileno(), data, at)
            data, at = data[written:], at + written


class FinishedWav:
    """A WAV that nobody writes any more, held so that nobody else works on it.

    Raises :class:`BlockingIOError` while somebody does, ``FileNotFoundError`` once it is gone.
    """

    def __init__(self, path: Path) -> None:
        self._file: BinaryIO = path.open("rb")
        try:
            fcntl.flock(self._file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
            if not os.fstat(self._file.fileno()).st_nlink:
                raise FileNotFoundError(path)
        except OSError:
            self._file.close()
            raise
        size = os.fstat(self._file.fileno()).st_size
        self.frames = max(0, size - HEADER.size) // FRAME
        """By the file's length: the header may be a moment behind."""
        self._file.seek(HEADER.size)

    def read(self, frames: int) -> bytes:
        """The next samples of both sides, at most so many frames; nothing at the end."""
        data = self._file.read(frames * FRAME)
        return data[: len(data) // FRAME * FRAME]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


def _header(data_bytes: int) -> bytes:
    rate = RATE_HZ * FRAME
    return HEADER.pack(
        b"RIFF", HEADER.size - 8 + data_bytes, b"WAVE", b"fmt ", 16, 1, CHANNELS, RATE_HZ, rate,
        FRAME, 8 * SAMPLE_BYTES, b"data", data_bytes,
    )  # fmt: skip
