"""The voices that the settings ask for, in order."""

import shutil
from collections.abc import Callable

from bot.errors import ErrorKind, SettingError
from bot.settings import Settings
from bot.tts.chain import SynthesiserChain
from bot.tts.espeak import EspeakVoice
from bot.tts.guard import Guard, Voice
from bot.tts.local import LocalVoice
from bot.tts.yandex_account import credentials_from
from bot.tts.yandex_grpc import YandexGrpc
from bot.tts.yandex_http import YandexHttp

LOCAL_LATE_S = 4.0
LOCAL_LATE_BOUNDS_S = (3.0, 6.0)
"""A long sentence takes a busy machine a second, and espeak-ng is hard to listen to."""


def choose_synthesiser(
    settings: Settings,
    on_error: Callable[[str, ErrorKind], None],
    on_fallback: Callable[[str], None],
    path: str | None = None,
) -> SynthesiserChain:
    """The configured voices with their stand-bys: gRPC, HTTP, festival, espeak-ng.

    ``on_error(provider, kind)`` and ``on_fallback(stage)`` count. ``path`` is where local
    programs are looked for (``PATH`` by default). Raises :class:`SettingError` when the
    local voice is asked for and not installed, or a credential is malformed.
    """
    cloud = [Guard(voice, on_error) for voice in _cloud_voices(settings)]
    local = [
        Guard(voice, on_error, late_s=LOCAL_LATE_S, late_bounds_s=LOCAL_LATE_BOUNDS_S)
        for voice in _local_voices_for(settings, path)
    ]
    return SynthesiserChain([*cloud, *local], on_fallback)


def voices_of(settings: Settings, path: str | None = None) -> list[Voice]:
    """The same voices, each by itself; errors as for :func:`choose_synthesiser`."""
    return [*_cloud_voices(settings), *_local_voices_for(settings, path)]


def _cloud_voices(settings: Settings) -> list[Voice]:
    return _yandex_voices(settings) if settings.tts == "yandex" else []


def _local_voices_for(settings: Settings, path: str | None) -> list[Voice]:
    voices = _local_voices(path)
    if not voices and settings.tts != "yandex":
        raise SettingError(
            "TTS_PROVIDER: the local voice is not installed; "
            "install the packages festival and festvox-ru (stand-by: espeak-ng)"
        )
    return voices


def _local_voices(path: str | None) -> list[Voice]:
    voices: list[Voice] = []
    if program := shutil.which("festival", path=path):
        voices.append(LocalVoice(program))
    if program := shutil.which("espeak-ng", path=path):
        voices.append(EspeakVoice(program))
    return voices


def _yandex_voices(settings: Settings) -> list[Voice]:
    credentials = credentials_from(settings)
    return [
        YandexGrpc(
            credentials,
            settings.yandex_tts_grpc_target,
            settings.yandex_tts_grpc_insecure,
            settings.yandex_tts_voice,
            settings.yandex_tts_role,
            settings.yandex_tts_speed,
        ),
        YandexHttp(
            credentials,
            settings.yandex_tts_http_url,
            settings.yandex_tts_http_voice,
            settings.yandex_tts_role,
            settings.yandex_tts_speed,
        ),
    ]
