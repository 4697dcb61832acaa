"""The last stand-by: espeak-ng as a subprocess (it is GPL-3 and is never linked)."""

import io
import subprocess
import wave
from collections.abc import Generator

import numpy as np
import soxr

from bot.audio import RATE_HZ
from bot.deadline import Deadline
from bot.errors import ProviderError
from bot.russian.spoken import speakable
from bot.tts.clauses import clauses
from bot.tts.loudness import levelled
from bot.tts.pace import NORMAL
from bot.tts.readable import readable

_LONGEST_CHARACTERS = 250
_WORDS_A_MINUTE = 150


class EspeakVoice:
    """A process for each clause; see :class:`bot.tts.Synthesiser`."""

    name = "espeak-ng"

    def __init__(self, program: str = "espeak-ng") -> None:
        self._program = program

    @property
    def voice_key(self) -> str:
        """See :class:`bot.tts.Synthesiser`."""
        return f"{self.name}:ru:{_WORDS_A_MINUTE}"

    def warm_up(self) -> None:
        """Nothing to make ready."""

    def close(self) -> None:
        """Nothing to close."""

    def synthesise(self, text: str, deadline: Deadline, pace: float = NORMAL) -> Generator[bytes]:
        """See :class:`bot.tts.Synthesiser`."""
        for clause in clauses(readable(speakable(text)), _LONGEST_CHARACTERS):
            yield self._speak(clause, round(_WORDS_A_MINUTE * pace), deadline)

    def _speak(self, clause: str, words_a_minute: int, deadline: Deadline) -> bytes:
        command = [self._program, "-v", "ru", "-s", str(words_a_minute), "--stdin", "--stdout"]
        try:
            done = subprocess.run(  # noqa: S603  # no shell; the text goes through the pipe
                command, input=clause.encode(), capture_output=True, check=True,
                timeout=deadline.remaining_s(),
            )  # fmt: skip
            with wave.open(io.BytesIO(done.stdout)) as wav:
                rate_hz = wav.getframerate()
                speech = np.frombuffer(wav.readframes(wav.getnframes()), dtype="<i2")
        except subprocess.TimeoutExpired as error:
            raise ProviderError(self.name, "timeout", "not finished in time") from error
        except (OSError, subprocess.SubprocessError, wave.Error, EOFError) as error:
            raise ProviderError(
                self.name, "transient", f"failed: {type(error).__name__}"
            ) from error
        return levelled(soxr.resample(speech, rate_hz, RATE_HZ), RATE_HZ).tobytes()
