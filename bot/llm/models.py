"""Whether the configured models exist for our key; asked by the self-check only."""

import openai

from bot.deadline import Deadline
from bot.errors import ProviderError
from bot.openai_client import as_provider_error, openai_client, request_timeout
from bot.settings import Settings

ASK_TIMEOUT_S = 10.0


def check_models(settings: Settings) -> str:
    """What the service says of both models; :class:`ProviderError` names the first missing one."""
    client = openai_client(settings)
    models = (settings.llm_model_primary, settings.llm_model_fallback)
    for model in models:
        try:
            client.models.retrieve(model, timeout=request_timeout(Deadline(ASK_TIMEOUT_S)))
        except openai.NotFoundError as error:
            raise ProviderError("openai", "permanent", f"there is no model {model}") from error
        except openai.OpenAIError as error:
            raise as_provider_error("openai", error) from error
    return " and ".join(models)
