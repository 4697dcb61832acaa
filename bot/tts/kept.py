"""A voice whose speech is kept, under a key of its own, and given again."""

import threading
from collections import OrderedDict
from collections.abc import Generator
from contextlib import closing

from bot.cache import Cache
from bot.deadline import Deadline
from bot.failover.service import Service
from bot.tts.guard import GuardedVoice
from bot.tts.pace import NORMAL
from bot.tts.pcm import without_lead

KEEP_S = 7 * 24 * 3600.0
_FORM = "2"
"""Raised when what is said for a text, or done to its sound before it is kept, changes."""
_MOST_PHRASES = 64


class FixedPhrases:
    """Sounds of the few phrases that must be ready at once, at the normal pace, in memory.

    Only texts that were :meth:`add`-ed are kept, the latest 64 of them. Thread-safe.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sounds: OrderedDict[str, dict[str, bytes]] = OrderedDict()

    def add(self, text: str) -> None:
        """From now on keep the sound of ``text``, by whichever voice speaks it."""
        with self._lock:
            self._sounds.setdefault(text, {})
            self._sounds.move_to_end(text)
            while len(self._sounds) > _MOST_PHRASES:
                self._sounds.popitem(last=False)

    def get(self, text: str, voice_key: str) -> bytes | None:
        """The sound of ``text`` by that voice, if it is kept."""
        with self._lock:
            return self._sounds.get(text, {}).get(voice_key)

    def any_of(self, text: str) -> bytes | None:
        """The sound of ``text`` by whichever voice spoke it last, if it is kept."""
        with self._lock:
            sounds = self._sounds.get(text, {})
            return next(reversed(sounds.values()), None)

    def offer(self, text: str, voice_key: str, pcm: bytes) -> None:
        """Keep this sound if ``text`` is one of the phrases."""
        with self._lock:
            if text in self._sounds and pcm:
                self._sounds[text][voice_key] = pcm


class KeptVoice:
    """``voice`` with its speech taken from memory or ``cache`` where it was made before.

    The key is the voice's own, so that one voice's speech is never given for another's, and
    what is kept is given even while the service is down. Leading silence is cut to 20 ms.
    """

    def __init__(self, voice: GuardedVoice, cache: Cache, phrases: FixedPhrases) -> None:
        self.name = voice.name
        self._voice = voice
        self._cache = cache
        self._phrases = phrases

    @property
    def service(self) -> Service:
        """That of the voice behind."""
        return self._voice.service

    @property
    def voice_key(self) -> str:
        """See :class:`bot.tts.Synthesiser`."""
        return self._voice.voice_key

    def warm_up(self) -> None:
        """Make the voice ready."""
        self._voice.warm_up()

    def close(self) -> None:
        """Close the voice."""
        self._voice.close()

    def synthesise(self, text: str, deadline: Deadline, pace: float = NORMAL) -> Generator[bytes]:
        """See :class:`bot.tts.Synthesiser`."""
        ready = self._phrases.get(text, self.voice_key) if pace == NORMAL else None
        if ready is not None:
            yield ready
            return
        parts = []
        with closing(self._stream(text, deadline, pace)) as chunks:
            for chunk in chunks:
                parts.append(chunk)
                yield chunk
        if pace == NORMAL:
            self._phrases.offer(text, self.voice_key, b"".join(parts))

    def _stream(self, text: str, deadline: Deadline, pace: float) -> Generator[bytes]:
        # Other callers may join, so one who hangs up must not call the work off.
        own = Deadline(deadline.remaining_s())
        yield from self._cache.stream_or_join(
            "speech",
            f"{_FORM}\n{self.voice_key}\n{pace}\n{text}",
            lambda: without_lead(self._voice.synthesise(text, own, pace)),
            KEEP_S,
        )
