"""Writes the recordings of a process: calls only note what they hear and play, a thread writes.

A disk that is full or too slow costs the recording and never the call.
"""

import errno
import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Final, Literal

from bot.calllog.recordings import Trouble
from bot.durable import put_in_place, write_beside, write_new
from bot.recording.folder import FILE_MODE, RecordedCall, RecordingFolder
from bot.recording.timeline import HOLD_S, Timeline
from bot.recording.wav import GrowingWav
from bot.records import now

log = logging.getLogger(__name__)

EVERY_S: Final = 0.25
MOST_NOTES: Final = 3000
"""Half a minute of a call that was not written yet: a disk that slow will not catch up."""

Sound = Literal["heard", "queued", "paused", "resumed", "flushed"]


class CallRecording:
    """One call as it is recorded. :meth:`note` and :meth:`close` may be called by any thread."""

    def __init__(self, stem: str, call: RecordedCall, began: float) -> None:
        self.stem = stem
        self.call = call
        self.trouble: Trouble = ""
        self._closed_at: float | None = None
        self._timeline = Timeline(began)
        self._notes: deque[tuple[Sound, float, bytes]] = deque()
        self._file: GrowingWav | None = None

    def note(self, sound: Sound, pcm: bytes = b"") -> None:
        """What has just happened to the sound of the call. Never waits."""
        if self.trouble or self._closed_at is not None:
            return
        if len(self._notes) >= MOST_NOTES:
            self._give_up("slow_disk", "too slow")
            return
        self._notes.append((sound, time.monotonic(), pcm))

    def close(self) -> None:
        """The call is over: nothing more is heard, and nothing more is played."""
        if self._closed_at is None:
            self._closed_at = time.monotonic()

    def write(self, folder: RecordingFolder) -> bool:
        """Write what can be written; whether the recording is over. For the recorder's thread."""
        until = self._closed_at  # before the notes: what came earlier is among them
        if self.trouble:
            self._notes.clear()
        else:
            try:
                self._write(folder, time.monotonic() - HOLD_S if until is None else until)
            except OSError as error:
                full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
                self._give_up("disk_full" if full else "disk_failed", error.strerror or "")
        if until is not None:
            self._end(folder)
        return until is not None

    def _write(self, folder: RecordingFolder, until: float) -> None:
        if self._file is None:
            self._file = self._opened(folder)
        for _ in range(len(self._notes)):
            sound, at, pcm = self._notes.popleft()
            match sound:
                case "heard":
                    self._timeline.heard(at, pcm)
                case "queued":
                    self._timeline.queued(at, pcm)
                case "paused":
                    self._timeline.paused(at)
                case "resumed":
                    self._timeline.resumed(at)
                case "flushed":
                    self._timeline.flushed(at)
        both = self._timeline.take(until)
        if both:
            self._file.append(both)

    def _opened(self, folder: RecordingFolder) -> GrowingWav:
        folder.make()
        write_new(folder.told(self.stem), self.call.as_json().encode(), FILE_MODE)
        return GrowingWav(folder.growing(self.stem))

    def _end(self, folder: RecordingFolder) -> None:
        """Let go of the file, and tell beside it that this was its end, should nobody finish it."""
        self.call = replace(self.call, trouble=self.trouble)
        if self._file is None:
            return
        told = folder.told(self.stem)
        with suppress(OSError):  # the disk may be full; whoever finishes it now is told anyhow
            put_in_place(write_beside(told, self.call.as_json().encode()), told)
        self._file.close()

    def _give_up(self, trouble: Trouble, reason: str) -> None:
        self.trouble = trouble
        log.error(
            "recording given up call_id=%d trouble=%s error=%s", self.call.call_id, trouble, reason
        )


class Recorder:
    """Every recording of a process, written by one thread.

    ``closed`` is told of each that ends: its name, and whose it is with what was wrong.
    """

    def __init__(
        self, folder: RecordingFolder, closed: Callable[[str, RecordedCall], None]
    ) -> None:
        self._folder = folder
        self._closed = closed
        self._going: list[CallRecording] = []
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)

    def start(self) -> None:
        """Begin to write; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """Write what is left of every recording, and end."""
        self._stopped.set()
        self._thread.join()

    def begin(self, call_id: int, channel_id: str) -> CallRecording:
        """The recording of a call that begins now; ``call_id`` is negative for a call without."""
        call = RecordedCall(max(0, call_id), channel_id, now())
        recording = CallRecording(self._folder.new_stem(call_id), call, time.monotonic())
        with self._lock:
            self._going.append(recording)
        return recording

    def _run(self) -> None:
        while not self._stopped.wait(EVERY_S):
            self._write_all()
        with self._lock:
            for recording in self._going:
                recording.close()
        self._write_all()

    def _write_all(self) -> None:
        with self._lock:
            going = tuple(self._going)
        for recording in going:
            try:
                is_over = recording.write(self._folder)
            except Exception:  # the edge of the thread: one recording must not take others along
                log.exception("recorder crashed call_id=%d", recording.call.call_id)
                is_over = True
            if is_over:
                self._end(recording)

    def _end(self, recording: CallRecording) -> None:
        with self._lock:
            self._going.remove(recording)
        self._closed(recording.stem, recording.call)
