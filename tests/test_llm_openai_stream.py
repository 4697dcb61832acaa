"""The event stream of a chat completion, byte by byte."""

from collections.abc import Iterable

import pytest

from bot.deadline import Deadline
from bot.errors import ProviderError
from bot.llm.openai_stream import event_data, streamed_text

TEXT = 'data: {"choices":[{"delta":{"content":"Да"},"finish_reason":null}]}\n\n'
FINISH = 'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\n'
USAGE = 'data: {"choices":[],"usage":{"total_tokens":9}}\n\n'
DONE = "data: [DONE]\n\n"


def text_of(parts: Iterable[str]) -> list[str]:
    return list(streamed_text("openai", (part.encode() for part in parts), Deadline(60)))


def test_events_survive_any_cut() -> None:
    stream = 'data: {"a":"ё"}\r\n\r\n: ping\n\nevent: x\ndata:[DONE]\n\n'.encode()
    for size in (1, 2, 3, 7, len(stream)):
        parts = (stream[i : i + size] for i in range(0, len(stream), size))
        assert list(event_data(parts)) == ['{"a":"ё"}'.encode(), b"[DONE]"]


@pytest.mark.parametrize(
    "ending",
    [(FINISH, DONE), (FINISH, USAGE, DONE), (FINISH,), (DONE,), (USAGE, DONE)],
)
def test_a_stream_may_end_with_a_reason_or_with_done(ending: tuple[str, ...]) -> None:
    assert text_of((TEXT, TEXT, *ending)) == ["Да", "Да"]


def test_chunks_without_text_are_passed_over() -> None:
    role = 'data: {"choices":[{"delta":{"role":"assistant","content":""}}]}\n\n'
    bare = 'data: {"choices":[{"delta":null}]}\n\n'
    assert text_of((": ping\n\n", role, bare, USAGE, TEXT, FINISH, DONE)) == ["Да"]


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        ("", "transient"),
        ("data: oops\n\n", "permanent"),
        ("data: [1]\n\n", "permanent"),
        ('data: {"error":{"code":"insufficient_quota"}}\n\n', "quota"),
        ('data: {"error":{"type":"server_error"}}\n\n', "transient"),
    ],
)
def test_a_broken_stream_raises_after_the_text_before_it(event: str, kind: str) -> None:
    pieces = streamed_text("openai", (part.encode() for part in (TEXT, event)), Deadline(60))
    assert next(pieces) == "Да"
    with pytest.raises(ProviderError) as caught:
        next(pieces)
    assert caught.value.kind == kind
