"""What a call speaks with: every sentence as whole frames, made once and kept."""

import logging
from collections.abc import Callable, Generator, Iterable

from bot.cache import Cache
from bot.deadline import Deadline
from bot.errors import ProviderError
from bot.tts.chain import SynthesiserChain
from bot.tts.kept import FixedPhrases, KeptVoice
from bot.tts.pace import NORMAL
from bot.tts.pcm import in_frames

log = logging.getLogger(__name__)

_PREPARE_S = 20.0


class Speech:
    """Thread-safe; shared by all calls. Owns the synthesiser, not the cache."""

    def __init__(self, voices: SynthesiserChain, cache: Cache) -> None:
        self._phrases = FixedPhrases()
        self._voice = voices.each(lambda voice: KeptVoice(voice, cache, self._phrases))

    def speak(
        self,
        text: str,
        deadline: Deadline,
        pace: float = NORMAL,
        replaced: Callable[[str], None] = lambda _failure: None,
    ) -> Generator[bytes]:
        """The speech of one sentence: s16le mono 8000 Hz, whole 20 ms frames, 1…10 a chunk.

        20 ms of silence stand before the first sound. Yields nothing for a text without
        anything to pronounce. Where no voice speaks, a fixed phrase is given as it was kept, at
        the normal pace. Raises :class:`ProviderError`, possibly after some chunks; the sentence
        is then not to be repeated, since the caller has heard its beginning.
        Closing the iterator stops the synthesis unless another call waits for it too.
        ``replaced`` is told which voice another one stands in for: ``"yandex-grpc: timeout"``.
        """
        words, spoke = " ".join(text.split()), False
        try:
            for spoken in in_frames(self._voice.synthesise(words, deadline, pace, replaced)):
                spoke = True
                yield spoken
        except ProviderError:
            kept = self._phrases.any_of(words)
            if spoke or kept is None:
                raise
            yield from in_frames((kept,))

    def prepare(self, texts: Iterable[str]) -> int:
        """Make fixed phrases (the greeting, …) ready to be spoken at once; how many are.

        What cannot be made now is logged and is kept as soon as some call speaks it.
        """
        ready = 0
        for text in texts:
            phrase, why = " ".join(text.split()), "broken off"
            self._phrases.add(phrase)
            try:
                b"".join(self.speak(phrase, Deadline(_PREPARE_S)))
            except ProviderError as error:
                why = str(error)
            if self._phrases.any_of(phrase):
                ready += 1
            elif phrase:
                log.warning("event=phrase_not_prepared error=%r", why)
        return ready

    def ready(self, text: str, pace: float = NORMAL) -> bytes | None:
        """The sound of a fixed phrase, at once and by whichever voice; ``None`` if it has none.

        A phrase that is asked for here is kept from the next time it is spoken. Only the normal
        pace is kept at hand: few ask for another.
        """
        if pace != NORMAL:
            return None
        phrase = " ".join(text.split())
        sound = self._phrases.any_of(phrase)
        if sound is None:
            self._phrases.add(phrase)
        return sound

    def warm_up(self) -> None:
        """Connect and start what the first sentence would wait for (a few seconds)."""
        self._voice.warm_up()

    def close(self) -> None:
        """Close connections and end the processes of the voices."""
        self._voice.close()
