"""Checks of the synthesis: each voice by itself, though in a call one stands by for another."""

import time

from bot.audio import duration_s
from bot.checks.check import Check, Look
from bot.deadline import Deadline
from bot.errors import AssistantError, SettingError
from bot.settings import Settings
from bot.tts.choose import voices_of
from bot.tts.guard import Voice

SERVICE_TIMEOUT_S = 20.0
PHRASE = "Проверка связи: раз, два, три."

_YANDEX = ("yandex-grpc", "yandex-http")
_NAMES = {"yandex-grpc": "Синтез: Yandex gRPC", "yandex-http": "Синтез: Yandex HTTP"}
_UNUSED = "говорит голос этой машины (TTS_PROVIDER, YANDEX_API_KEY или YANDEX_IAM_TOKEN)"
_ADVICE = {
    "yandex-grpc": "проверьте YANDEX_API_KEY, YANDEX_TTS_GRPC_TARGET и YANDEX_TTS_VOICE",
    "yandex-http": "проверьте YANDEX_API_KEY, YANDEX_TTS_HTTP_URL и YANDEX_TTS_HTTP_VOICE",
}
_LOCAL_ADVICE = "поставьте пакеты festival и festvox-ru (запасной голос: espeak-ng)"


def voice_checks(settings: Settings) -> tuple[Check, ...]:
    """A check of each voice; those of Yandex also when they are not in use."""
    unused = () if settings.tts == "yandex" else _YANDEX
    try:
        names = [voice.name for voice in _closed(voices_of(settings))]
    except AssistantError as error:
        return (Check("synthesis", "Синтез речи", _refusing(error), _LOCAL_ADVICE),)
    return tuple(
        Check(
            f"synthesis-{name}",
            _NAMES.get(name, f"Синтез: {name}"),
            _speaking(name),
            _ADVICE.get(name, _LOCAL_ADVICE),
            needed=name == names[0],
            unused=_UNUSED if name in unused else "",
        )
        for name in (*unused, *names)
    )


def spoken(settings: Settings, text: str) -> bytes:
    """The text in the first voice that speaks, this machine's own before a paid one."""
    voices = sorted(voices_of(settings), key=lambda voice: voice.name in _YANDEX)
    failure: AssistantError = SettingError("нет ни одного голоса")
    try:
        for voice in voices:
            try:
                return b"".join(voice.synthesise(text, Deadline(SERVICE_TIMEOUT_S)))
            except AssistantError as error:
                failure = error
    finally:
        _closed(voices)
    raise failure


def _speaking(name: str) -> Look:
    def look(settings: Settings) -> str:
        voices = voices_of(settings)
        try:
            voice = next(one for one in voices if one.name == name)
            began = time.perf_counter()
            pcm = b"".join(voice.synthesise(PHRASE, Deadline(SERVICE_TIMEOUT_S)))
            ms = round((time.perf_counter() - began) * 1000)
        finally:
            _closed(voices)
        return f"{duration_s(pcm):.1f} с речи за {ms} мс".replace(".", ",")

    return look


def _refusing(error: AssistantError) -> Look:
    def look(settings: Settings) -> str:
        raise error

    return look


def _closed(voices: list[Voice]) -> list[Voice]:
    for voice in voices:
        voice.close()
    return voices
