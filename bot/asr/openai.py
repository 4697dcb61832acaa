"""Speech recognition by OpenAI's transcription endpoint (protocols.md, 2.1)."""

import io
import re
import wave
from typing import Any

import httpx2
import openai
from openai.types.audio import Transcription, TranscriptionVerbose

from bot.asr import Transcript
from bot.audio import RATE_HZ, SAMPLE_BYTES, duration_s
from bot.deadline import Deadline
from bot.errors import ProviderError
from bot.openai_client import as_provider_error, ensure_time_left, request_timeout

LANGUAGE = "ru"
MIN_AUDIO_S = 0.1
"""The service refuses less with ``audio_too_short``."""
MAX_KEYWORDS = 100


class OpenAIRecogniser:
    """Recognises with one model; the request's shape follows the model's family."""

    name = "openai"

    def __init__(self, client: openai.OpenAI, model: str) -> None:
        self._client = client
        self._model = model
        self._wants_segments = model.startswith("whisper")

    def transcribe(self, pcm: bytes, hint: str, deadline: Deadline) -> Transcript:
        """One request, never repeated; less than 0.1 s of audio is heard as nothing."""
        if duration_s(pcm) < MIN_AUDIO_S:
            return Transcript("", self.name)
        ensure_time_left(self.name, deadline)
        try:
            answer = self._asked(wav_file(pcm), hint, deadline)
        except (openai.OpenAIError, httpx2.HTTPError, ValueError) as error:
            raise as_provider_error(self.name, error) from error
        if not isinstance(answer, Transcription | TranscriptionVerbose):
            # The SDK lets a proxy's page of HTML through as a str.
            raise ProviderError(self.name, "permanent", "the answer is not JSON")
        return Transcript((answer.text or "").strip(), self.name, no_speech_prob(answer))

    def _asked(self, wav: bytes, hint: str, deadline: Deadline) -> Any:
        try:
            return self._request(wav, hint, deadline)
        except openai.BadRequestError as error:
            # A service that only speaks OpenAI's dialect may know whisper-1 without segments.
            if error.param != "response_format" or not self._wants_segments:
                raise
            self._wants_segments = False
            return self._request(wav, hint, deadline)

    def _request(self, wav: bytes, hint: str, deadline: Deadline) -> Any:
        return self._client.audio.transcriptions.create(
            file=("utterance.wav", wav, "audio/wav"),
            model=self._model,
            timeout=request_timeout(deadline),
            **self._shape(hint),
        )

    def _shape(self, hint: str) -> dict[str, Any]:
        prompt = {"prompt": hint} if hint.strip() else {}
        if self._model.startswith("gpt-transcribe"):
            words = keywords(hint)
            listed = {"keywords": words} if words else {}
            return {"languages": [LANGUAGE], "response_format": "json", **prompt, **listed}
        wanted = "verbose_json" if self._wants_segments else "json"
        return {"language": LANGUAGE, "response_format": wanted, **prompt}


def wav_file(pcm: bytes) -> bytes:
    """``pcm`` (s16le, mono, 8000 Hz) as a WAV file."""
    file = io.BytesIO()
    with wave.open(file, "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(SAMPLE_BYTES)
        wav.setframerate(RATE_HZ)
        wav.writeframes(pcm[: len(pcm) // SAMPLE_BYTES * SAMPLE_BYTES])
    return file.getvalue()


def keywords(hint: str) -> list[str]:
    """The terms of a hint as the service takes them: one line each, without ``<`` and ``>``.

    A single bad keyword makes the service refuse the whole request.
    """
    terms = (re.sub(r"[<>\s]+", " ", term).strip(" .:") for term in re.split(r"[,;\n\r]", hint))
    return list(dict.fromkeys(term for term in terms if term))[:MAX_KEYWORDS]


def no_speech_prob(answer: Transcription | TranscriptionVerbose) -> float | None:
    """The least of the segments' probabilities: one that holds speech makes it an utterance.

    None where the service does not tell; fields that it leaves out are not guessed.
    """
    segments = getattr(answer, "segments", None) or []
    told = [getattr(segment, "no_speech_prob", None) for segment in segments]
    return min((float(prob) for prob in told if prob is not None), default=None)
