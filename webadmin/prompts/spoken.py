"""Phrases as callers would hear them, made aside from the requests that ask for them.

One thread speaks, so that at most one process of the local voice runs; when nobody has asked for
a minute the voice is closed and the thread ends.
"""

import io
import logging
import secrets
import wave
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from queue import Empty, Full, Queue
from threading import Lock, Thread
from typing import Literal

from prometheus_client import CollectorRegistry

from bot.audio import RATE_HZ, SAMPLE_BYTES
from bot.cache import Cache
from bot.deadline import Deadline
from bot.errors import AssistantError, BusyError, ChangeError
from bot.metrics import Metrics
from bot.settings import Settings
from bot.speech import Speech
from bot.tts.choose import choose_synthesiser

log = logging.getLogger(__name__)

_PATIENCE_S = 20.0
_IDLE_S = 60.0
_ID_BYTES = 12
_SILENT = "Произносить нечего: в тексте нет ни букв, ни цифр."


@dataclass(frozen=True)
class Preview:
    """Sentences and, when they have been spoken, their sound as a WAV file."""

    sentences: tuple[str, ...]
    id: str = field(default_factory=lambda: secrets.token_hex(_ID_BYTES))
    state: Literal["waiting", "ready", "failed"] = "waiting"
    wav: bytes = b""
    problem: str = ""
    is_stand_by: bool = False
    """Whether the preferred voice did not answer and another one spoke."""


@dataclass(frozen=True)
class OpenVoice:
    """The voice that calls speak with, and how to learn that a stand-by spoke."""

    speech: Speech
    fell_back: list[str]
    """A word is added each time a stand-by speaks."""
    close: Callable[[], None]


class SpokenPreviews:
    """Speaks phrases one after the other and keeps the latest of them. Thread-safe."""

    def __init__(
        self,
        open_voice: Callable[[], OpenVoice],
        kept: int = 32,
        most_waiting: int = 8,
        idle_s: float = _IDLE_S,
    ) -> None:
        """``open_voice`` is called in the thread that speaks; it may take seconds."""
        self._open_voice = open_voice
        self._kept = kept
        self._idle_s = idle_s
        self._lock = Lock()
        self._previews: OrderedDict[str, Preview] = OrderedDict()
        self._waiting: Queue[Preview] = Queue(most_waiting)
        self._is_running = False

    @property
    def waiting(self) -> int:
        """How many have not been begun."""
        return self._waiting.qsize()

    def begin(self, sentences: Sequence[str]) -> Preview:
        """Have sentences spoken, soon; :class:`BusyError` when too many others are waiting."""
        preview = Preview(tuple(sentences))
        with self._lock:
            try:
                self._waiting.put_nowait(preview)
            except Full:
                raise BusyError(
                    "Слишком много фраз ждут голоса. Повторите через несколько секунд."
                ) from None
            self._previews[preview.id] = preview
            while len(self._previews) > self._kept:
                self._previews.popitem(last=False)
            if not self._is_running:
                self._is_running = True
                Thread(target=self._run, name="spoken-previews", daemon=True).start()
        return preview

    def get(self, preview_id: str) -> Preview | None:
        """How far it is; ``None`` for one that is kept no longer."""
        with self._lock:
            return self._previews.get(preview_id)

    def _run(self) -> None:
        voice: OpenVoice | None = None
        try:
            while preview := self._next():
                try:
                    voice = voice or self._open_voice()
                    self._keep(_spoken(preview, voice))
                except AssistantError as error:
                    log.warning("event=preview_failed error=%s", error)
                    self._keep(replace(preview, state="failed", problem=str(error)))
                except Exception:  # a thread's edge: the operator must not wait for ever
                    log.exception("event=preview_crashed preview=%s", preview.id)
                    told = f"Внутренняя ошибка, в журнале программы — {preview.id}."
                    self._keep(replace(preview, state="failed", problem=told))
        finally:
            if voice is not None:
                voice.close()

    def _next(self) -> Preview | None:
        """The next that waits; ``None`` when nobody has asked for long: the thread ends then."""
        try:
            return self._waiting.get(timeout=self._idle_s)
        except Empty:
            with self._lock:
                self._is_running = not self._waiting.empty()
                return self._waiting.get_nowait() if self._is_running else None

    def _keep(self, preview: Preview) -> None:
        with self._lock:
            if preview.id in self._previews:
                self._previews[preview.id] = preview


def opener(settings: Settings) -> Callable[[], OpenVoice]:
    """How to open the voice that the settings name, with the cache that the calls share."""

    def open_voice() -> OpenVoice:
        fell_back: list[str] = []
        # The metrics are not served: what operators listen to is no call.
        cache = Cache(settings.redis_url, Metrics(CollectorRegistry()))
        voice = choose_synthesiser(settings, lambda *_: None, fell_back.append)
        speech = Speech(voice, cache)

        def close() -> None:
            speech.close()
            cache.close()

        return OpenVoice(speech, fell_back, close)

    return open_voice


def _spoken(preview: Preview, voice: OpenVoice) -> Preview:
    before = len(voice.fell_back)
    deadline = Deadline(_PATIENCE_S)
    pcm = b"".join(
        chunk for sentence in preview.sentences for chunk in voice.speech.speak(sentence, deadline)
    )
    if not pcm:
        raise ChangeError(_SILENT)
    is_stand_by = len(voice.fell_back) > before
    return replace(preview, state="ready", wav=as_wav(pcm), is_stand_by=is_stand_by)


def as_wav(pcm: bytes) -> bytes:
    """Speech as a caller gets it (s16le mono 8000 Hz) in a WAV file."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(SAMPLE_BYTES)
        writer.setframerate(RATE_HZ)
        writer.writeframes(pcm)
    return file.getvalue()
