"""Speech recognition on this machine: Whisper in int8 on CTranslate2 (offline-stack.md)."""

import threading
from pathlib import Path
from typing import Any

import numpy as np
import soxr
from faster_whisper import WhisperModel
from numpy.typing import NDArray

from bot.asr import Transcript
from bot.asr.bundled import bundled_whisper, cache_folder
from bot.audio import FRAME_BYTES, RATE_HZ, SAMPLE_BYTES, duration_s, samples, silence
from bot.deadline import Deadline
from bot.errors import ProviderError, SettingError

Waveform = NDArray[np.float32]

BUNDLED_MODEL = "base"
MODEL_RATE_HZ = 16_000
MIN_AUDIO_S = 0.1
SHORT_FRAMES = 1350
"""Clips up to 13.5 s …"""
SHORT_WINDOW_FRAMES = 1500
"""… are padded to 15 s instead of Whisper's 30: half the work. With less it makes loops."""
SPEECH_DBFS = -23.0
"""Level of the loud parts of speech that quiet lines are lifted to."""
MAX_GAIN = 60.0
PEAK = 0.95
TOKENS_AT_LEAST, TOKENS_PER_S, TOKENS_AT_MOST = 24, 16, 200
"""Bounds on the text: fast Russian is some 10 tokens a second, a loop is endless."""


class ShortWindowWhisper(WhisperModel):  # type: ignore[misc]  # it publishes no types
    """Whisper that does not encode the second half of a window which is only padding."""

    def encode(self, features: NDArray[np.float32]) -> Any:
        """Encode features of shape ``(80, 3000)``; cut to 15 s when no sound stands after
        13.5 s (``pad_or_trim`` pads with exact zeros, which log-mel frames of sound never
        are throughout)."""
        if features.ndim == 2 and not features[:, SHORT_FRAMES:].any():
            features = features[:, :SHORT_WINDOW_FRAMES]
        return super().encode(features)


class LocalRecogniser:
    """Recognises in the calling thread, at most ``workers`` utterances at once.

    ``model`` is ``base`` (from packages), or whatever faster-whisper takes: the folder of a
    CTranslate2 model or the name of one to be fetched. A running recognition cannot be
    stopped: the deadline is only looked at until one starts.

    ``beam``: 64 synthetic questions at 8 kHz gave 34.7 % word errors at 1, 32.7 % at 2 and
    32.4 % at 5, for 0.30, 0.31 and 0.33 CPU seconds each. ``use_hint`` is off because a list
    of terms makes the small model loop: 44.9 % instead of 34.7 %, and no more terms found.
    """

    name = "local"

    def __init__(
        self,
        model: str = BUNDLED_MODEL,
        cache: Path | None = None,
        workers: int = 2,
        beam: int = 2,
        use_hint: bool = False,
    ) -> None:
        self._model_name = model
        self._cache = cache
        self._workers = workers
        self._beam = beam
        self._use_hint = use_hint
        self._free = threading.BoundedSemaphore(workers)
        self._loading = threading.Lock()
        self._model: ShortWindowWhisper | None = None

    def warm_up(self) -> None:
        """Load the model and use it once, so that the first caller does not wait for it.

        Raises :class:`SettingError` when ``ASR_LOCAL_MODEL`` cannot be used.
        """
        self._recognised(self._loaded(), silence(0.5), "")

    def transcribe(self, pcm: bytes, hint: str, deadline: Deadline) -> Transcript:
        """See :class:`bot.asr.Recogniser`; the text may come after the deadline."""
        if duration_s(pcm) < MIN_AUDIO_S:
            return Transcript("", self.name)
        model = self._loaded()
        self._wait_for_worker(deadline)
        try:
            return self._recognised(model, pcm, hint)
        except RuntimeError as error:
            raise ProviderError(self.name, "transient", str(error)) from error
        finally:
            self._free.release()

    def _wait_for_worker(self, deadline: Deadline) -> None:
        """Take a worker, or raise ``timeout``; a call-off is noticed while waiting."""
        while not deadline.expired:
            if self._free.acquire(timeout=deadline.remaining_s(at_most=0.05)):
                if not deadline.expired:
                    return
                self._free.release()
        raise ProviderError(self.name, "timeout", "no recogniser was free in time")

    def _recognised(self, model: WhisperModel, pcm: bytes, hint: str) -> Transcript:
        segments, _ = model.transcribe(
            waveform(pcm),
            language="ru",
            beam_size=self._beam,
            best_of=1,
            temperature=0.0,
            condition_on_previous_text=False,
            initial_prompt=hint.strip() or None if self._use_hint else None,
            no_speech_threshold=None,
            max_new_tokens=most_tokens(duration_s(pcm)),
        )
        heard = list(segments)
        text = " ".join(segment.text.strip() for segment in heard).strip()
        prob = min((float(segment.no_speech_prob) for segment in heard), default=None)
        return Transcript(text, self.name, prob)

    def _loaded(self) -> ShortWindowWhisper:
        with self._loading:
            if self._model is None:
                self._model = self._load()
            return self._model

    def _load(self) -> ShortWindowWhisper:
        source = self._model_name
        if source == BUNDLED_MODEL:
            source = str(bundled_whisper(self._cache or cache_folder()))
        try:
            return ShortWindowWhisper(
                source,
                device="cpu",
                compute_type="int8",
                cpu_threads=1,
                num_workers=self._workers,
            )
        except (OSError, ValueError, RuntimeError) as error:
            reason = str(error).partition("\n")[0]
            raise SettingError(
                f"ASR_LOCAL_MODEL: no usable CTranslate2 Whisper model at {source!r}: {reason}"
            ) from error


def waveform(pcm: bytes) -> Waveform:
    """``pcm`` (s16le, 8000 Hz) as Whisper wants it: 16 kHz, −1…1, quiet speech lifted.

    The telephone's 20…30 dB of difference between lines cost words: level first.
    """
    plain = samples(pcm).astype(np.float32) / 32768.0
    lifted = plain * np.float32(gain(plain))
    resampled: Waveform = soxr.resample(lifted, RATE_HZ, MODEL_RATE_HZ)
    return resampled


def gain(wave: Waveform) -> float:
    """How much to lift ``wave`` by: never down, never into clipping, at most 36 dB.

    The level is that of the loudest tenth of the 20 ms frames, so that pauses do not count.
    """
    frame = FRAME_BYTES // SAMPLE_BYTES
    frames = wave[: len(wave) // frame * frame].reshape(-1, frame)
    if not len(frames):
        return 1.0
    loud = float(np.quantile(np.sqrt(np.mean(frames**2, axis=1)), 0.9))
    peak = float(np.abs(wave).max())
    if loud <= 0.0:
        return 1.0
    return max(1.0, min(10 ** (SPEECH_DBFS / 20) / loud, PEAK / peak, MAX_GAIN))


def most_tokens(seconds: float) -> int:
    """How long a text can be that was spoken in ``seconds``."""
    return min(TOKENS_AT_MOST, TOKENS_AT_LEAST + round(TOKENS_PER_S * seconds))
