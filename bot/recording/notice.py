"""The notice that a call is recorded: said with the first words, and again until it was heard.

The caller may speak over it as over anything else; then it follows the next thing that is said.
Belongs to the call's thread.
"""

from concurrent.futures import Executor

from bot.prompts import Prompts
from bot.records import BotLine, Line, LineKind
from bot.speaking import Speaker
from bot.speech import Speech


def greeting_of(prompts: Prompts, *, recorded: bool) -> str:
    """The first words of a call."""
    return f"{prompts.greeting} {prompts.recording_notice}" if recorded else prompts.greeting


class RecordingNotice:
    """What one caller has still to be told: nothing, until it is owed."""

    def __init__(self, speech: Speech, pool: Executor) -> None:
        self._speech = speech
        self._pool = pool
        self._text = ""

    @property
    def is_owed(self) -> bool:
        """Whether the caller is recorded and has not heard so."""
        return bool(self._text)

    def owe(self, text: str) -> None:
        """The caller is recorded, and has to be told in these words."""
        self._text = text

    def complete(self, speaker: Speaker, kind: LineKind) -> None:
        """End an utterance, with the notice as its last sentence if it is owed.

        The greeting has it already, and who waits for a person is not kept: the recording ends
        there. A sound that is not ready is made for the next time.
        """
        if self._text and kind not in ("greeting", "transfer"):
            sound = self._speech.ready(self._text)
            if sound is None:
                self._pool.submit(self._speech.prepare, (self._text,))
            else:
                speaker.sentence(self._text)
                speaker.audio(sound)
        speaker.complete()

    def note(self, line: Line) -> None:
        """Take notice of a line of the dialogue."""
        is_whole = isinstance(line, BotLine) and not line.interrupted
        if is_whole and line.text.endswith(self._text):
            self._text = ""
