"""``/logs-ui/settings/environment``: what only ``.env`` can change, and what it comes to."""

from dataclasses import dataclass

from flask import render_template
from flask.typing import ResponseReturnValue
from pydantic import SecretStr

from bot.checks.check import without_passwords
from bot.livesettings import LiveSettings
from bot.settings import Settings
from webadmin.services import services
from webadmin.settings.blueprint import blueprint
from webadmin.settings.variables import GROUPS, OTHERS, Group

_SET, _NOT_SET = "задан", "не задан"


@dataclass(frozen=True)
class Provider:
    """What does a piece of work, why it does, and which variable changes that."""

    work: str
    used: str
    why: str
    variable: str


@dataclass(frozen=True)
class Variable:
    """A variable as it is; of a secret only whether it is set."""

    name: str
    about: str
    value: str
    is_given: bool
    """It stands in ``.env`` or the process's environment; else the value is the usual one."""


@blueprint.get("/logs-ui/settings/environment")
def environment() -> ResponseReturnValue:
    """Everything, to be read."""
    settings = services().settings
    groups = [(group.title, _variables(group, settings)) for group in (*GROUPS, _rest())]
    return render_template(
        "settings/environment.html",
        providers=providers(settings),
        groups=[(title, variables) for title, variables in groups if variables],
    )


def providers(settings: Settings) -> list[Provider]:
    """Who does what, and why."""
    return [_recogniser(settings), _generator(settings), _embedder(settings), _voice(settings)]


def _recogniser(settings: Settings) -> Provider:
    is_openai = settings.asr == "openai"
    used = f"OpenAI, {settings.asr_model}" if is_openai else f"Whisper, {settings.asr_local_model}"
    why = _why("asr_provider", settings.asr_provider, settings, "OPENAI_API_KEY", is_openai)
    return Provider("Распознавание речи", used, why, "ASR_PROVIDER")


def _generator(settings: Settings) -> Provider:
    is_openai = settings.llm == "openai"
    used = "OpenAI, модели из настроек" if is_openai else "цитаты из баз, без модели"
    why = _why("llm_provider", settings.llm_provider, settings, "OPENAI_API_KEY", is_openai)
    return Provider("Ответы", used, why, "LLM_PROVIDER")


def _embedder(settings: Settings) -> Provider:
    names = {"local": "встроенная модель", "openai": "OpenAI"}
    used = names.get(settings.embeddings, settings.embeddings)
    is_auto = settings.embeddings_provider == "auto"
    why = "EMBEDDINGS_PROVIDER=auto: встроенная модель есть всегда и ничего не стоит"
    told = why if is_auto else f"так велит EMBEDDINGS_PROVIDER={settings.embeddings_provider}"
    return Provider("Векторы (эмбеддинги)", used, told, "EMBEDDINGS_PROVIDER")


def _voice(settings: Settings) -> Provider:
    is_yandex = settings.tts == "yandex"
    used = f"Yandex SpeechKit, {settings.yandex_tts_voice}" if is_yandex else "голос этой машины"
    keys = "YANDEX_API_KEY или YANDEX_IAM_TOKEN"
    why = _why("tts_provider", settings.tts_provider, settings, keys, is_yandex)
    return Provider("Синтез речи", used, why, "TTS_PROVIDER")


def _why(name: str, chosen: str, settings: Settings, key: str, has_key: bool) -> str:
    if chosen != "auto":
        return f"так велит {name.upper()}={chosen}"
    return f"{name.upper()}=auto, {key} {_SET if has_key else _NOT_SET}"


def _rest() -> Group:
    """Variables that nobody has described here yet."""
    described = {name for group in GROUPS for name in group.about} | set(LiveSettings.model_fields)
    return Group(OTHERS, {name: "" for name in Settings.model_fields if name not in described})


def _variables(group: Group, settings: Settings) -> list[Variable]:
    return [
        Variable(name.upper(), about, _value(name, settings), name in settings.model_fields_set)
        for name, about in group.about.items()
        if name in type(settings).model_fields
    ]


def _value(name: str, settings: Settings) -> str:
    value = getattr(settings, name)
    if type(settings).model_fields[name].annotation in (SecretStr, SecretStr | None):
        return _SET if value is not None and value.get_secret_value() else _NOT_SET
    if value is None:
        return "—"
    if isinstance(value, bool):
        return "1" if value else "0"
    return without_passwords(str(value))
