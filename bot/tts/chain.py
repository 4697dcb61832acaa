"""Voices in order of preference, each standing by for those before it."""

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import Self

from bot.deadline import Deadline
from bot.errors import ProviderError
from bot.failover.race import Contender, Race, Replaced
from bot.tts.broken import SoundPatience, SpeakingRate, rest_of
from bot.tts.guard import GuardedVoice, Voice
from bot.tts.pace import NORMAL

FallbackCount = Callable[[str], None]

STAGE = "tts"


class SynthesiserChain:
    """Speaks a sentence with the first voice that gives any sound. Thread-safe.

    The next voice is asked when the one before has failed or is late.

    When a voice fails after some of its sound was yielded, or falls behind its own speech, another
    one says the rest: what was heard is not repeated (:mod:`bot.tts.broken`). Each sentence that
    a stand-by spoke, or a part of it, is counted by ``on_fallback("tts")``.

    The chain has no sound of its own: whoever keeps sound must keep it under the key of the
    voice that spoke, so a cache goes around each voice (:meth:`each`), not around the chain.
    """

    name = "chain"

    def __init__(self, voices: Sequence[GuardedVoice], on_fallback: FallbackCount) -> None:
        self._voices = tuple(voices)
        self._rates = tuple(SpeakingRate() for _ in self._voices)
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
        asked, rest = list(range(len(self._voices))), text
        while rest:
            lost: list[Replaced] = []
            heard = _Heard()
            try:
                for chunk in self._race(asked, rest, deadline, pace, lost, heard):
                    if lost:
                        self._tell(lost, replaced)
                    yield chunk
                return
            except ProviderError as error:
                asked = [number for number in asked if number != heard.voice]
                if heard.voice is None or not asked or deadline.expired:
                    raise
                said = self._rates[heard.voice].letters_in(heard.pcm_bytes, pace)
                rest = rest_of(rest, said)
                self._tell([Replaced(self._voices[heard.voice].name, error.kind)], replaced)

    def _race(
        self,
        asked: Sequence[int],
        text: str,
        deadline: Deadline,
        pace: float,
        lost: list[Replaced],
        heard: "_Heard",
    ) -> Generator[bytes]:
        """What the first of some voices says of ``text``; ``heard`` follows it."""
        contenders = [
            Contender(self._voices[at].service, partial(_spoken, at, self._voices[at], text, pace))
            for at in asked
        ]
        race = Race(contenders, deadline, lost.append, SoundPatience())
        with closing(race.run()) as chunks:
            for heard.voice, chunk in chunks:
                heard.pcm_bytes += len(chunk)
                yield chunk
        if heard.voice is not None:
            self._rates[heard.voice].spoke(text, heard.pcm_bytes, pace)

    def _tell(self, lost: list[Replaced], replaced: Callable[[str], None]) -> None:
        self._on_fallback(STAGE)
        for one in lost:
            replaced(str(one))
        lost.clear()


@dataclass
class _Heard:
    """How much of a sentence was yielded, and by which voice."""

    voice: int | None = None
    pcm_bytes: int = 0


def _spoken(
    number: int, voice: Voice, text: str, pace: float, deadline: Deadline
) -> Generator[tuple[int, bytes]]:
    with closing(voice.synthesise(text, deadline, pace)) as chunks:
        for chunk in chunks:
            yield number, chunk
