"""``POST /v1/embeddings`` of the OpenAI stand-in: the same text always gets the same vector,
and texts that share words get near ones (hashed character n-grams)."""

import base64
import math
import re
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.lab.openai_faults import ApiRefusal
from tests.lab.openai_models import EMBEDDING_DIMENSIONS, unknown_model

FIELDS = {"model", "input", "encoding_format", "dimensions", "user"}
MAX_INPUTS = 2048
MAX_TOKENS_EACH = 8192
MAX_TOKENS_TOGETHER = 300_000
CHARACTERS_PER_TOKEN = 2.0
"""A cautious guess for Russian: the stand-in has no tokeniser."""


def embeddings_body(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """The answer to an embeddings request, checked against protocols.md, 2.3."""
    dimensions = _dimensions(body)
    texts = _texts(body)
    as_base64 = _encoding(body) == "base64"
    tokens = sum(_tokens(text) for text in texts)
    data = [
        {
            "object": "embedding",
            "index": index,
            "embedding": _encoded(text_vector(text, dimensions), as_base64),
        }
        for index, text in enumerate(texts)
    ]
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return {"object": "list", "data": data, "model": body["model"], "usage": usage}


def text_vector(text: str, dimensions: int) -> NDArray[np.float32]:
    """A unit vector, shape ``(dimensions,)``: cosines grow with the n-grams two texts share."""
    vector = np.zeros(dimensions, dtype=np.float32)
    for gram, times in Counter(_grams(text)).items():
        digest = zlib.crc32(gram.encode())
        sign = 1.0 if digest & 0x8000_0000 else -1.0
        vector[(digest & 0x7FFF_FFFF) % dimensions] += sign * (1.0 + math.log(times))
    norm = float(np.linalg.norm(vector))
    if norm == 0.0:
        vector[0], norm = 1.0, 1.0
    return vector / np.float32(norm)


def _grams(text: str) -> Iterator[str]:
    for word in re.findall(r"\w+", text.lower()):
        padded = f" {word} "
        yield from (padded[i : i + 4] for i in range(max(1, len(padded) - 3)))


def _encoded(vector: NDArray[np.float32], as_base64: bool) -> str | list[float]:
    if as_base64:
        return base64.b64encode(vector.astype("<f4").tobytes()).decode("ascii")
    return [float(value) for value in vector]


def _dimensions(body: Mapping[str, Any]) -> int:
    model = body.get("model")
    if not isinstance(model, str) or model not in EMBEDDING_DIMENSIONS:
        raise unknown_model(model)
    for name in body:
        if name not in FIELDS:
            raise ApiRefusal(400, f"Unrecognized request argument supplied: {name}")
    full = EMBEDDING_DIMENSIONS[model]
    wanted = body.get("dimensions", full)
    if "dimensions" in body and not model.startswith("text-embedding-3"):
        raise ApiRefusal(400, "This model does not support specifying dimensions.")
    if not isinstance(wanted, int) or not 1 <= wanted <= full:
        raise ApiRefusal(400, f"Invalid value for 'dimensions' = {wanted}.", param="dimensions")
    return wanted


def _encoding(body: Mapping[str, Any]) -> str:
    encoding = body.get("encoding_format", "float")
    if encoding not in ("float", "base64"):
        raise ApiRefusal(
            400, f"Invalid value: '{encoding}'.", param="encoding_format", code="invalid_value"
        )
    return str(encoding)


def _texts(body: Mapping[str, Any]) -> Sequence[str]:
    given = body.get("input")
    texts = [given] if isinstance(given, str) else given
    good = isinstance(texts, list) and all(isinstance(text, str) and text for text in texts)
    if not isinstance(texts, list) or not texts or not good:
        raise ApiRefusal(400, "'$.input' is invalid.", param="input")
    if len(texts) > MAX_INPUTS:
        raise ApiRefusal(400, "'$.input' is too long: at most 2048 inputs.", param="input")
    worst = max(_tokens(text) for text in texts)
    if worst > MAX_TOKENS_EACH:
        raise ApiRefusal(
            400,
            f"This model's maximum context length is {MAX_TOKENS_EACH} tokens, "
            f"however you requested {worst} tokens.",
        )
    if sum(_tokens(text) for text in texts) > MAX_TOKENS_TOGETHER:
        raise ApiRefusal(400, "Requested too many tokens: at most 300000 per request.")
    return texts


def _tokens(text: str) -> int:
    return math.ceil(len(text) / CHARACTERS_PER_TOKEN)
