"""Speech by Yandex SpeechKit API v3 over gRPC (protocols.md, 1.1-1.3)."""

import logging
import uuid
from collections.abc import Generator, Mapping
from contextlib import closing
from typing import Any, Final

import grpc
from yandex.cloud.ai.tts.v3 import tts_pb2, tts_service_pb2_grpc

from bot.audio import RATE_HZ
from bot.deadline import Deadline
from bot.errors import ErrorKind, ProviderError
from bot.russian import spoken
from bot.tts.clauses import clauses
from bot.tts.grpc_stream import Late, responses
from bot.tts.pace import NORMAL
from bot.tts.pcm import whole_samples
from bot.tts.yandex_account import Credentials
from bot.tts.yandex_text import in_words
from bot.tts.yandex_voices import paced

log = logging.getLogger(__name__)

FIRST_AUDIO_S = 2.0
GAP_S = 2.0
_LONGEST_CHARACTERS = 250
_WARM_UP_S = 5.0

_CHANNEL_OPTIONS = (
    ("grpc.keepalive_time_ms", 310_000),  # servers drop a client that pings oftener than 5 min
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.initial_reconnect_backoff_ms", 200),
    ("grpc.max_reconnect_backoff_ms", 5_000),  # default 120 s: long after the service is back
)

_KINDS: Final[Mapping[str, ErrorKind]] = {
    "INVALID_ARGUMENT": "permanent",
    "DEADLINE_EXCEEDED": "timeout",
    "NOT_FOUND": "permanent",
    "PERMISSION_DENIED": "authentication",
    "RESOURCE_EXHAUSTED": "quota",
    "UNIMPLEMENTED": "permanent",
    "INTERNAL": "transient",
    "UNAVAILABLE": "transient",
    "UNAUTHENTICATED": "authentication",
}
"""Any other code is ``transient`` (protocols.md, 1.3: branch on codes, texts may change)."""

_AUDIO = tts_pb2.AudioFormatOptions(
    raw_audio=tts_pb2.RawAudio(
        audio_encoding=tts_pb2.RawAudio.AudioEncoding.LINEAR16_PCM, sample_rate_hertz=RATE_HZ
    )
)


class YandexGrpc:
    """One shared channel; see :class:`bot.tts.Synthesiser`.

    A request without any audio for ``first_audio_s`` seconds, or without more of it for
    ``gap_s``, is given up as ``timeout``.
    """

    name = "yandex-grpc"

    def __init__(
        self,
        credentials: Credentials,
        target: str,
        insecure: bool = False,
        voice: str = "marina",
        role: str | None = None,
        speed: float = 1.0,
        first_audio_s: float = FIRST_AUDIO_S,
        gap_s: float = GAP_S,
    ) -> None:
        self._credentials = credentials
        self._voice, self._role, self._speed = voice, role, speed
        self._first_audio_s, self._gap_s = first_audio_s, gap_s
        self._channel = (
            grpc.insecure_channel(target, _CHANNEL_OPTIONS)
            if insecure
            else grpc.secure_channel(target, grpc.ssl_channel_credentials(), _CHANNEL_OPTIONS)
        )
        self._stub = tts_service_pb2_grpc.SynthesizerStub(self._channel)

    @property
    def voice_key(self) -> str:
        """See :class:`bot.tts.Synthesiser`."""
        return f"{self.name}:{self._voice}:{self._role or ''}:{self._speed}"

    def warm_up(self) -> None:
        """Load the dictionaries and connect, so that the first caller waits for neither.

        Failing to connect is only logged.
        """
        spoken.warm_up()
        try:
            grpc.channel_ready_future(self._channel).result(timeout=_WARM_UP_S)
        except grpc.FutureTimeoutError:
            log.warning("tts_unreachable provider=%s", self.name)

    def close(self) -> None:
        """Close the channel; calls under way fail."""
        self._channel.close()

    def synthesise(self, text: str, deadline: Deadline, pace: float = NORMAL) -> Generator[bytes]:
        """See :class:`bot.tts.Synthesiser`; closing the iterator cancels the request."""
        speed = paced(self._speed, pace)
        # Also 24 s of audio at the most.
        limit = max(1, int(_LONGEST_CHARACTERS * min(1.0, speed)))
        for clause in clauses(in_words(text), limit):
            yield from self._speak(self._request(clause, speed), deadline)

    def _speak(self, request: Any, deadline: Deadline) -> Generator[bytes]:
        call = self._stub.UtteranceSynthesis(
            request, metadata=self._metadata(), timeout=deadline.remaining_s()
        )
        try:
            with closing(self._audio(call, deadline)) as audio:
                yield from whole_samples(audio)
        except Late as error:
            late = "called off" if deadline.cancelled else "no audio in time"
            raise ProviderError(self.name, "timeout", late) from error
        except grpc.RpcError as error:
            raise self._failure(error) from error

    def _audio(self, call: Any, deadline: Deadline) -> Generator[bytes]:
        with closing(
            responses(call, deadline, self._first_audio_s, self._gap_s, _has_audio)
        ) as messages:
            for message in messages:
                if _has_audio(message):
                    yield message.audio_chunk.data

    def _request(self, clause: str, speed: float) -> Any:
        hints = [tts_pb2.Hints(voice=self._voice)]  # one field a message: Hints is a oneof
        if self._role:
            hints.append(tts_pb2.Hints(role=self._role))
        if speed != 1.0:
            hints.append(tts_pb2.Hints(speed=speed))
        return tts_pb2.UtteranceSynthesisRequest(text=clause, hints=hints, output_audio_spec=_AUDIO)

    def _metadata(self) -> list[tuple[str, str]]:
        metadata = [
            ("authorization", self._credentials.authorization),  # lower case: gRPC demands it
            ("x-client-request-id", str(uuid.uuid4())),
        ]
        if folder := self._credentials.folder_to_send:
            metadata.append(("x-folder-id", folder))
        return metadata

    def _failure(self, error: Any) -> ProviderError:
        code, details = error.code().name, error.details() or ""
        kind = _KINDS.get(code, "transient")
        if code == "INTERNAL" and "metadata" in details:
            kind = "permanent"  # said by our own gRPC library: the credential cannot be sent
        return ProviderError(self.name, kind, f"{code} {details}{_trace(error)}")


def _has_audio(message: Any) -> bool:
    return bool(message.audio_chunk.data)


def _trace(error: Any) -> str:
    """The ids by which the vendor finds the request (protocols.md, 1.2)."""
    trailers = dict(error.trailing_metadata() or ())
    ids = [f" {name}={trailers[name]}" for name in ("x-request-id", "x-server-trace-id")
           if name in trailers]  # fmt: skip
    return "".join(ids)
