"""``POST /v1/chat/completions`` of the OpenAI stand-in: what it accepts and what it says."""

import json
import re
import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tests.lab.openai_embeddings import text_vector
from tests.lab.openai_faults import ApiRefusal, stream_refusal
from tests.lab.openai_models import is_chat, is_reasoning, unknown_model
from tests.lab.openai_plan import Plan

FIELDS = {
    "model",
    "messages",
    "stream",
    "stream_options",
    "temperature",
    "top_p",
    "max_tokens",
    "max_completion_tokens",
    "reasoning_effort",
    "verbosity",
    "stop",
    "n",
    "user",
    "seed",
    "presence_penalty",
    "frequency_penalty",
    "response_format",
    "service_tier",
    "prompt_cache_key",
    "safety_identifier",
    "store",
    "metadata",
}
ROLES = {"system", "developer", "user", "assistant"}
EFFORTS = {"none", "minimal", "low", "medium", "high", "xhigh", "max"}
NO_PASSAGES = "К сожалению, ответа на этот вопрос в базе знаний нет.|"
TOKEN_CHARACTERS = 5


def check_chat(body: Mapping[str, Any], plan: Plan) -> None:
    """Refuse what the vendor refuses (protocols.md, 2.2)."""
    model = body.get("model")
    if not isinstance(model, str) or not (is_chat(model) or model in plan.extra_models):
        raise unknown_model(model)
    for name in body:
        if name not in FIELDS:
            raise ApiRefusal(400, f"Unrecognized request argument supplied: {name}")
    _check_messages(body.get("messages"))
    if model not in plan.extra_models:
        (_check_reasoning if is_reasoning(model) else _check_classic)(body, model, plan)
    _check_numbers(body)
    if "stream_options" in body and not body.get("stream"):
        raise ApiRefusal(
            400,
            "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
            param="stream_options",
        )
    if body.get("stream") and model in plan.unverified_models:
        raise stream_refusal()


def _check_messages(messages: object) -> None:
    if not isinstance(messages, list) or not messages:
        raise ApiRefusal(
            400, "Invalid 'messages': empty array.", param="messages", code="empty_array"
        )
    for index, message in enumerate(messages):
        if not isinstance(message, dict) or message.get("role") not in ROLES:
            raise ApiRefusal(
                400,
                f"Invalid value: messages[{index}].role",
                param=f"messages[{index}].role",
                code="invalid_value",
            )
        if not isinstance(message.get("content"), str):
            raise ApiRefusal(
                400,
                f"Invalid type for 'messages[{index}].content'",
                param=f"messages[{index}].content",
                code="invalid_type",
            )


def _check_reasoning(body: Mapping[str, Any], model: str, plan: Plan) -> None:
    if "max_tokens" in body:
        raise ApiRefusal(
            400,
            "Unsupported parameter: 'max_tokens' is not supported with this model. Use "
            "'max_completion_tokens' instead.",
            param="max_tokens",
            code="unsupported_parameter",
        )
    if body.get("temperature", 1) != 1:
        raise ApiRefusal(
            400,
            f"Unsupported value: 'temperature' does not support {body['temperature']} with "
            "this model. Only the default (1) value is supported.",
            param="temperature",
            code="unsupported_value",
        )
    effort = body.get("reasoning_effort", "none")
    if effort not in EFFORTS or ("reasoning_effort" in body and model in plan.plain_models):
        raise ApiRefusal(
            400,
            f"Unsupported value: 'reasoning_effort' does not support '{effort}' with this model.",
            param="reasoning_effort",
            code="unsupported_value",
        )


def _check_classic(body: Mapping[str, Any], model: str, plan: Plan) -> None:
    for name in ("reasoning_effort", "verbosity"):
        if name in body:
            raise ApiRefusal(400, f"Unrecognized request argument supplied: {name}")


def _check_numbers(body: Mapping[str, Any]) -> None:
    temperature = body.get("temperature", 1)
    if not isinstance(temperature, int | float) or not 0 <= temperature <= 2:
        raise ApiRefusal(
            400,
            f"Invalid 'temperature': {temperature}",
            param="temperature",
            code="decimal_above_max_value",
        )
    for name in ("max_tokens", "max_completion_tokens"):
        if name in body and not (isinstance(body[name], int) and body[name] >= 1):
            raise ApiRefusal(400, f"Invalid '{name}'", param=name, code="integer_below_min_value")


def quote_passages(body: Mapping[str, Any]) -> str:
    """The default answer: the two given sentences nearest to the question, word for word.

    Passages are recognised by the line ``[1] …`` that numbers each in the system messages, so
    a test sees in the answer whether the right ones were given.
    """
    messages = body["messages"]
    context = "\n".join(m["content"] for m in messages if m["role"] in ("system", "developer"))
    passages = re.split(r"^\[\d+\][^\n]*\n", context, flags=re.MULTILINE)[1:]
    sentences = [s for passage in passages for s in _sentences(passage)]
    if not sentences:
        return NO_PASSAGES
    question = text_vector(messages[-1]["content"], 1536)
    near = sorted(sentences, key=lambda s: -float(text_vector(s, 1536) @ question))[:2]
    return "".join(f"{sentence}|" for sentence in near)


def _sentences(passage: str) -> list[str]:
    parts = re.split(r"(?<=[.!?])\s+|\n+", passage)
    return [part.strip() for part in parts if len(part.split()) >= 3 and not part.startswith("#")]


def tokens(text: str) -> list[str]:
    """``text`` cut like a tokeniser cuts Russian: a few letters each, spaces kept."""
    words = re.findall(r"\s*\S+|\s+$", text)
    return [
        word[i : i + TOKEN_CHARACTERS]
        for word in words
        for i in range(0, len(word), TOKEN_CHARACTERS)
    ]


def limited(text: str, body: Mapping[str, Any]) -> tuple[list[str], str]:
    """The pieces of the answer within the token limit, and why it ends."""
    limit = body.get("max_completion_tokens", body.get("max_tokens"))
    pieces = tokens(text)
    if limit is not None and len(pieces) > limit:
        return pieces[:limit], "length"
    return pieces, "stop"


def completion_body(body: Mapping[str, Any], text: str) -> Mapping[str, Any]:
    """The whole answer at once, for ``stream=false``."""
    pieces, reason = limited(text, body)
    message = {"role": "assistant", "content": "".join(pieces), "refusal": None}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": reason}
    return {**_envelope(body, "chat.completion"), "choices": [choice], "usage": _usage(pieces)}


def chunks(body: Mapping[str, Any], text: str) -> Iterator[tuple[str, Mapping[str, Any] | None]]:
    """The stream's events in order: ``(kind, chunk)``.

    Kinds: ``role``, ``content`` (one per piece), ``finish``, ``usage`` when asked for, ``done``.
    """
    options = body.get("stream_options") or {}
    envelope = _envelope(body, "chat.completion.chunk")
    with_usage = bool(options.get("include_usage"))
    if with_usage:
        envelope["usage"] = None
    hidden = options.get("include_obfuscation", True)
    pieces, reason = limited(text, body)
    yield "role", _chunk(envelope, {"role": "assistant", "content": "", "refusal": None}, hidden)
    for piece in pieces:
        yield "content", _chunk(envelope, {"content": piece}, hidden)
    yield "finish", _chunk(envelope, {}, hidden, reason)
    if with_usage:
        yield "usage", {**envelope, "choices": [], "usage": _usage(pieces)}
    yield "done", None


def event_bytes(chunk: Mapping[str, Any] | None) -> bytes:
    """One server-sent event, Cyrillic as it is (not escaped)."""
    data = "[DONE]" if chunk is None else json.dumps(chunk, ensure_ascii=False)
    return f"data: {data}\n\n".encode()


def torn(event: bytes) -> Sequence[bytes]:
    """The event in two writes, cut inside a Cyrillic letter where it has one."""
    for i, byte in enumerate(event):
        if byte in (0xD0, 0xD1):
            return event[: i + 1], event[i + 1 :]
    return (event,)


def _envelope(body: Mapping[str, Any], kind: str) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{secrets.token_hex(8)}",
        "object": kind,
        "created": int(time.time()),
        "model": body["model"],
        "service_tier": "default",
        "system_fingerprint": None,
    }


def _chunk(
    envelope: Mapping[str, Any], delta: Mapping[str, Any], hidden: bool, reason: str | None = None
) -> Mapping[str, Any]:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
    padding = {"obfuscation": secrets.token_urlsafe(secrets.randbelow(9) + 1)} if hidden else {}
    return {**envelope, "choices": [choice], **padding}


def _usage(pieces: Sequence[str]) -> Mapping[str, int]:
    return {
        "prompt_tokens": 100,
        "completion_tokens": len(pieces),
        "total_tokens": 100 + len(pieces),
    }
