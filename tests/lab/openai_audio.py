"""``POST /v1/audio/transcriptions`` of the OpenAI stand-in (protocols.md, 2.1)."""

import email.parser
import email.policy
import io
import wave
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.lab.openai_faults import ApiRefusal, response_format_refusal
from tests.lab.openai_models import (
    GPT_4O_TRANSCRIBE,
    GPT_TRANSCRIBE,
    WHISPER,
    is_transcription,
    unknown_model,
)

EXTENSIONS = ("flac", "mp3", "mp4", "mpeg", "mpga", "m4a", "ogg", "wav", "webm")
LIST_FIELDS = {"languages[]", "keywords[]", "include[]", "timestamp_granularities[]"}
PLAIN_FIELDS = {
    "model",
    "prompt",
    "response_format",
    "language",
    "temperature",
    "stream",
    "chunking_strategy",
}
MIN_AUDIO_S = 0.1


@dataclass
class Form:
    """A multipart form: text fields in order of arrival and the one file."""

    fields: dict[str, list[str]] = field(default_factory=dict)
    file: bytes = b""
    filename: str = ""

    def one(self, name: str, default: str = "") -> str:
        """The last value of a plain field."""
        return self.fields.get(name, [default])[-1]

    def as_body(self) -> Mapping[str, Any]:
        """The fields as recorded: lists for ``name[]``, texts for the rest."""
        return {
            name: values if name.endswith("[]") else values[-1]
            for name, values in self.fields.items()
        }


def parse_form(content_type: str, raw: bytes) -> Form:
    """Read a multipart body; 400 when it is none."""
    if not content_type.startswith("multipart/form-data") or "boundary=" not in content_type:
        raise ApiRefusal(400, "Invalid content type: expected multipart/form-data")
    head = f"Content-Type: {content_type}\r\nMIME-Version: 1.0\r\n\r\n".encode()
    message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + raw)
    form = Form()
    for part in message.iter_parts():
        name = str(part.get_param("name", "", header="content-disposition"))
        payload = part.get_payload(decode=True)
        content = payload if isinstance(payload, bytes) else b""
        if name == "file":
            form.file, form.filename = content, part.get_filename() or ""
        else:
            form.fields.setdefault(name, []).append(content.decode("utf-8"))
    return form


def check_form(form: Form) -> None:
    """Refuse what the model's family refuses; the checks come in the vendor's order."""
    model = form.one("model")
    if not model:
        raise ApiRefusal(400, "you must provide a model parameter")
    if not is_transcription(model):
        raise unknown_model(model)
    for name in form.fields:
        if name not in PLAIN_FIELDS | LIST_FIELDS:
            raise ApiRefusal(400, f"Unrecognized request argument supplied: {name}")
    _check_language(form, model)
    _check_format(form, model)
    _check_keywords(form, model)
    if form.one("stream") == "true":
        raise ApiRefusal(400, "this stand-in does not stream transcriptions", param="stream")


def _check_language(form: Form, model: str) -> None:
    takes_list = GPT_TRANSCRIBE.fullmatch(model) is not None
    wrong, right = ("language", "languages") if takes_list else ("languages[]", "language")
    if wrong in form.fields:
        name = wrong.removesuffix("[]")
        raise ApiRefusal(
            400,
            f"Unsupported parameter: '{name}' is not supported with this model. "
            f"Use '{right}' instead.",
            param=name,
            code="unsupported_parameter",
        )
    for code in form.fields.get("languages[]", []) + form.fields.get("language", []):
        if not (len(code) == 2 and code.isalpha() and code.islower()):
            raise ApiRefusal(
                400, f"Invalid language '{code}'", param=right, code="invalid_language_format"
            )


def _check_format(form: Form, model: str) -> None:
    wanted = form.one("response_format", "json")
    if WHISPER.fullmatch(model):
        allowed: Sequence[str] = ("json", "text", "srt", "verbose_json", "vtt")
    else:
        allowed = ("json",)
    if wanted not in allowed:
        raise response_format_refusal()
    if "include[]" in form.fields and not GPT_4O_TRANSCRIBE.fullmatch(model):
        raise ApiRefusal(
            400,
            "include is not supported with this model",
            param="include",
            code="unsupported_parameter",
        )


def _check_keywords(form: Form, model: str) -> None:
    keywords = form.fields.get("keywords[]", [])
    if keywords and not GPT_TRANSCRIBE.fullmatch(model):
        raise ApiRefusal(
            400,
            "Unsupported parameter: 'keywords' is not supported with this model.",
            param="keywords",
            code="unsupported_parameter",
        )
    for word in keywords:
        if not word.strip() or any(mark in word for mark in "<>\r\n"):
            raise ApiRefusal(400, "Invalid keyword", param="keywords", code="invalid_value")


def check_file(form: Form) -> float:
    """Seconds of audio in the file; 400 for a bad name, bad WAV or less than 0.1 s."""
    extension = form.filename.rpartition(".")[2].lower()
    if not form.file or extension not in EXTENSIONS:
        raise ApiRefusal(
            400, f"Invalid file format. Supported formats: {list(EXTENSIONS)}", param="file"
        )
    if extension != "wav":
        return 1.0
    try:
        with wave.open(io.BytesIO(form.file)) as wav:
            frames, rate = wav.getnframes(), wav.getframerate()
            actual = len(wav.readframes(frames)) // (wav.getsampwidth() * wav.getnchannels())
    except (wave.Error, EOFError):
        raise ApiRefusal(400, "The audio file could not be decoded or its format is not "
                         "supported.", param="file") from None  # fmt: skip
    if actual != frames or rate <= 0:
        raise ApiRefusal(
            400, "Audio file might be corrupted or unsupported", param="file", code="invalid_value"
        )
    if frames / rate < MIN_AUDIO_S:
        raise ApiRefusal(
            400,
            "Audio file is too short. Minimum audio length is 0.1 seconds.",
            param="file",
            code="audio_too_short",
        )
    return float(frames / rate)


def transcription_body(
    form: Form, text: str, seconds: float, no_speech_prob: float
) -> Mapping[str, Any] | str:
    """The answer: JSON by response format, or the bare text."""
    usage = {"type": "duration", "seconds": max(1, round(seconds))}
    wanted = form.one("response_format", "json")
    if wanted == "text":
        return text + "\n"
    if wanted == "verbose_json":
        return {
            "task": "transcribe",
            "language": "russian",
            "duration": seconds,
            "text": text,
            "segments": _segments(text, seconds, no_speech_prob),
            "usage": usage,
        }
    if GPT_TRANSCRIBE.fullmatch(form.one("model")):
        return {"text": text, "languages": form.fields.get("languages[]", []), "usage": usage}
    return {"text": text, "usage": usage}


def _segments(text: str, seconds: float, no_speech_prob: float) -> list[Mapping[str, Any]]:
    if not text:
        return []
    return [
        {
            "id": 0,
            "seek": 0,
            "start": 0.0,
            "end": seconds,
            "text": " " + text,
            "tokens": [50364, 1],
            "temperature": 0.0,
            "avg_logprob": -0.2,
            "compression_ratio": 1.1,
            "no_speech_prob": no_speech_prob,
        },
    ]
