"""The recogniser that the settings ask for; each provider's packages load only when used."""

import math

from bot.asr import Recogniser
from bot.asr.chain import ALONE_S, FallbackCount, RecogniserChain
from bot.failover.breaker import ErrorCount
from bot.settings import Settings


def choose_recogniser(settings: Settings) -> Recogniser:
    """A recogniser ready to work (a local model is loaded already).

    Raises :class:`bot.errors.SettingError` when the local model cannot be used.
    """
    if settings.asr == "openai":
        from bot.asr.openai import OpenAIRecogniser
        from bot.openai_client import openai_client

        return OpenAIRecogniser(openai_client(settings), settings.asr_model)
    from bot.asr.local import LocalRecogniser

    local = LocalRecogniser(settings.asr_local_model)
    local.warm_up()
    return local


def with_stand_by(
    settings: Settings, on_error: ErrorCount, on_fallback: FallbackCount
) -> RecogniserChain:
    """The same with its stand-by: the local model, loaded when it is first needed.

    ``on_error(provider, kind)`` and ``on_fallback(stage)`` count.
    """
    recognisers = [choose_recogniser(settings)]
    if settings.asr == "openai" and settings.asr_stand_by == "local":
        from bot.asr.local import LocalRecogniser

        recognisers.append(LocalRecogniser(settings.asr_local_model))
    is_alone = settings.asr == "openai" and len(recognisers) == 1
    within_s = ALONE_S if is_alone else math.inf
    return RecogniserChain(recognisers, on_error, on_fallback, within_s=within_s)
