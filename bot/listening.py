"""The caller's side of a call: keeps what they said and tells when voice starts and stops.

Fed by the media thread, read by the call's thread.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from bot.audio import BYTES_PER_S, FRAME_BYTES, FRAME_MS, SAMPLE_BYTES
from bot.farend import FarEnd
from bot.vad import VoiceChange, VoiceDetector

PRE_ROLL_S = 0.8
"""Kept before the first voiced frame: recognisers lose an onset that is cut."""
LONGEST_KEPT_S = 40.0
LATE_AFTER_MS = 120
"""A gap in the frames that is longer than this is silence; a shorter one is a busy machine, and
silence put into the middle of a word would be heard by the recogniser."""

CLOCK_DRIFT_S = 20e-6
"""Forgiven in each frame: the far clock may be 0.1 % slower than ours."""


@dataclass(frozen=True)
class Spoken:
    """An utterance: s16le mono 8000 Hz with its pre-roll, and how much of it was voice."""

    pcm: bytes
    voiced_s: float


VoiceListener = Callable[[VoiceChange, float], None]


class Listener:
    """Everything heard since the last turn, and the voice in it.

    ``on_voice(change, at)`` is called in the thread that fed the frame; ``at`` is the
    monotonic time at which voice really began or ended, as far as the detector can tell.
    """

    def __init__(
        self,
        detector: VoiceDetector,
        on_voice: VoiceListener,
        on_lateness: Callable[[float], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._detector = detector
        self._on_voice = on_voice
        self._on_lateness = on_lateness
        self._lock = threading.Lock()
        self._kept = bytearray()
        self._torn = b""
        self._utterance_open = False
        self._voiced_frames = 0
        self._last_frame_at: float | None = None
        self._due_at = 0.0

    @property
    def far_end(self) -> FarEnd:
        """To be told what we play: some of it comes back."""
        return self._detector.echo.far_end

    def hear(self, frame: bytes) -> None:
        """Take in one frame that has just arrived, of 20 ms as a rule."""
        with self._lock:
            arrived_at = self._clock()
            self._fill_gap(arrived_at)
            self._watch_lateness(len(frame) / BYTES_PER_S, arrived_at)
            self._last_frame_at = arrived_at
            self._detect(frame, arrived_at)

    def check_silence(self) -> None:
        """Notice that frames have stopped coming; called from the call's own timer."""
        with self._lock:
            if self._last_frame_at is not None and self._detector.voice:
                self._fill_gap(self._clock())

    def utterance(self) -> Spoken:
        """What was said since the last :meth:`forget`."""
        with self._lock:
            return Spoken(bytes(self._kept), self._voiced_frames * FRAME_MS / 1000)

    def forget(self) -> None:
        """The utterance is dealt with: keep only a pre-roll (all of it while voice is on)."""
        with self._lock:
            self._utterance_open = self._detector.voice
            self._voiced_frames = 0
            self._trim()

    def _detect(self, pcm: bytes, arrived_at: float) -> None:
        """Give the detector its 20 ms pieces: Asterisk passes on whatever the caller sends.

        Our own echo is not kept: a recogniser would take it for the caller's words.
        """
        self._torn += pcm
        while len(self._torn) >= FRAME_BYTES:
            piece, self._torn = self._torn[:FRAME_BYTES], self._torn[FRAME_BYTES:]
            change = self._detector.hear(piece, arrived_at)
            self._keep(bytes(FRAME_BYTES) if self._detector.hidden else piece)
            self._tell(change, arrived_at)
            self._voiced_frames += self._detector.voice

    def _fill_gap(self, now: float) -> None:
        """Stand in silence for frames that never came, so that pauses keep their length."""
        if self._last_frame_at is None:
            return
        gap_ms = int((now - self._last_frame_at) * 1000) - FRAME_MS
        if gap_ms < LATE_AFTER_MS:
            return
        self._keep(bytes(min(gap_ms, 1000) * BYTES_PER_S // 1000 // SAMPLE_BYTES * SAMPLE_BYTES))
        self._last_frame_at = now - FRAME_MS / 1000
        self._tell(self._detector.hear_nothing(gap_ms), now)

    def _keep(self, pcm: bytes) -> None:
        self._kept += pcm
        self._trim()

    def _trim(self) -> None:
        keep_s = LONGEST_KEPT_S if self._utterance_open else PRE_ROLL_S
        surplus = len(self._kept) - int(keep_s * BYTES_PER_S)
        if surplus > 0:
            del self._kept[:surplus]

    def _tell(self, change: VoiceChange | None, now: float) -> None:
        if change is None:
            return
        if change is VoiceChange.STARTED:
            self._utterance_open = True
        self._on_voice(change, now - self._detector.quiet_ms / 1000)

    def _watch_lateness(self, frame_s: float, arrived_at: float) -> None:
        """How late the frame is against the steady beat of those before it."""
        self._due_at += frame_s + CLOCK_DRIFT_S
        late_s = arrived_at - self._due_at
        if late_s < 0 or late_s > 1.0:  # earlier than the beat so far, or a beat that began anew
            self._due_at = arrived_at
            late_s = 0.0
        self._on_lateness(late_s)
