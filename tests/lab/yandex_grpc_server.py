"""Stand-in of ``speechkit.tts.v3.Synthesizer``: a real gRPC server on loopback."""

import io
import wave
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
from yandex.cloud.ai.tts.v3 import tts_pb2, tts_service_pb2_grpc

from tests.lab import yandex_rules as rules
from tests.lab.yandex_plan import Fault, Heard, Plan

_THREADS = 256


class SynthesizerService(tts_service_pb2_grpc.SynthesizerServicer):
    """The servicer: checks what SpeechKit checks, answers with speech-like audio."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan

    def UtteranceSynthesis(self, request: Any, context: Any) -> Iterator[Any]:
        """``UtteranceSynthesisRequest`` → stream of ``UtteranceSynthesisResponse``."""
        fault = self._plan.begin()
        try:
            metadata = dict(context.invocation_metadata())
            folder = metadata.get("x-folder-id")
            rules.check_account(metadata.get("authorization", ""), folder)
            self._plan.refuse_early(fault)
            heard, container = _read(request, metadata, context.time_remaining())
            self._plan.note(heard)
            yield from self._answer(heard, container, fault, context)
        except rules.Refused as refused:
            context.abort(getattr(grpc.StatusCode, refused.code), refused.message)

    def _answer(
        self, heard: Heard, container: bool, fault: Fault | None, context: Any
    ) -> Iterator[Any]:
        whole = False
        try:
            if not rules.has_speech(heard.text):
                silent = tts_pb2.UtteranceSynthesisResponse.ChunkType.NO_SPEAKABLE_TEXT
                yield tts_pb2.UtteranceSynthesisResponse(chunk_type=silent)
                whole = True
                return
            for number, chunk in enumerate(self._plan.speak(heard, fault)):
                if not context.is_active():
                    return
                if chunk is not None:
                    header = _wav_header(heard.rate_hz) if container and not number else b""
                    yield _response(header + chunk, heard.text if not number else "")
            whole = True
        finally:
            self._plan.finish(whole and context.is_active())

    def StreamSynthesis(self, request_iterator: Any, context: Any) -> Iterator[Any]:
        """Not imitated."""
        context.abort(grpc.StatusCode.UNIMPLEMENTED, "StreamSynthesis is not imitated")
        yield


def _response(data: bytes, text: str) -> Any:
    return tts_pb2.UtteranceSynthesisResponse(
        audio_chunk=tts_pb2.AudioChunk(data=data), text_chunk=tts_pb2.TextChunk(text=text)
    )


def _read(request: Any, metadata: dict[str, str], deadline_s: float | None) -> tuple[Heard, bool]:
    """The request as understood, and whether the audio goes into a WAV container."""
    if request.model:
        raise rules.Refused("INVALID_ARGUMENT", f"Model {request.model} is not found")
    if request.WhichOneof("Utterance") != "text":
        raise rules.Refused("INVALID_ARGUMENT", "Utterance is not specified")
    limit = rules.V3_UNSAFE_CHARACTERS if request.unsafe_mode else rules.V3_CHARACTERS
    rules.check_text(request.text, limit)
    hints = _read_hints(request.hints)
    voice, role = str(hints.get("voice", "marina")), str(hints.get("role", ""))
    rules.check_voice(rules.ROLES_V3, voice, role)
    speed = float(hints.get("speed", 1.0))
    rules.check_speed(speed)
    rate_hz, container = _read_spec(request)
    heard = Heard(
        text=request.text, voice=voice, role=role, speed=speed, rate_hz=rate_hz,
        authorization=metadata["authorization"], folder=metadata.get("x-folder-id"),
        request_id=metadata.get("x-client-request-id"), deadline_s=deadline_s,
    )  # fmt: skip
    return heard, container


def _read_hints(hints: Any) -> dict[str, Any]:
    """One field a message; a second message for the same field is refused."""
    found: dict[str, Any] = {}
    for hint in hints:
        name = hint.WhichOneof("Hint")
        if name is None or name in found:
            raise rules.Refused("INVALID_ARGUMENT", f"Hint is empty or repeated: {name}")
        found[name] = getattr(hint, name)
    return found


def _read_spec(request: Any) -> tuple[int, bool]:
    """(rate, container); 22 050 Hz in WAV when nothing is asked for (section 1.1)."""
    spec = request.output_audio_spec
    match spec.WhichOneof("AudioFormat") if request.HasField("output_audio_spec") else None:
        case "raw_audio":
            encoding = spec.raw_audio.audio_encoding
            if encoding != tts_pb2.RawAudio.AudioEncoding.LINEAR16_PCM:
                raise rules.Refused("INVALID_ARGUMENT", "Audio encoding is not specified")
            if not 8000 <= spec.raw_audio.sample_rate_hertz <= 48000:
                raise rules.Refused("INVALID_ARGUMENT", "Unsupported sample rate")
            return int(spec.raw_audio.sample_rate_hertz), False
        case "container_audio":
            kind = spec.container_audio.container_audio_type
            if kind != tts_pb2.ContainerAudio.ContainerAudioType.WAV:
                raise rules.Refused("INVALID_ARGUMENT", "The stand-in makes WAV only")
            return 22050, True
        case _:
            return 22050, True


def _wav_header(rate_hz: int) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as wav:
        wav.setparams((1, 2, rate_hz, 0, "NONE", ""))
    return out.getvalue()


class GrpcStandIn:
    """The service on a port; the port can be closed (connections refused) and opened again."""

    def __init__(self, port: int = 0) -> None:
        self.plan = Plan()
        self._server: Any = None
        self.port = port
        self.open()

    @property
    def target(self) -> str:
        """Value for ``YANDEX_TTS_GRPC_TARGET``."""
        return f"127.0.0.1:{self.port}"

    def open(self) -> None:
        """Listen (again on the same port after :meth:`refuse`)."""
        self.plan.closing.clear()
        server = grpc.server(ThreadPoolExecutor(_THREADS), options=[("grpc.so_reuseport", 0)])
        tts_service_pb2_grpc.add_SynthesizerServicer_to_server(
            SynthesizerService(self.plan), server
        )
        self.port = server.add_insecure_port(self.target)
        server.start()
        self._server = server

    def refuse(self) -> None:
        """Close the port: clients see «connection refused»."""
        self.plan.closing.set()
        self._server.stop(0).wait()
