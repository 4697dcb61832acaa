"""The text out of a chat completion's event stream (protocols.md, 2.2)."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from bot.deadline import Deadline
from bot.errors import ProviderError
from bot.openai_client import stream_error


def event_data(parts: Iterable[bytes]) -> Iterator[bytes]:
    """The ``data:`` of each server-sent event, from byte pieces cut anywhere.

    Lines are split at bytes: a split at characters would also cut JSON at U+2028, and a letter
    may arrive in two pieces.
    """
    rest = b""
    for part in parts:
        *lines, rest = (rest + part).split(b"\n")
        for line in lines:
            if line.startswith(b"data:"):
                yield line[len(b"data:") :].strip()


def streamed_text(provider: str, parts: Iterable[bytes], deadline: Deadline) -> Iterator[str]:
    """The answer's pieces as they come.

    Reads to the end of the body, not just to ``[DONE]``: a connection whose last chunk is
    unread cannot be used again, and the SDK's own stream leaves it so. Raises
    :class:`ProviderError` on an error object, a stream that just ends, or a missed deadline.
    """
    ended = False
    for data in event_data(parts):
        if data == b"[DONE]":
            ended = True
            continue
        chunk = _decoded(provider, data)
        if chunk.get("error"):
            raise stream_error(provider, chunk["error"])
        choices = chunk.get("choices") or [{}]
        ended = ended or bool(choices[0].get("finish_reason"))
        text = (choices[0].get("delta") or {}).get("content")
        if text:
            yield text
        if deadline.expired and not ended:
            raise ProviderError(provider, "timeout", "the answer did not end in time")
    if not ended:
        raise ProviderError(provider, "transient", "the stream ended before the answer did")


def _decoded(provider: str, data: bytes) -> dict[str, Any]:
    try:
        chunk = json.loads(data)
    except ValueError as error:
        raise ProviderError(provider, "permanent", "an event is not JSON") from error
    if not isinstance(chunk, dict):
        raise ProviderError(provider, "permanent", "an event is not an object")
    return chunk
