"""The embedder that the settings name."""

from bot.embeddings import Embedder
from bot.settings import Settings


def choose_embedder(settings: Settings) -> Embedder:
    """Make the embedder, ready for work. The packages of the others are not imported.

    Raises :class:`bot.errors.SettingError` for what is missing.
    """
    if settings.embeddings == "openai":
        from bot.embeddings.openai import OpenAIEmbedder
        from bot.openai_client import openai_client

        client = openai_client(settings)
        if settings.embeddings_model:
            return OpenAIEmbedder(client, settings.embeddings_model)
        return OpenAIEmbedder(client)
    if settings.embeddings == "sentence-transformers":
        from bot.embeddings.transformer import DEFAULT_MODEL, TransformerEmbedder

        return TransformerEmbedder(settings.embeddings_model or DEFAULT_MODEL)
    from bot.embeddings.local import LocalEmbedder

    return LocalEmbedder()
