"""Which embedder the settings stand for."""

import importlib.util
from typing import Any

import pytest

from bot.embeddings.choose import choose_embedder
from bot.errors import SettingError
from bot.settings import Settings


def settings(**values: Any) -> Settings:
    return Settings(_env_file=None, **values)  # type: ignore[call-arg]


@pytest.mark.parametrize("provider", ["auto", "local"])
def test_the_bundled_model_is_the_default_even_with_a_key(provider: str) -> None:
    chosen = choose_embedder(settings(embeddings_provider=provider, openai_api_key="sk-x"))
    assert chosen.name == "local"


def test_openai_takes_the_model_named() -> None:
    wanted = {"embeddings_provider": "openai", "openai_api_key": "sk-x"}
    assert choose_embedder(settings(**wanted)).model_key == "openai:text-embedding-3-small:full"
    large = choose_embedder(settings(**wanted, embeddings_model="text-embedding-3-large"))
    assert large.model_key == "openai:text-embedding-3-large:full"


@pytest.mark.skipif(
    importlib.util.find_spec("sentence_transformers") is not None, reason="it is installed"
)
def test_missing_packages_are_named_with_what_to_install() -> None:
    with pytest.raises(SettingError, match=r"requirements-sentence-transformers\.txt"):
        choose_embedder(settings(embeddings_provider="sentence-transformers"))
