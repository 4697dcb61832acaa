"""Both sides of a call on one clock: pure, from moments and samples to stereo samples.

All moments are monotonic seconds; all sound is s16le, 8000 Hz. What has been laid down can still
be put right for :data:`HOLD_S`, then it is taken.
"""

from typing import Final

import numpy as np

from bot.audio import RATE_HZ, SAMPLE_BYTES, samples

HOLD_S: Final = 1.0
LATE: Final = 60 * RATE_HZ // 1000
"""Samples: a longer gap in what arrives is silence, not jitter (as in :mod:`bot.listening`)."""
AHEAD: Final = 20 * RATE_HZ // 1000
"""Samples: sound further ahead of the clock was late before, or comes from a faster clock."""
PLAY_DELAY_S: Final = 0.01
"""From what we send, or from a pause, to what is heard of it: Asterisk acts at its next frame, at
most 20 ms later (measured on 22.10, from the caller's side of a call on loopback)."""


class Timeline:
    """One call since ``began``. Moments of each side do not go back; the sides may differ."""

    def __init__(self, began: float) -> None:
        self._began = began
        self._taken = 0
        self._heard = bytearray()  # not taken yet, like what was played
        self._fill_at = self._fill = 0  # the last silence stood in, in samples of what is not taken
        self._has_heard = False
        self._played = bytearray()
        self._queue = bytearray()
        self._paused = False

    def heard(self, at: float, pcm: bytes) -> None:
        """The caller's sound arrived whole at that moment."""
        length = len(pcm) // SAMPLE_BYTES
        lag = self._place(at) - length - self._heard_end
        if lag > LATE or not self._has_heard:
            self._stand_in(max(0, lag))
        elif lag < -AHEAD:
            pcm = self._catch_up(-lag, pcm)
        self._has_heard = True
        self._heard += pcm[: length * SAMPLE_BYTES]

    def queued(self, at: float, pcm: bytes) -> None:
        """Sound of ours was sent, to be played behind what was sent before."""
        self._play_until(at)
        self._queue += pcm

    def paused(self, at: float) -> None:
        """Nothing is played any more; what is queued stays."""
        self._play_until(at)
        self._paused = True

    def resumed(self, at: float) -> None:
        """It is played on from the same sample."""
        self._play_until(at)
        self._paused = False

    def flushed(self, at: float) -> None:
        """What is queued will never be played."""
        self._play_until(at)
        self._queue.clear()
        self._paused = False

    def take(self, until: float) -> bytes:
        """What both sides said up to a moment, since the last time: s16le stereo, frame by frame.

        Silence stands for what has not arrived; it cannot be put right any more.
        """
        count = self._place(until) - self._taken
        if count <= 0:
            return b""
        self._play_until(until)
        self._heard += bytes(max(0, count * SAMPLE_BYTES - len(self._heard)))
        both = np.empty((count, 2), "<i2")
        for side, laid in enumerate((self._heard, self._played)):
            both[:, side] = samples(bytes(laid[: count * SAMPLE_BYTES]))
            del laid[: count * SAMPLE_BYTES]
        self._taken += count
        self._fill_at -= count
        return both.tobytes()

    @property
    def _heard_end(self) -> int:
        return self._taken + len(self._heard) // SAMPLE_BYTES

    def _place(self, at: float) -> int:
        return round((at - self._began) * RATE_HZ)

    def _stand_in(self, count: int) -> None:
        self._fill_at, self._fill = self._heard_end - self._taken, count
        self._heard += bytes(count * SAMPLE_BYTES)

    def _catch_up(self, ahead: int, pcm: bytes) -> bytes:
        """Take silence back that was stood in for frames that came after all.

        Where there is none, a sample of each frame goes: two clocks differ by far less.
        """
        back = min(ahead, self._fill) if self._fill_at >= 0 else 0
        if not back:
            return pcm[:-SAMPLE_BYTES]
        start = self._fill_at * SAMPLE_BYTES
        del self._heard[start : start + back * SAMPLE_BYTES]
        self._fill -= back
        return pcm

    def _play_until(self, at: float) -> None:
        """Move what was played from the queue, as far as time and a pause allow."""
        end = self._place(at + PLAY_DELAY_S)
        count = end - self._taken - len(self._played) // SAMPLE_BYTES
        if count <= 0:
            return
        length = 0 if self._paused else min(count * SAMPLE_BYTES, len(self._queue))
        self._played += self._queue[:length]
        del self._queue[:length]
        self._played += bytes(count * SAMPLE_BYTES - length)
