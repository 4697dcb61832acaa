"""The shared connection pool to OpenAI, and its errors as ours."""

from typing import Any

import httpx2
import openai
import pytest

from bot.deadline import Deadline
from bot.errors import ErrorKind, ProviderError, SettingError
from bot.openai_client import (
    as_provider_error,
    ensure_time_left,
    openai_client,
    request_timeout,
    stream_error,
)
from bot.settings import Settings

REQUEST = httpx2.Request("POST", "http://service/")


@pytest.fixture
def client() -> openai.OpenAI:
    return openai_client(Settings.model_validate({"openai_api_key": "sk-test"}))


def test_the_pool_keeps_connections_longer_than_a_turn_lasts(client: openai.OpenAI) -> None:
    pool = client._client._transport._pool  # type: ignore[attr-defined]
    assert pool._keepalive_expiry == 120.0
    assert pool._max_connections >= 200
    assert client.max_retries == 0


def test_timeouts_of_the_transport_are_timeouts() -> None:
    request = httpx2.Request("POST", "http://service/")
    for error in (openai.APITimeoutError(request), httpx2.ReadTimeout("late", request=request)):
        assert as_provider_error("openai", error).kind == "timeout"


def test_no_client_without_a_key() -> None:
    with pytest.raises(SettingError, match="OPENAI_API_KEY"):
        openai_client(Settings.model_validate({"openai_api_key": None}))


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, {}, "permanent"),
        (401, {}, "authentication"),
        (403, {"code": "model_not_allowed"}, "authentication"),
        (404, {"code": "model_not_found"}, "permanent"),
        (408, {}, "transient"),
        (409, {}, "transient"),
        (413, {}, "permanent"),
        (422, {}, "permanent"),
        (429, {"code": "rate_limit_exceeded"}, "transient"),
        (429, {"code": "insufficient_quota"}, "quota"),
        (429, {"code": None, "type": "insufficient_quota"}, "quota"),
        (429, {"message": "insufficient_quota in words only"}, "transient"),
        (400, {"code": "billing_hard_limit_reached"}, "quota"),
        (500, {}, "transient"),
        (503, {}, "transient"),
        (529, {}, "transient"),
    ],
)
def test_the_kind_follows_status_and_code(
    status: int, body: dict[str, Any], kind: ErrorKind
) -> None:
    response = httpx2.Response(status, request=REQUEST)
    error = as_provider_error("openai", openai.APIStatusError("?", response=response, body=body))
    assert (error.provider, error.kind) == ("openai", kind)


def test_an_error_object_in_a_stream_is_quota_only_by_its_code() -> None:
    assert stream_error("openai", {"code": "insufficient_quota"}).kind == "quota"
    assert stream_error("openai", {"message": "quota?"}).kind == "transient"
    assert stream_error("openai", "not an object").kind == "transient"


def test_a_request_gets_the_time_left_and_two_seconds_to_connect() -> None:
    timeout = request_timeout(Deadline(60), at_most_s=7.0)
    assert (timeout.read, timeout.connect) == (7.0, 2.0)
    called_off = Deadline(60)
    called_off.cancel()
    assert request_timeout(called_off).read == 0.001


def test_nothing_starts_after_the_deadline() -> None:
    ensure_time_left("openai", Deadline(60))
    with pytest.raises(ProviderError) as caught:
        ensure_time_left("openai", Deadline(0))
    assert caught.value.kind == "timeout"
