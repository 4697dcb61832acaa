"""The one connection pool to OpenAI (or whatever speaks its API), and its errors as ours."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import httpx2
import openai

from bot.deadline import Deadline
from bot.errors import ErrorKind, ProviderError, SettingError
from bot.failover.retryafter import retry_after_s
from bot.settings import Settings

CONNECT_S = 2.0
"""A service that has not even accepted the connection by then is as good as down."""
KEEPALIVE_S = 120.0
"""Turns of a call lie further apart than the SDK's 5 s (protocols.md, 2.4): with those, every
turn would begin with a TLS handshake."""
MAX_CONNECTIONS = 400
KEPT_CONNECTIONS = 200

KIND_OF_CODE: Final[Mapping[str | None, ErrorKind]] = {
    "insufficient_quota": "quota",
    "billing_hard_limit_reached": "quota",
    "billing_not_active": "quota",
}
"""What ``code`` or ``type`` says goes before the status: 429 means two things."""
KIND_OF_STATUS: Final[Mapping[int, ErrorKind]] = {
    400: "permanent",
    401: "authentication",
    403: "authentication",
    404: "permanent",
    408: "transient",
    409: "transient",
    413: "permanent",
    422: "permanent",
    429: "transient",
    500: "transient",
    503: "transient",
}
"""Any other status is ``transient`` from 500 on and ``permanent`` below (protocols.md, 2.4)."""


def openai_client(settings: Settings) -> openai.OpenAI:
    """The client of this process, to be shared by all threads and providers.

    It never retries by itself: a repeated wait is worse on the telephone than a stand-by.
    Raises :class:`SettingError` without a key.
    """
    if settings.openai_api_key is None:
        raise SettingError("OPENAI_API_KEY: required to use an OpenAI service")
    return openai.OpenAI(
        api_key=settings.openai_api_key.get_secret_value(),
        base_url=settings.openai_base_url,
        max_retries=0,
        http_client=openai.DefaultHttpx2Client(
            timeout=httpx2.Timeout(30.0, connect=CONNECT_S),
            limits=httpx2.Limits(
                max_connections=MAX_CONNECTIONS,
                max_keepalive_connections=KEPT_CONNECTIONS,
                keepalive_expiry=KEEPALIVE_S,
            ),
        ),
    )


def request_timeout(deadline: Deadline, at_most_s: float = float("inf")) -> httpx2.Timeout:
    """The time left as the timeout of one request.

    It bounds each read, not their sum (protocols.md, 2.4): who reads a stream looks at the
    deadline between the pieces as well.
    """
    left_s = deadline.remaining_s(at_most_s)
    return httpx2.Timeout(left_s, connect=min(left_s, CONNECT_S))


def ensure_time_left(provider: str, deadline: Deadline) -> None:
    """Raise a ``timeout`` when there is no sense in starting."""
    if deadline.expired:
        raise ProviderError(provider, "timeout", "no time was left to ask")


def as_provider_error(
    provider: str, error: openai.OpenAIError | httpx2.HTTPError | httpx2.StreamError | ValueError
) -> ProviderError:
    """What went wrong, classified by status and code, never by the message's words.

    A ``ValueError`` is what the SDK lets through for a body that is not JSON. The message names
    status, code, parameter and request id, but quotes nothing that the service said: it may hold
    the caller's words or a piece of the key.
    """
    if isinstance(error, openai.APITimeoutError | httpx2.TimeoutException):
        return ProviderError(provider, "timeout", "no answer in time")
    if isinstance(error, openai.APIStatusError):
        kind = _status_kind(error.status_code, error.code, error.type)
        wait_s = retry_after_s(error.response.headers, datetime.now(UTC))
        return ProviderError(provider, kind, _described(error), wait_s)
    if isinstance(error, openai.APIConnectionError | httpx2.HTTPError | httpx2.StreamError):
        return ProviderError(provider, "transient", "the connection failed")
    if isinstance(error, openai.APIResponseValidationError | ValueError):
        return ProviderError(provider, "permanent", "the answer is not what the API promises")
    if isinstance(error, openai.APIError):
        return stream_error(provider, error.body)
    return ProviderError(provider, "permanent", type(error).__name__)


def stream_error(provider: str, body: object) -> ProviderError:
    """An error object that came in the middle of a stream (protocols.md, 2.2)."""
    details: dict[str, Any] = body if isinstance(body, dict) else {}
    code, type_ = details.get("code"), details.get("type")
    kind = KIND_OF_CODE.get(code) or KIND_OF_CODE.get(type_) or "transient"
    return ProviderError(provider, kind, f"error in the stream, code={code}")


def _status_kind(status: int, code: str | None, type_: str | None) -> ErrorKind:
    said = KIND_OF_CODE.get(code) or KIND_OF_CODE.get(type_)
    otherwise: ErrorKind = "transient" if status >= 500 else "permanent"
    return said or KIND_OF_STATUS.get(status, otherwise)


def _described(error: openai.APIStatusError) -> str:
    parts = [f"HTTP {error.status_code}"]
    for name in ("code", "param", "request_id"):
        value = getattr(error, name)
        if value:
            parts.append(f"{name}={value}")
    return " ".join(parts)
