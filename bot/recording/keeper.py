"""Looks after the files of the recordings: finishes them, and deletes them with their calls.

What is to be done is told by the folder and the call log alone, so that any number of processes
may look after one folder, and any of them may be killed at any moment.
"""

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from bot.audio import RATE_HZ
from bot.calllog import CallLog, CallLogError
from bot.calllog.recordings import (
    Recording,
    call_of,
    expire,
    forget,
    older,
    without_call,
    write_recording,
)
from bot.calllog.retention import Period
from bot.durable import put_in_place, sync_file
from bot.recording.folder import FILE_MODE, RecordedCall, RecordingFolder
from bot.recording.wav import FinishedWav
from bot.records import now

log = logging.getLogger(__name__)

LOOK_S: Final = 10.0
"""Between two looks: calls are deleted by other processes too."""
AGAIN_S: Final = 2.0
"""The same while a recording of this process waits for its call, or for room on the disk."""
_NAMELESS: Final = timedelta(days=1)
"""So long the call of a recording may stay out of the call log, its database being away."""


class RecordingKeeper:
    """A thread that works through the folder whenever it is woken, and every ten seconds.

    With a ``period``, recordings are deleted when they have been kept for it.
    """

    def __init__(
        self,
        folder: RecordingFolder,
        calllog: CallLog,
        period: Period | None,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._folder = folder
        self._calllog = calllog
        self._period = period
        self._clock = clock
        self._closed: dict[str, RecordedCall] = {}
        self._wanted = threading.Event()
        self._stopped = False
        self._told_of = ""
        self._thread = threading.Thread(target=self._run, name="recordings", daemon=True)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """Do what is to be done once more, and end."""
        self._stopped = True
        self._wanted.set()
        self._thread.join()

    def closed(self, stem: str, call: RecordedCall) -> None:
        """A recording of this process is over; from any thread, returns at once."""
        self._closed[stem] = call
        self._wanted.set()

    def look_after(self) -> None:
        """Do everything there is to do now; raises :class:`CallLogError` or ``OSError``.

        Without a folder nothing is done: another host may have it.
        """
        if not self._folder.path.is_dir():
            return
        self._delete_with_calls()  # before anything is written: the disk may be full
        self._delete_old()
        for stem in [*self._folder.unfinished(), *self._never_begun()]:
            with suppress(BlockingIOError, FileNotFoundError):  # somebody writes or finishes it
                self._finish(stem)

    def _run(self) -> None:
        is_last = False
        while not is_last:
            self._wanted.wait(AGAIN_S if self._closed else LOOK_S)
            self._wanted.clear()
            is_last = self._stopped  # what was closed before is found now
            try:
                self.look_after()
                self._told_of = ""
            except (CallLogError, OSError) as error:
                self._tell(str(error))
            except Exception:  # the edge of the thread: it must live on for the next recording
                log.exception("recordings crashed")

    def _tell(self, trouble: str) -> None:
        """Say once what everything waits for."""
        if trouble != self._told_of:
            log.warning("event=recordings_wait error=%s", trouble)
        self._told_of = trouble

    def _never_begun(self) -> list[str]:
        """Recordings of this process whose file could not even be made."""
        return [stem for stem in list(self._closed) if not self._folder.growing(stem).exists()]

    def _finish(self, stem: str) -> None:
        path = self._folder.growing(stem)
        if not path.exists():
            self._enter(stem, self._closed[stem], None)
            return
        with FinishedWav(path) as wav:
            self._enter(stem, self._told(stem, wav), wav)

    def _enter(self, stem: str, call: RecordedCall, wav: FinishedWav | None) -> None:
        """Put a recording on record, as FLAC; one whose call is gone goes too."""
        number = call.call_id or self._number_of(call)
        if number is None and self._clock() - call.began_at < _NAMELESS:
            return  # the call itself is not on record yet
        if number is not None and self._is_entered(self._made(stem, number, call, wav)):
            self._folder.growing(stem).unlink(missing_ok=True)
            self._folder.told(stem).unlink(missing_ok=True)
        else:
            self._folder.remove(stem)
        self._closed.pop(stem, None)

    def _is_entered(self, recording: Recording) -> bool:
        with self._calllog.connection() as connection:
            return write_recording(connection, recording)

    def _made(
        self, stem: str, number: int, call: RecordedCall, wav: FinishedWav | None
    ) -> Recording:
        if wav is None or not wav.frames:
            return Recording(number, stem, "lost", call.trouble, call.began_at)
        path = self._folder.finished(stem)
        picture = _encoded(wav, path)
        seconds, size = round(wav.frames / RATE_HZ, 3), path.stat().st_size
        log.info("call recorded call_id=%d seconds=%.1f bytes=%d", number, seconds, size)
        return Recording(number, stem, "kept", call.trouble, call.began_at, seconds, size, picture)

    def _told(self, stem: str, wav: FinishedWav) -> RecordedCall:
        """Whose recording a file is; of this process, or as it says beside it."""
        if stem in self._closed:
            return self._closed[stem]
        try:
            return RecordedCall.of_json(self._folder.told(stem).read_text("utf-8"))
        except (OSError, ValueError, KeyError, TypeError):  # what stood beside it was lost
            ended = datetime.fromtimestamp(self._folder.growing(stem).stat().st_mtime, UTC)
            began = ended - timedelta(seconds=wav.frames / RATE_HZ)
            return RecordedCall(int(stem.partition("-")[0]), "", began)

    def _number_of(self, call: RecordedCall) -> int | None:
        with self._calllog.connection() as connection:
            return call_of(connection, call.channel_id, call.began_at)

    def _delete_with_calls(self) -> None:
        """Recordings whose call somebody has deleted, or that outlived its own period."""
        while gone := self._read(without_call):
            for _, stem in gone:
                self._folder.remove(stem)
            with self._calllog.connection() as connection:
                forget(connection, [number for number, _ in gone])
            log.info("event=recordings_deleted recordings=%d", len(gone))

    def _delete_old(self) -> None:
        if self._period is None:
            return
        oldest_kept = self._period.oldest_kept(self._clock())
        while old := self._read(lambda connection: older(connection, oldest_kept)):
            for _, stem in old:
                self._folder.remove(stem)
            with self._calllog.connection() as connection:
                expire(connection, [number for number, _ in old])
            log.info("event=old_recordings_deleted recordings=%d", len(old))

    def _read(self, rows: Callable[..., list[tuple[int, str]]]) -> list[tuple[int, str]]:
        with self._calllog.connection() as connection:
            return rows(connection)


def _encoded(wav: FinishedWav, path: Path) -> str:
    """Make the FLAC beside its place and put it there whole; returns the picture."""
    from bot.recording.flac import encode  # its library takes 19 MB: only where it is needed

    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    part.touch(FILE_MODE)
    picture = encode(wav, part)
    sync_file(part)
    put_in_place(part, path)
    return picture
