"""One festival process with the Russian voice, fed sentences over a pipe.

festival is a Scheme interpreter: what it is told is code, so text is reduced to letters,
digits and punctuation (:func:`bot.tts.readable.readable`) before it is put between quotes.
"""

import os
import select
import subprocess
import time

from bot.errors import ErrorKind

VOICE = "msu_ru_nsh_clunits"
RATE_HZ = 16_000
_MARK = b"@@"
_CURRENT_VOICE = "(if (symbol-bound? 'current-voice) current-voice 'none)"


class FestivalError(Exception):
    """The process died, hung, or has no Russian voice; it must not be used again."""

    def __init__(self, kind: ErrorKind, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class Festival:
    """A running festival; not thread-safe: one sentence at a time."""

    def __init__(self, program: str, timeout_s: float) -> None:
        """Start it and load the voice (about 0.5 s); raises :class:`FestivalError`."""
        self._sound = os.memfd_create("festival-sound")  # leaves no file behind, whatever ends
        self._unread = b""
        try:
            self._process = subprocess.Popen(  # noqa: S603  # no shell; text is reduced to words
                [program, "--pipe"],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,  # its standard output is buffered, this is not
                bufsize=0,
                pass_fds=(self._sound,),
                start_new_session=True,  # Ctrl-C is for us: calls are drained first
            )
        except OSError as error:
            os.close(self._sound)
            raise FestivalError(
                "permanent", f"{program} cannot be started: {error.strerror}"
            ) from error
        try:
            self._load(timeout_s)
        except FestivalError:
            self.close()
            raise

    def _load(self, timeout_s: float) -> None:
        voice = self._run(f"(voice_{VOICE})", timeout_s)
        if voice != VOICE:
            raise FestivalError("permanent", "festival has no Russian voice; install festvox-ru")

    def say(self, text: str, timeout_s: float) -> bytes:
        """The sentence as s16le, mono, 16 kHz; empty when the voice could not read it.

        ``text`` must come from :func:`bot.tts.readable.readable`. After
        :class:`FestivalError` the process is of no use.
        """
        os.ftruncate(self._sound, 0)
        self._run(
            f'(utt.save.wave (utt.synth (Utterance Text "{text}"))'
            f' "/proc/self/fd/{self._sound}" \'raw)',
            timeout_s,
        )
        return os.pread(self._sound, os.fstat(self._sound).st_size, 0)

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stderr):
            if pipe is not None:
                pipe.close()
        os.close(self._sound)

    def _run(self, command: str, timeout_s: float) -> str:
        """Do ``command``, wait for its end, return the current voice's name."""
        marked = f'{command}\n(format stderr "\\n@@%s@@\\n" {_CURRENT_VOICE})\n'
        pipe = self._process.stdin
        try:
            if pipe is not None:
                pipe.write(marked.encode())
        except OSError as error:
            raise FestivalError("transient", "festival died") from error
        return self._wait_for_mark(time.monotonic() + timeout_s)

    def _wait_for_mark(self, end: float) -> str:
        pipe = self._process.stderr
        descriptor = pipe.fileno() if pipe is not None else -1
        while True:
            *lines, self._unread = self._unread.split(b"\n")
            for line in lines:
                if line.startswith(_MARK) and line.endswith(_MARK):
                    return line.strip(_MARK).decode("ascii", "replace")
            ready = select.select([descriptor], [], [], max(0.0, end - time.monotonic()))[0]
            if not ready:
                raise FestivalError("timeout", "festival hangs")
            data = os.read(descriptor, 4096)
            if not data:
                raise FestivalError("transient", "festival died")
            self._unread += data
