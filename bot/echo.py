"""Our own voice on its way back, told from the caller's by what we know we have played.

An echo is our sound, later, quieter and a little spread out. So a voice is an echo when a
short filter makes most of it from what was played up to 0.7 s before: that is looked at only
when a voice seems to begin while we speak (6 ms of work). From the first echo on the filter is
known, and a frame of which it leaves next to nothing is not even looked at (50 µs).
"""

from collections import deque
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from bot.audio import FRAME_MS, RATE_HZ, samples
from bot.farend import FarEnd

FRAME_S = FRAME_MS / 1000
FRAME_SAMPLES = FRAME_MS * RATE_HZ // 1000
FULL_SCALE_DB = 90.3
LONGEST_WAY_S = 0.7
"""An echo of 400 ms, and the buffers on both ways."""
WINDOW_FRAMES = 10
"""200 ms: fewer are too short to tell (measured on human speech)."""
TAPS = 48
"""6 ms: the spread of a hybrid's echo, and the strongest part of a room's."""
TAPS_AFTER = 39
"""Of these so many after the strongest one: an echo is spread towards later."""
CANDIDATES = 2
"""By each way of looking for them."""
WHITENING = 0.8
EXPLAINED = 0.45
"""A caller's own voice is explained to 0.2 at most (19 of 20), an echo from 0.8 on."""
EXPLAINED_AGAIN = 0.35
"""Enough at a delay at which an echo has been heard before."""
EXPLAINED_BRIEF = 0.75
"""Of the first sounds of a voice a filter makes more by chance."""
ENOUGH_FRAMES = 6
QUIETER_DB = -20.0
"""What is so much below the loudest frame says little."""
GREATEST_GAIN_DB = -3.0
"""An echo is quieter than what was played."""
UNCLEAR = 0.25
"""From here on a few more frames are waited for."""
MARGIN_DB = 6.0
"""How much louder than its echo alone a caller who speaks over us is."""
SLACK_S = 0.06
"""By how much packets come early or late."""
DYING_S = 0.3
"""How long a room goes on sounding: 60 dB in that time."""
LOOKED_BACK = round((FRAME_S + 2 * SLACK_S + DYING_S) / FRAME_S)
DYING_DB = np.minimum(0.0, (np.arange(LOOKED_BACK, dtype=np.float32) * FRAME_S / DYING_S - 1) * 60)
"""How much of each 20 ms that was looked back at is still to be heard."""
LEAST_REST = 0.05
"""What noise and the codec leave of any echo."""
CLOCK_S = 0.1
"""Frames that come earlier or later than this are not the next ones."""
FRESH_S = 2.0
"""An echo that was told longer ago is told anew: some go away once a canceller has settled."""

Floats = NDArray[np.float32]
Origin = Literal["echo", "unclear", "caller"]


@dataclass(frozen=True)
class _Path:
    """An echo that was heard ``heard_at``."""

    delay_s: float
    gain_db: float
    """How much louder than what was played."""
    rest_db: float
    """How much of it ``taps`` leave over, against the echo."""
    taps: Floats
    """What makes it of what was played, shape ``(TAPS,)``, oldest sample first."""
    heard_at: float
    times: int
    """So often in a row; once may be chance."""


@dataclass(frozen=True)
class _Fit:
    """How well the best filter at one place makes what is heard of what was played."""

    share: float
    """Of the energy, 0…1."""
    at: int
    taps: Floats


class EchoGuard:
    """Tells echo from voice on one line. Belongs to the thread that reads the frames."""

    def __init__(self) -> None:
        self.far_end = FarEnd()
        self._frames: deque[Floats] = deque(maxlen=WINDOW_FRAMES)
        self._now = 0.0
        """The end of the last frame on an even clock: arrivals are early and late."""
        self._path: _Path | None = None

    def hear(self, frame: bytes, at: float) -> None:
        """Take in one frame of 20 ms that arrived ``at`` (monotonic seconds)."""
        self._frames.append(samples(frame).astype(np.float32))
        self._now += FRAME_S
        if abs(self._now - at) > CLOCK_S:
            self._now = at

    @property
    def is_possible(self) -> bool:
        """Whether anything that could come back now was played."""
        return self.far_end.is_audible(self._now - LONGEST_WAY_S, self._now)

    def hides(self, loudness_dbfs: float) -> bool:
        """Whether the last frame holds nothing but the echo that is to be expected in it."""
        path = self._path
        if path is None or path.times < 2 or self._now - path.heard_at > FRESH_S:
            return False
        if not self.is_possible:
            return False
        begin_s = self._now - FRAME_S - path.delay_s - SLACK_S - DYING_S
        played = self.far_end.played(begin_s, LOOKED_BACK * FRAME_SAMPLES)
        expected_db = float((_frame_levels_db(played) + DYING_DB).max()) + path.gain_db
        if loudness_dbfs > expected_db + MARGIN_DB:
            return False
        return self._without_echo_db(path) <= expected_db + path.rest_db + MARGIN_DB

    def _without_echo_db(self, path: _Path) -> float:
        """The level of what the last frame holds besides the echo."""
        begin_s = self._now - FRAME_S - path.delay_s - TAPS_AFTER / RATE_HZ
        played = self.far_end.played(begin_s, FRAME_SAMPLES + TAPS - 1)
        rows = np.lib.stride_tricks.sliding_window_view(played, TAPS)
        return _level_db(self._frames[-1] - rows @ path.taps)

    def origin(self) -> Origin:
        """Whose the voice is that seems to begin in the last frames."""
        heard = np.concatenate(self._frames)
        ahead = int(LONGEST_WAY_S * RATE_HZ)
        begin_s = self._now - (len(heard) + ahead) / RATE_HZ
        played = self.far_end.played(begin_s, len(heard) + ahead)
        if not played.any():
            return "caller"
        mine, theirs = _sharpened(heard), _sharpened(played)
        likely = _likeliest(mine, theirs)
        if self._path is not None:
            likely.append(ahead - round(self._path.delay_s * RATE_HZ))
        fit = max((_fit(mine, theirs, at) for at in likely), key=lambda one: one.share)
        path = self._path_of(fit, (ahead - fit.at) / RATE_HZ, heard, played)
        usual = self._path is not None and abs(self._path.delay_s - path.delay_s) < SLACK_S
        if path.gain_db <= GREATEST_GAIN_DB and fit.share >= _enough(heard, usual=usual):
            before = self._path.times if self._path is not None and usual else 0
            self._path = replace(path, times=before + 1)
            return "echo"
        return "unclear" if fit.share >= UNCLEAR else "caller"

    def _path_of(self, fit: _Fit, delay_s: float, heard: Floats, played: Floats) -> _Path:
        gain_db = _level_db(heard) - _level_db(played[fit.at : fit.at + len(heard)])
        rest_db = 10 * float(np.log10(max(1 - fit.share, LEAST_REST)))
        return _Path(delay_s, gain_db, rest_db, fit.taps, self._now, times=0)


def _enough(heard: Floats, *, usual: bool) -> float:
    """The share of what is heard that must be explained for it to be an echo."""
    levels_db = _frame_levels_db(heard)
    if np.count_nonzero(levels_db > levels_db.max() + QUIETER_DB) < ENOUGH_FRAMES:
        return EXPLAINED_BRIEF
    return EXPLAINED_AGAIN if usual else EXPLAINED


def _sharpened(sound: Floats) -> Floats:
    """With less of the low tones, which are alike in all voices."""
    return sound[1:] - np.float32(0.9) * sound[:-1]


def _likeliest(heard: Floats, played: Floats) -> list[int]:
    """Where in ``played`` something like ``heard`` may begin.

    By cross-correlation, whitened (sharp), and as it is against the level of what was played
    there (an echo that has just begun is like a quiet place before a loud one).
    """
    size = 1 << (len(heard) + len(played) - 1).bit_length()
    count = len(played) - len(heard) + 1
    spectrum = np.fft.rfft(heard, size)
    cross = np.fft.rfft(played, size) * np.conj(spectrum)
    plain = np.abs(np.fft.irfft(cross, size)[:count])
    white = np.abs(np.fft.irfft(cross / (np.abs(spectrum) ** WHITENING + 1e-3), size)[:count])
    energy = np.concatenate((np.zeros(1), np.cumsum(played.astype(np.float64) ** 2)))
    level = np.sqrt(energy[len(heard) :] - energy[:count] + len(heard))
    return _peaks(white) + _peaks((plain / level).astype(np.float32))


def _peaks(likeness: Floats) -> list[int]:
    found = []
    for _ in range(CANDIDATES):
        at = int(np.argmax(likeness))
        found.append(at)
        likeness[max(0, at - TAPS) : at + TAPS] = 0
    return found


def _fit(heard: Floats, played: Floats, at: int) -> _Fit:
    """The best short filter that makes ``heard`` of ``played`` from about ``at`` on."""
    first = at - TAPS_AFTER
    padded = np.pad(played, (max(0, -first), TAPS))[max(0, first) :]
    rows = np.lib.stride_tricks.sliding_window_view(padded[: len(heard) + TAPS - 1], TAPS)
    normal = rows.T @ rows
    normal[np.diag_indices(TAPS)] += 1e-3 * np.trace(normal) / TAPS + 1.0
    taps = np.linalg.solve(normal, rows.T @ heard)
    rest = heard - rows @ taps
    share = 1.0 - float(rest @ rest) / (float(heard @ heard) + 1.0)
    return _Fit(share, at, taps.astype(np.float32))


def _level_db(sound: Floats) -> float:
    return float(10 * np.log10(np.mean(sound**2) + 1e-3)) - FULL_SCALE_DB


def _frame_levels_db(sound: Floats) -> Floats:
    """The level of each 20 ms, shape ``(frames,)``."""
    frames = sound.reshape(-1, FRAME_SAMPLES)
    levels: Floats = 10 * np.log10(np.mean(frames**2, axis=1) + np.float32(1e-3)) - FULL_SCALE_DB
    return levels
