"""The voice on this machine: festival with festvox-ru, kept running."""

import logging
import threading
from collections.abc import Generator

import numpy as np
import soxr
from numpy.typing import NDArray

from bot.audio import RATE_HZ
from bot.deadline import Deadline
from bot.errors import ProviderError
from bot.russian.spoken import speakable
from bot.tts import festival
from bot.tts.clauses import clauses
from bot.tts.festival import Festival, FestivalError
from bot.tts.loudness import levelled
from bot.tts.pace import NORMAL, at_pace
from bot.tts.readable import readable

log = logging.getLogger(__name__)

SENTENCE_S = 3.0
"""A sentence takes 0.05 s; a process that needs this long hangs and is replaced."""
_LONGEST_CHARACTERS = 250
_PATIENCE_S = 0.3
_WARM_UP_S = 30.0
_FIRST_WORDS = "Здравствуйте! Гарантия на испытательную машину составляет двенадцать месяцев."


class LocalVoice:
    """At most ``processes`` festivals, one at first; see :class:`bot.tts.Synthesiser`.

    A process takes up to 800 MB, so a second one is started only when a sentence waited
    0.3 s for the first. One that died or hung is replaced.
    """

    name = "festival"

    def __init__(self, program: str = "festival", processes: int = 2) -> None:
        self._program = program
        self._most = processes
        self._changed = threading.Condition()
        self._idle: list[Festival] = []
        self._started = 0
        self._closed = False

    @property
    def voice_key(self) -> str:
        """See :class:`bot.tts.Synthesiser`."""
        return f"{self.name}:{festival.VOICE}"

    def warm_up(self) -> None:
        """Start the first process and let it speak once (0.5-2 s instead of the first caller).

        Raises :class:`ProviderError` when festival or its Russian voice does not work.
        """
        for _chunk in self.synthesise(_FIRST_WORDS, Deadline(_WARM_UP_S)):
            log.debug("festival_ready")

    def close(self) -> None:
        """End the processes; sentences asked for later fail."""
        with self._changed:
            self._closed = True
            idle, self._idle = self._idle, []
            self._changed.notify_all()
        for process in idle:
            process.close()

    def synthesise(self, text: str, deadline: Deadline, pace: float = NORMAL) -> Generator[bytes]:
        """See :class:`bot.tts.Synthesiser`; one chunk a clause.

        festival's unit selection has no pace of its own, so its sound is stretched.
        """
        for clause in clauses(readable(speakable(text)), _LONGEST_CHARACTERS):
            if deadline.expired:
                raise ProviderError(self.name, "timeout", "not finished in time")
            speech = at_pace(self._speak(clause, deadline), RATE_HZ, pace)
            if len(speech):
                yield speech.tobytes()

    def _speak(self, clause: str, deadline: Deadline) -> NDArray[np.int16]:
        try:
            sound = self._say_twice(clause, deadline)
        except FestivalError as error:
            raise ProviderError(self.name, error.kind, str(error)) from error
        if not sound:
            raise ProviderError(self.name, "permanent", "the voice cannot read the sentence")
        speech = np.frombuffer(sound[: len(sound) // 2 * 2], dtype="<i2")
        return levelled(soxr.resample(speech, festival.RATE_HZ, RATE_HZ), RATE_HZ)

    def _say_twice(self, clause: str, deadline: Deadline) -> bytes:
        """A process that died is replaced at once; one that hung has used up the patience."""
        try:
            return self._say(clause, deadline)
        except FestivalError as error:
            log.warning("festival_failed reason=%r", str(error))
            if error.kind != "transient" or deadline.expired:
                raise
        return self._say(clause, deadline)

    def _say(self, clause: str, deadline: Deadline) -> bytes:
        process = self._take(deadline)
        try:
            sound = process.say(clause, deadline.remaining_s(at_most=SENTENCE_S))
        except FestivalError:
            self._drop(process)
            raise
        self._give_back(process)
        return sound

    def _take(self, deadline: Deadline) -> Festival:
        """An idle process, or a new one when none gets idle soon and one more is allowed."""
        with self._changed:
            if self._started:
                patience_s = deadline.remaining_s(at_most=_PATIENCE_S)
                self._changed.wait_for(self._may_go_on, patience_s)
            if not self._idle and self._started >= self._most:
                self._changed.wait_for(self._may_start, deadline.remaining_s())
            if self._closed:
                raise ProviderError(self.name, "permanent", "closed")
            if self._idle:
                return self._idle.pop()
            if self._started >= self._most:
                raise ProviderError(self.name, "timeout", "all processes are busy")
            self._started += 1
        return self._start(deadline)

    def _may_go_on(self) -> bool:
        return bool(self._idle) or self._closed or self._started == 0

    def _may_start(self) -> bool:
        return self._may_go_on() or self._started < self._most

    def _start(self, deadline: Deadline) -> Festival:
        try:
            return Festival(self._program, deadline.remaining_s())
        except FestivalError:
            with self._changed:
                self._started -= 1
                self._changed.notify_all()
            raise

    def _give_back(self, process: Festival) -> None:
        with self._changed:
            if not self._closed:
                self._idle.append(process)
                self._changed.notify_all()
                return
        process.close()

    def _drop(self, process: Festival) -> None:
        process.close()
        with self._changed:
            self._started -= 1
            self._changed.notify_all()
