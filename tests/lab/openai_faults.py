"""The error answers of OpenAI's API, word for word, and the ways a stream can break."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal


class ApiRefusal(Exception):
    """The request is answered with an error: ``status`` and ``{"error": {...}}``.

    Shapes and codes: protocols.md, 2.1, 2.2, 2.4 and 4.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        type: str = "invalid_request_error",
        param: str | None = None,
        code: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"error": {"message": message, "type": type, "param": param, "code": code}}
        self.headers = dict(headers or {})


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one request.

    ``refusal`` is answered at once. Otherwise the answer breaks after ``after_chunks`` pieces
    of text: ``error`` sends an error object in the stream, ``garbage`` what is no event,
    ``cut`` closes the socket, ``stall`` says nothing for ``stall_s`` and then closes it,
    ``drip`` sends a byte now and then for as long. Without a stream (transcription, embeddings)
    ``cut`` and ``stall`` happen before the status line, ``garbage`` and ``drip`` after it.
    """

    kind: Literal["refusal", "error", "cut", "stall", "garbage", "drip"]
    refusal: Callable[[], ApiRefusal] | None = None
    after_chunks: int = 0
    stall_s: float = 30.0


@dataclass
class ArmedFault:
    """A fault waiting for the next ``left`` requests to one endpoint (and model, if named)."""

    endpoint: str
    fault: Fault
    left: int = 1
    model: str | None = None
    meets: Mapping[str, Any] = field(default_factory=dict)
    """Only for requests whose JSON body has these values, e.g. ``{"stream": True}``."""


def refused(status: int, message: str, **details: Any) -> Fault:
    """Any other refusal; ``details`` are ``type``, ``param``, ``code`` and ``headers``."""
    return Fault("refusal", refusal=partial(ApiRefusal, status, message, **details))


def bad_key() -> Fault:
    """401: the key is wrong or was withdrawn."""
    return refused(401, "Incorrect API key provided: sk-***.", code="invalid_api_key")


def forbidden() -> Fault:
    """403: the key may not use this."""
    return refused(
        403,
        "Country, region, or territory not supported",
        type="request_forbidden",
        code="unsupported_country_region_territory",
    )


def rate_limited(retry_after_s: int | None = 1) -> Fault:
    """429 that passes by itself; it says when, unless that is None."""
    said = {} if retry_after_s is None else {
        "retry-after": str(retry_after_s), "retry-after-ms": str(retry_after_s * 1000)
    }  # fmt: skip
    return refused(
        429,
        "Rate limit reached for requests",
        type="requests",
        code="rate_limit_exceeded",
        headers=said,
    )


def out_of_quota() -> Fault:
    """429 that does not pass until somebody pays."""
    return refused(
        429,
        "You exceeded your current quota, please check your plan.",
        type="insufficient_quota",
        code="insufficient_quota",
    )


def server_error() -> Fault:
    """500."""
    return refused(
        500, "The server had an error while processing your request.", type="server_error"
    )


def overloaded() -> Fault:
    """503."""
    return refused(
        503,
        "The engine is currently overloaded, please try again later.",
        type="server_error",
        code="service_unavailable",
    )


def stream_refusal() -> ApiRefusal:
    """400 for an organisation that is not verified to stream (protocols.md, 2.2)."""
    return ApiRefusal(
        400,
        "Your organization must be verified to stream this model. Please go to: "
        "https://platform.openai.com/settings/organization/general and click on Verify.",
        param="stream",
        code="unsupported_value",
    )


def response_format_refusal() -> ApiRefusal:
    """400 for ``verbose_json`` on a model that only knows ``json`` (protocols.md, 2.1)."""
    return ApiRefusal(
        400,
        "response_format 'verbose_json' is not compatible with this model. Use 'json' instead.",
        param="response_format",
        code="unsupported_value",
    )


def size_refusal() -> ApiRefusal:
    """413: over 25 MB (protocols.md, 2.1)."""
    return ApiRefusal(413, "Maximum content size limit (26214400) exceeded")


def stream_refused() -> Fault:
    """400, param=stream."""
    return Fault("refusal", refusal=stream_refusal)


def response_format_refused() -> Fault:
    """400, param=response_format."""
    return Fault("refusal", refusal=response_format_refusal)


def too_large() -> Fault:
    """413."""
    return Fault("refusal", refusal=size_refusal)


def error_in_stream(after_chunks: int = 2) -> Fault:
    """An error object instead of the next chunk."""
    return Fault("error", after_chunks=after_chunks)


def cut(after_chunks: int = 2) -> Fault:
    """The connection breaks."""
    return Fault("cut", after_chunks=after_chunks)


def stall(after_chunks: int = 0, stall_s: float = 30.0) -> Fault:
    """Nothing more comes, but the connection stays."""
    return Fault("stall", after_chunks=after_chunks, stall_s=stall_s)


def garbage(after_chunks: int = 0) -> Fault:
    """Bytes that mean nothing, in an answer that says it is fine."""
    return Fault("garbage", after_chunks=after_chunks)


def drip(after_chunks: int = 0, stall_s: float = 30.0) -> Fault:
    """A byte now and then: no read ever waits long, and nothing is ever whole."""
    return Fault("drip", after_chunks=after_chunks, stall_s=stall_s)


FAULTS: Mapping[str, Callable[..., Fault]] = {
    made.__name__: made
    for made in (
        bad_key,
        forbidden,
        too_large,
        rate_limited,
        out_of_quota,
        server_error,
        overloaded,
        stream_refused,
        response_format_refused,
        error_in_stream,
        cut,
        stall,
        garbage,
        drip,
    )
}
"""Every fault by the name that ``POST /_control`` knows it by."""
