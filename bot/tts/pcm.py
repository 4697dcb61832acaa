"""Streams of speech: samples put together, silence before the first sound taken away."""

from collections.abc import Generator, Iterable

import numpy as np
import numpy.typing as npt

from bot.audio import FRAME_BYTES, RATE_HZ, SAMPLE_BYTES, samples

LEAD_MS = 20
"""Silence that stays before the first sound, so that no soft onset is cut."""
_ONSET_DBFS = -55.0
_WINDOW = RATE_HZ * 5 // 1000
"""5 ms. Synthesised pauses measure -60…-90 dBFS in it, the softest onsets of festival's
«с» and «ф» -52."""
_CHUNK_BYTES = 10 * FRAME_BYTES


def whole_samples(chunks: Iterable[bytes]) -> Generator[bytes]:
    """The same bytes in chunks that are not torn inside a sample; a torn end is dropped."""
    rest = b""
    for chunk in chunks:
        data = rest + chunk
        end = len(data) - len(data) % SAMPLE_BYTES
        rest = data[end:]
        if end:
            yield data[:end]


def without_lead(chunks: Iterable[bytes]) -> Generator[bytes]:
    """The stream from 20 ms before its first sound; nothing when it is silent throughout."""
    waiting: bytes | None = b""
    for chunk in chunks:
        if waiting is None:
            yield chunk
            continue
        waiting += chunk
        onset = _onset(waiting)
        if onset is None:
            waiting = waiting[-_kept_while_silent(len(waiting)) :]
            continue
        yield waiting[max(0, onset - RATE_HZ * LEAD_MS // 1000) * SAMPLE_BYTES :]
        waiting = None


def without_tail(pcm: bytes) -> bytes:
    """Whole speech up to its last sound, in whole frames; silence is left as it is.

    For words after which the caller waits for something to happen.
    """
    loud = _loud_windows(pcm)
    if not len(loud):
        return pcm
    end = (int(loud[-1]) + 1) * _WINDOW * SAMPLE_BYTES
    return pcm[: -(-end // FRAME_BYTES) * FRAME_BYTES]


def _onset(pcm: bytes) -> int | None:
    """The sample at which the first 5 ms window louder than a pause begins."""
    loud = _loud_windows(pcm)
    return int(loud[0]) * _WINDOW if len(loud) else None


def _loud_windows(pcm: bytes) -> npt.NDArray[np.intp]:
    """The numbers of the 5 ms windows that are louder than a pause."""
    heard = samples(pcm).astype(np.float32)
    whole = len(heard) // _WINDOW * _WINDOW
    power = np.mean(heard[:whole].reshape(-1, _WINDOW) ** 2, axis=1)
    return np.flatnonzero(power > (32768.0 * 10 ** (_ONSET_DBFS / 20)) ** 2)


def _kept_while_silent(length: int) -> int:
    """Bytes of a silent beginning to keep: the lead and the window that is not full yet."""
    lead = (RATE_HZ * LEAD_MS // 1000 + 2 * _WINDOW) * SAMPLE_BYTES
    return min(length, lead)


def in_frames(chunks: Iterable[bytes]) -> Generator[bytes]:
    """The stream in whole 20 ms frames, 1…10 of them at a time; the last filled with silence."""
    rest = b""
    for chunk in chunks:
        rest += chunk
        end = len(rest) - len(rest) % FRAME_BYTES
        for start in range(0, end, _CHUNK_BYTES):
            yield rest[start : min(start + _CHUNK_BYTES, end)]
        rest = rest[end:]
    if rest:
        yield rest.ljust(FRAME_BYTES, b"\0")
