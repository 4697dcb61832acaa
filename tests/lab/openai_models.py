"""Which model the OpenAI stand-in knows, and what each family accepts (protocols.md, 2)."""

import re
from collections.abc import Container, Mapping
from typing import Any

from tests.lab.openai_faults import ApiRefusal

EMBEDDING_DIMENSIONS: Mapping[str, int] = {
    "text-embedding-3-small": 1536,
    "text-embedding-3-large": 3072,
    "text-embedding-ada-002": 1536,
}
CLASSIC_CHAT = re.compile(r"gpt-4(o|\.1|-turbo)(-mini|-nano)?(-20\d\d-\d\d-\d\d)?")
REASONING_CHAT = re.compile(r"(gpt-[5-9](\.\d+)?|o[134])(-[a-z]+)*(-20\d\d-\d\d-\d\d)?")
WHISPER = re.compile(r"whisper-1")
GPT_4O_TRANSCRIBE = re.compile(r"gpt-4o(-mini)?-transcribe(-20\d\d-\d\d-\d\d)?")
GPT_TRANSCRIBE = re.compile(r"gpt-transcribe")


def unknown_model(model: object) -> ApiRefusal:
    """404 for a model that does not exist or cannot do this."""
    return ApiRefusal(
        404,
        f"The model `{model}` does not exist or you do not have access to it.",
        code="model_not_found",
    )


def is_reasoning(model: str) -> bool:
    """Whether the model takes ``max_completion_tokens`` and ``reasoning_effort``."""
    return REASONING_CHAT.fullmatch(model) is not None


def is_chat(model: str) -> bool:
    """Whether the model answers chat completions."""
    return is_reasoning(model) or CLASSIC_CHAT.fullmatch(model) is not None


def is_transcription(model: str) -> bool:
    """Whether the model transcribes files."""
    return any(f.fullmatch(model) for f in (WHISPER, GPT_4O_TRANSCRIBE, GPT_TRANSCRIBE))


def known_model(model: str, also: Container[str] = ()) -> Mapping[str, Any]:
    """The entry of ``GET /v1/models/<model>``; 404 for a stranger."""
    known = is_chat(model) or is_transcription(model) or model in EMBEDDING_DIMENSIONS
    if not known and model not in also:
        raise unknown_model(model)
    return {"id": model, "object": "model", "created": 0, "owned_by": "openai"}
