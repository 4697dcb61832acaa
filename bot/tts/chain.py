"""Voices in order of preference, each standing by for those before it."""

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from functools import partial
from typing import Self

from bot.deadline import Deadline
from bot.failover.race import Contender, Race, Replaced
from bot.tts.guard import GuardedVoice, Voice
from bot.tts.pace import NORMAL

FallbackCount = Callable[[str], None]

STAGE = "tts"


class SynthesiserChain:
    """Speaks a sentence with the first voice that gives any sound. Thread-safe.

    The next voice is asked when the one before has failed or is late.

    A voice that fails after some of its sound was yielded ends the sentence with its error:
    the caller has heard that part, and another voice could only start over. Each sentence
    that a stand-by spoke is counted by ``on_fallback("tts")``.

    The chain has no sound of its own: whoever keeps sound must keep it under the key of the
    voice that spoke, so a cache goes around each voice (:meth:`each`), not around the chain.
    """

    name = "chain"

    def __init__(self, voices: Sequence[GuardedVoice], on_fallback: FallbackCount) -> None:
        self._voices = tuple(voices)
        self._on_fallback = on_fallback

    def each(self, wrap: Callable[[GuardedVoice], GuardedVoice]) -> Self:
        """The same chain with every voice wrapped."""
        return type(self)([wrap(voice) for voice in self._voices], self._on_fallback)

    @property
    def voice_key(self) -> str:
        """The preferred voice's; not a key for sound, which a stand-by may have made."""
        return self._voices[0].voice_key

    def warm_up(self) -> None:
        """Make every voice ready, the stand-bys too."""
        for voice in self._voices:
            voice.warm_up()

    def close(self) -> None:
        """Close every voice."""
        for voice in self._voices:
            voice.close()

    def synthesise(
        self,
        text: str,
        deadline: Deadline,
        pace: float = NORMAL,
        replaced: Callable[[str], None] = lambda _failure: None,
    ) -> Generator[bytes]:
        """See :class:`bot.tts.Synthesiser`; raises the last voice's error when all failed.

        ``replaced`` is told each voice that another one stood in for and why.
        """
        contenders = [
            Contender(voice.service, partial(_spoken, voice, text, pace)) for voice in self._voices
        ]
        lost: list[Replaced] = []
        with closing(Race(contenders, deadline, lost.append).run()) as chunks:
            for number, chunk in enumerate(chunks):
                if number == 0 and lost:
                    self._on_fallback(STAGE)
                    for one in lost:
                        replaced(str(one))
                yield chunk


def _spoken(voice: Voice, text: str, pace: float, deadline: Deadline) -> Generator[bytes]:
    return voice.synthesise(text, deadline, pace)
