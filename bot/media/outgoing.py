"""What is still to be played on a leg that we pace ourselves, and the marks in it."""

import threading
from collections import deque

from bot.audio import FRAME_BYTES
from bot.media import MediaEvent, OnEvent

SILENCE = bytes(FRAME_BYTES)


class Outgoing:
    """A queue of samples that is taken frame by frame. Thread-safe.

    The counterpart of what ``chan_websocket`` does inside Asterisk: the tail of an utterance
    that fills no frame waits for more, or for :meth:`finish`; marks are told of one frame
    after their last sample was taken, and not during a pause; a flush forgets them.
    """

    def __init__(self, on_event: OnEvent) -> None:
        self._on_event = on_event
        self._lock = threading.Lock()
        self._samples = bytearray()
        self._marks: deque[tuple[int, MediaEvent]] = deque()
        """Each with the number of the first byte after it."""
        self._queued = 0
        self._taken = 0
        self._open = False
        self._paused = False

    def begin(self) -> None:
        """An utterance begins."""
        with self._lock:
            self._open = True

    def send(self, pcm: bytes) -> None:
        """Queue s16le samples."""
        with self._lock:
            self._samples += pcm
            self._queued += len(pcm)

    def mark(self, mark: str) -> None:
        """Ask for a ``played`` event."""
        with self._lock:
            self._marks.append((self._queued, MediaEvent("played", mark)))

    def finish(self, mark: str) -> None:
        """The utterance is complete; ask for a ``finished`` event."""
        with self._lock:
            self._open = False
            self._marks.append((self._queued, MediaEvent("finished", mark)))

    def pause(self) -> None:
        """Give silence, and keep what is queued."""
        with self._lock:
            self._paused = True

    def resume(self) -> None:
        """Give what is queued again, from the same sample."""
        with self._lock:
            self._paused = False

    def flush(self) -> None:
        """Drop everything, and be ready to play."""
        with self._lock:
            self._samples.clear()
            self._marks.clear()
            self._taken = self._queued
            self._open = self._paused = False

    def next_frame(self) -> bytes:
        """The next 20 ms, silence when there is nothing to play; tells of marks gone by."""
        with self._lock:
            if self._paused:
                return SILENCE
            passed = self._passed_marks()
            frame = self._take()
        for event in passed:
            self._on_event(event)
        return frame

    def _passed_marks(self) -> list[MediaEvent]:
        passed = []
        while self._marks and self._marks[0][0] <= self._taken:
            passed.append(self._marks.popleft()[1])
        return passed

    def _take(self) -> bytes:
        if not self._samples or (self._open and len(self._samples) < FRAME_BYTES):
            return SILENCE
        frame = bytes(self._samples[:FRAME_BYTES])
        del self._samples[:FRAME_BYTES]
        self._taken += len(frame)
        return frame.ljust(FRAME_BYTES, b"\0")
