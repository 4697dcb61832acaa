"""What of us sounds at the far end, and when: the reference that our echo is told by."""

import threading
from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.audio import RATE_HZ, samples

Floats = NDArray[np.float32]
KEPT_S = 2.0


@dataclass(frozen=True)
class _Piece:
    begin_s: float
    sound: Floats

    @property
    def end_s(self) -> float:
        return self.begin_s + len(self.sound) / RATE_HZ


class FarEnd:
    """The sound of one call's assistant on the clock of its playing. Thread-safe.

    Told by the speaker, asked by the listener. All times are monotonic seconds; the far end
    really plays a little later, which counts as a part of the echo's way.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pieces: deque[_Piece] = deque()
        self._held: list[Floats] = []
        """What is not played because of a pause."""
        self._paused = False

    def sent(self, pcm: bytes, now: float) -> None:
        """That much was queued behind what is queued already."""
        sound = samples(pcm).astype(np.float32)
        with self._lock:
            if self._paused:
                self._held.append(sound)
            else:
                self._place(sound, now)

    def pause(self, now: float) -> None:
        """The far end stopped playing."""
        with self._lock:
            self._held += self._cut(now)
            self._paused = True

    def resume(self, now: float) -> None:
        """The far end plays on."""
        with self._lock:
            self._paused = False
            held, self._held = self._held, []
            for sound in held:
                self._place(sound, now)

    def flush(self, now: float) -> None:
        """What was not played yet never will be."""
        with self._lock:
            self._cut(now)
            self._held.clear()
            self._paused = False

    def is_audible(self, begin_s: float, end_s: float) -> bool:
        """Whether we sounded at any moment between these; costs next to nothing."""
        with self._lock:
            return any(
                piece.begin_s < end_s and piece.end_s > begin_s for piece in reversed(self._pieces)
            )

    def played(self, begin_s: float, count: int) -> Floats:
        """``count`` samples from ``begin_s`` on, zeros where we were silent; shape ``(count,)``."""
        whole = np.zeros(count, dtype=np.float32)
        with self._lock:
            for piece in self._pieces:
                at = round((piece.begin_s - begin_s) * RATE_HZ)
                first, last = max(0, at), min(count, at + len(piece.sound))
                if first < last:
                    whole[first:last] = piece.sound[first - at : last - at]
        return whole

    def _place(self, sound: Floats, now: float) -> None:
        begin_s = max(now, self._pieces[-1].end_s) if self._pieces else now
        self._pieces.append(_Piece(begin_s, sound))
        while self._pieces[0].end_s < now - KEPT_S:
            self._pieces.popleft()

    def _cut(self, now: float) -> list[Floats]:
        """Take away what comes after ``now``."""
        taken: deque[Floats] = deque()
        while self._pieces and self._pieces[-1].end_s > now:
            piece = self._pieces.pop()
            played = max(0, round((now - piece.begin_s) * RATE_HZ))
            taken.appendleft(piece.sound[played:])
            if played:
                self._pieces.append(_Piece(piece.begin_s, piece.sound[:played]))
                break
        return list(taken)
