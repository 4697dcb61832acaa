"""The OpenAI stand-in itself: what it refuses and what it sends, seen through the real SDK."""

import json
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import numpy as np
import openai
import pytest

from bot.asr.openai import wav_file
from bot.audio import silence
from tests.lab import openai_faults as faults
from tests.lab.openai_server import OpenAIServer

CONTEXT = (
    "Отвечай кратко.\n[1] general: Гарантия\nГарантия на машину два года. Продлить её можно.\n"
    "[2] general: Доставка\nДоставка по России занимает две недели."
)


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer() as running:
        yield running


@pytest.fixture
def client(server: OpenAIServer) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(api_key=server.key, base_url=server.base_url, max_retries=0) as made:
        yield made


def chat(client: openai.OpenAI, question: str = "Какая гарантия на машину?", **more: Any) -> Any:
    asked: dict[str, Any] = {
        "model": "gpt-4o-mini",
        "messages": [
            {"role": "system", "content": CONTEXT},
            {"role": "user", "content": question},
        ],
    }
    return client.chat.completions.create(**{**asked, **more})


def transcribe(client: openai.OpenAI, model: str, seconds: float = 1.0, **more: Any) -> Any:
    file = more.pop("file", ("a.wav", wav_file(silence(seconds)), "audio/wav"))
    return client.audio.transcriptions.create(model=model, file=file, **more)


def refusal(call: Any, *arguments: Any, **more: Any) -> tuple[int, str | None, str | None]:
    with pytest.raises(openai.APIStatusError) as caught:
        call(*arguments, **more)
    assert caught.value.request_id
    return caught.value.status_code, caught.value.param, caught.value.code


def test_default_answer_quotes_the_passage_that_fits_the_question(client: openai.OpenAI) -> None:
    assert "два года" in chat(client).choices[0].message.content
    assert "две недели" in chat(client, "Сколько идёт доставка?").choices[0].message.content


def test_stream_comes_in_the_documented_order(client: openai.OpenAI) -> None:
    chunks = list(chat(client, stream=True, stream_options={"include_usage": True}))
    assert chunks[0].choices[0].delta.role == "assistant"
    assert chunks[0].choices[0].delta.content == ""
    assert all(chunk.choices[0].delta.content for chunk in chunks[1:-2])
    assert len(chunks) > 5
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert chunks[-1].choices == []
    assert chunks[-1].usage.completion_tokens == len(chunks) - 3
    assert all(chunk.usage is None for chunk in chunks[:-1])


def test_stream_tears_cyrillic_letters_between_writes(server: OpenAIServer) -> None:
    body = {"model": "gpt-4o-mini", "stream": True, "messages": [{"role": "user", "content": "?"}]}
    raw = json.dumps(body).encode()
    host, port = server.base_url.removeprefix("http://").removesuffix("/v1").split(":")
    head = (
        f"POST /v1/chat/completions HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n"
        f"authorization: Bearer {server.key}\r\ncontent-type: application/json\r\n"
        f"content-length: {len(raw)}\r\n\r\n"
    )
    with closing(socket.create_connection((host, int(port)))) as connection:
        connection.sendall(head.encode() + raw)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    payload = answer.split(b"\r\n\r\n", 1)[1]
    pieces = [line for line in payload.split(b"\r\n") if line[-1:] in (b"\xd0", b"\xd1")]
    assert pieces
    with pytest.raises(UnicodeDecodeError):
        pieces[0].decode()
    assert b"obfuscation" in payload


def test_the_token_limit_ends_the_answer_with_length(client: openai.OpenAI) -> None:
    answer = chat(client, max_tokens=3)
    assert answer.choices[0].finish_reason == "length"
    assert answer.usage.completion_tokens == 3


@pytest.mark.parametrize(
    ("model", "more", "expected"),
    [
        ("gpt-9x?", {}, (404, None, "model_not_found")),
        ("whisper-1", {}, (404, None, "model_not_found")),
        ("gpt-4o-mini", {"reasoning_effort": "none"}, (400, None, None)),
        ("gpt-6-luna", {"max_tokens": 9}, (400, "max_tokens", "unsupported_parameter")),
        ("gpt-6-luna", {"temperature": 0.2}, (400, "temperature", "unsupported_value")),
        ("gpt-4o-mini", {"messages": []}, (400, "messages", "empty_array")),
        ("gpt-4o-mini", {"stream_options": {}}, (400, "stream_options", None)),
        ("gpt-4o-mini", {"extra_body": {"invented": 1}}, (400, None, None)),
    ],
)
def test_chat_refuses_what_the_family_refuses(
    client: openai.OpenAI,
    model: str,
    more: dict[str, Any],
    expected: tuple[int, str | None, str | None],
) -> None:
    assert refusal(chat, client, model=model, **more) == expected


def test_reasoning_family_answers_with_its_own_parameters(client: openai.OpenAI) -> None:
    answer = chat(
        client, model="gpt-6-luna", max_completion_tokens=200, reasoning_effort="none"
    )  # fmt: skip
    assert answer.choices[0].message.content


def test_an_unverified_organisation_may_not_stream_but_may_ask(
    server: OpenAIServer, client: openai.OpenAI
) -> None:
    server.plan.unverified_models = frozenset({"gpt-6-luna"})
    expected = (400, "stream", "unsupported_value")
    assert refusal(chat, client, model="gpt-6-luna", stream=True) == expected
    assert chat(client, model="gpt-6-luna").choices[0].message.content


@pytest.mark.parametrize(
    ("model", "more", "expected"),
    [
        ("whisper-2", {}, (404, None, "model_not_found")),
        ("whisper-1", {"languages": ["ru"]}, (400, "languages", "unsupported_parameter")),
        ("gpt-transcribe", {"language": "ru"}, (400, "language", "unsupported_parameter")),
        ("whisper-1", {"language": "russian"}, (400, "language", "invalid_language_format")),
        ("gpt-transcribe", {"keywords": ["<b>"]}, (400, "keywords", "invalid_value")),
        ("whisper-1", {"keywords": ["кН"]}, (400, "keywords", "unsupported_parameter")),
        (
            "gpt-4o-mini-transcribe",
            {"response_format": "verbose_json"},
            (400, "response_format", "unsupported_value"),
        ),
        ("gpt-transcribe", {"include": ["logprobs"]}, (400, "include", "unsupported_parameter")),
        ("whisper-1", {"seconds": 0.05}, (400, "file", "audio_too_short")),
        ("whisper-1", {"file": ("a.pcm", bytes(4000))}, (400, "file", None)),
        ("whisper-1", {"file": ("a.wav", bytes(4000))}, (400, "file", None)),
    ],
)
def test_transcription_refuses_what_the_family_refuses(
    client: openai.OpenAI,
    model: str,
    more: dict[str, Any],
    expected: tuple[int, str | None, str | None],
) -> None:
    assert refusal(transcribe, client, model, **more) == expected


def test_a_file_over_25_mb_is_413(client: openai.OpenAI) -> None:
    huge = ("a.wav", bytes(26_400_000), "audio/wav")
    assert refusal(transcribe, client, "whisper-1", file=huge)[0] == 413


def test_embeddings_are_repeatable_and_near_for_texts_that_share_words(
    client: openai.OpenAI,
) -> None:
    texts = ["гарантия на машину", "какая гарантия у машины", "доставка в Казань"]
    answer = client.embeddings.create(model="text-embedding-3-small", input=texts)
    vectors = np.array([row.embedding for row in answer.data])
    again = client.embeddings.create(model="text-embedding-3-small", input=texts[0])
    assert vectors.shape == (3, 1536)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    assert np.array_equal(vectors[0], again.data[0].embedding)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.2


def test_embeddings_come_as_base64_only_when_asked(
    server: OpenAIServer, client: openai.OpenAI
) -> None:
    model = "text-embedding-3-large"
    by_default = client.embeddings.create(model=model, input="ГОСТ 1497")
    as_floats = client.embeddings.create(model=model, input="ГОСТ 1497", encoding_format="float")
    assert server.requests("embedding")[0].body["encoding_format"] == "base64"
    assert len(by_default.data[0].embedding) == 3072
    assert np.allclose(by_default.data[0].embedding, as_floats.data[0].embedding)


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"model": "gpt-4o-mini"}, 404),
        ({"input": ""}, 400),
        ({"input": ["а"] * 2049}, 400),
        ({"input": "слово " * 4000}, 400),
        ({"model": "text-embedding-ada-002", "dimensions": 256}, 400),
        ({"dimensions": 4000}, 400),
    ],
)
def test_embeddings_refuse_what_the_vendor_refuses(
    client: openai.OpenAI, more: dict[str, Any], status: int
) -> None:
    asked = {"model": "text-embedding-3-small", "input": "кН", **more}
    assert refusal(client.embeddings.create, **asked)[0] == status


def test_each_fault_hits_as_often_as_told_and_only_where_told(
    server: OpenAIServer, client: openai.OpenAI
) -> None:
    server.fail("chat", faults.rate_limited(), times=2, model="gpt-4o-mini")
    chat(client, model="gpt-4o")
    assert refusal(chat, client) == (429, None, "rate_limit_exceeded")
    assert refusal(chat, client) == (429, None, "rate_limit_exceeded")
    assert chat(client).choices
    assert server.count("chat") == 4


def test_a_wrong_key_is_401(server: OpenAIServer) -> None:
    with openai.OpenAI(api_key="sk-other", base_url=server.base_url, max_retries=0) as stranger:
        assert refusal(stranger.models.list) == (401, None, "invalid_api_key")


@pytest.mark.parametrize(
    ("fault", "error"),
    [(faults.error_in_stream(2), openai.APIError), (faults.cut(2), openai.APIConnectionError)],
)
def test_a_fault_in_the_stream_comes_after_the_text_before_it(
    server: OpenAIServer,
    client: openai.OpenAI,
    fault: faults.Fault,
    error: type[openai.APIError],
) -> None:
    server.fail("chat", fault)
    server.answer("Гарантия два года.|")
    stream = chat(client, stream=True)
    heard = [next(stream).choices[0].delta.content for _ in range(3)]
    assert heard == ["", "Гаран", "тия"]
    with pytest.raises(error):
        next(stream)


def test_a_stalled_stream_notices_that_the_caller_left(
    server: OpenAIServer, client: openai.OpenAI
) -> None:
    server.fail("chat", faults.stall(after_chunks=1))
    stream = chat(client, stream=True)
    next(stream)
    stream.close()
    assert server.wait_for("abandoned")


def test_a_stopped_stand_in_answers_nobody(server: OpenAIServer, client: openai.OpenAI) -> None:
    chat(client)
    server.stop()
    with pytest.raises(openai.APIConnectionError):
        chat(client)


def test_models_are_told_apart_from_strangers(client: openai.OpenAI) -> None:
    assert {model.id for model in client.models.list()} >= {"gpt-4o-mini", "whisper-1"}
    assert client.models.retrieve("gpt-6-luna").id == "gpt-6-luna"
    assert refusal(client.models.retrieve, "gpt-9x") == (404, None, "model_not_found")


def test_it_serves_in_a_process_of_its_own_and_takes_orders() -> None:
    command = [sys.executable, "-m", "tests.lab.openai_server", "--transcript", "раз"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        base_url = process.stdout.readline().strip()
        control = base_url.removesuffix("/v1") + "/_control"
        order = {"answers": ["да|"], "faults": [{"endpoint": "chat", "fault": "overloaded"}]}
        with urllib.request.urlopen(control, json.dumps(order).encode()):  # noqa: S310
            pass
        with openai.OpenAI(api_key="sk-stand-in", base_url=base_url, max_retries=0) as client:
            assert transcribe(client, "whisper-1").text == "раз"
            assert refusal(chat, client)[0] == 503
            assert chat(client).choices[0].message.content == "да|"
        with urllib.request.urlopen(control) as page:  # noqa: S310
            counts = json.load(page)["counts"]
        assert (counts["chat"], counts["transcription"]) == (2, 1)
        process.terminate()
        assert process.wait(10) == 0
