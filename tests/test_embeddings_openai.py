"""Embeddings over the wire, against the strict stand-in."""

from collections.abc import Iterator

import numpy as np
import openai
import pytest

from bot.embeddings.openai import MAX_BATCH_CHARS, MAX_INPUTS, OpenAIEmbedder
from bot.errors import ErrorKind, ProviderError
from bot.openai_client import openai_client
from bot.settings import Settings
from tests.lab.openai_embeddings import text_vector
from tests.lab.openai_faults import (
    Fault,
    bad_key,
    out_of_quota,
    overloaded,
    rate_limited,
    server_error,
)
from tests.lab.openai_server import KEY, OpenAIServer


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer() as running:
        yield running


@pytest.fixture
def client(server: OpenAIServer) -> Iterator[openai.OpenAI]:
    settings = Settings(_env_file=None, openai_api_key=KEY, openai_base_url=server.base_url)  # type: ignore[call-arg, arg-type]
    with openai_client(settings) as made:
        yield made


@pytest.mark.parametrize(
    ("model", "wanted", "dimensions"),
    [
        ("text-embedding-3-small", None, 1536),
        ("text-embedding-3-small", 512, 512),
        ("text-embedding-3-large", None, 3072),
        ("text-embedding-ada-002", 512, 1536),
    ],
)
def test_vectors_are_those_of_the_service_and_dimensions_only_asked_of_models_that_can(
    server: OpenAIServer, client: openai.OpenAI, model: str, wanted: int | None, dimensions: int
) -> None:
    embedder = OpenAIEmbedder(client, model, wanted)
    query = embedder.embed_query("какая гарантия")
    assert query.dtype == np.float32
    assert query == pytest.approx(text_vector("какая гарантия", dimensions), abs=1e-5)
    passages = embedder.embed_passages(["Гарантия 24 месяца", "Доставка"])
    assert passages.shape == (2, dimensions)
    assert np.linalg.norm(passages, axis=1) == pytest.approx(1, abs=1e-5)
    asks_for_dimensions = ["dimensions" in r.body for r in server.requests("embedding")]
    assert asks_for_dimensions == [wanted is not None and "-3-" in model] * 2


def test_one_question_is_one_request(server: OpenAIServer, client: openai.OpenAI) -> None:
    OpenAIEmbedder(client).embed_query("какая гарантия")
    assert server.count("embedding") == 1
    assert server.requests("embedding")[0].body["encoding_format"] == "base64"


@pytest.mark.parametrize(
    ("texts", "requests"),
    [
        ([], 0),
        (["текст"] * MAX_INPUTS, 1),
        (["текст"] * (MAX_INPUTS + 1), 2),
        (["б" * 4000] * (MAX_BATCH_CHARS // 4000 + 1), 2),
        (["а", "", " ", "б"], 1),
    ],
)
def test_many_passages_take_as_few_requests_as_the_limits_allow(
    server: OpenAIServer, client: openai.OpenAI, texts: list[str], requests: int
) -> None:
    vectors = OpenAIEmbedder(client, dimensions=8).embed_passages(texts)
    assert vectors.shape == (len(texts), 8)
    assert server.count("embedding") == requests


def test_passages_keep_their_order_over_several_requests(
    server: OpenAIServer, client: openai.OpenAI
) -> None:
    texts = [f"изделие {number}" for number in range(MAX_INPUTS + 5)]
    vectors = OpenAIEmbedder(client, dimensions=16).embed_passages(texts)
    for number in (0, 1, MAX_INPUTS - 1, MAX_INPUTS, MAX_INPUTS + 4):
        assert vectors[number] == pytest.approx(text_vector(texts[number], 16), abs=1e-5)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (bad_key(), "authentication"),
        (out_of_quota(), "quota"),
        (rate_limited(), "transient"),
        (server_error(), "transient"),
        (overloaded(), "transient"),
    ],
)
def test_a_refused_question_is_told_by_kind_and_not_repeated(
    server: OpenAIServer, client: openai.OpenAI, fault: Fault, kind: ErrorKind
) -> None:
    server.fail("embedding", fault)
    with pytest.raises(ProviderError) as caught:
        OpenAIEmbedder(client).embed_query("какая гарантия")
    assert (caught.value.provider, caught.value.kind) == ("openai", kind)
    assert server.count("embedding") == 1
    assert "гарантия" not in str(caught.value)


def test_a_build_is_patient_with_a_service_that_is_busy_for_a_moment(
    server: OpenAIServer, client: openai.OpenAI
) -> None:
    server.fail("embedding", server_error(), times=2)
    assert OpenAIEmbedder(client, dimensions=8).embed_passages(["текст"]).shape == (1, 8)
    assert server.count("embedding") == 3


@pytest.mark.parametrize(("usual_s", "this_time_s"), [(0.1, None), (30.0, 0.1)])
def test_a_question_does_not_wait_longer_than_it_is_allowed_to(
    server: OpenAIServer, client: openai.OpenAI, usual_s: float, this_time_s: float | None
) -> None:
    server.plan.embedding_s = 20.0
    with pytest.raises(ProviderError) as caught:
        OpenAIEmbedder(client, query_timeout_s=usual_s).embed_query("вопрос", this_time_s)
    assert caught.value.kind == "timeout"


def test_an_unknown_model_is_permanent(server: OpenAIServer, client: openai.OpenAI) -> None:
    with pytest.raises(ProviderError) as caught:
        OpenAIEmbedder(client, "text-embedding-9").embed_query("вопрос")
    assert caught.value.kind == "permanent"


def test_vectors_of_different_models_or_lengths_have_different_keys(client: openai.OpenAI) -> None:
    keys = {
        OpenAIEmbedder(client).model_key,
        OpenAIEmbedder(client, dimensions=512).model_key,
        OpenAIEmbedder(client, "text-embedding-3-large").model_key,
        OpenAIEmbedder(client, "text-embedding-ada-002").model_key,
    }
    assert len(keys) == 4
