"""The recogniser that the settings ask for; each provider's packages load only when used."""

from bot.asr import Recogniser
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
