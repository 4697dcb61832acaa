"""The schemas of all bodies: made from the models that check and write them, said in Russian."""

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, models_json_schema

from bot.livesettings import LiveSettings
from bot.prompts import Prompts
from webadmin.api.answerbody import Answer, Normalized, Question, Text
from webadmin.api.openapi import models
from webadmin.api.openapi.operation import Json, ref

_TAKEN: tuple[type[BaseModel], ...] = (Question, Text, Prompts, LiveSettings)
_GIVEN: tuple[type[BaseModel], ...] = (
    Answer, Normalized, models.Error, models.Call, models.Line, models.JobBody, models.Changed,
    models.Health, models.Readiness, models.Deleted, models.Undone,
)  # fmt: skip

_PROMPTS = {
    "greeting": "Первые слова помощника.",
    "system_prompt": "Указания модели: как отвечать.",
    "contextualiser_prompt": "Указания модели: как понимать вопрос, который зависит от разговора.",
    "asr_terms": "Слова, которые распознаватель должен знать, одной строкой.",
    "no_answer": "Что сказать, когда ответа в базах нет.",
    "apology": "Что сказать, когда отказала служба.",
    "not_heard": "Что сказать, когда слов не разобрать.",
    "idle_prompt": "Что сказать, когда абонент молчит.",
    "idle_prompt_again": "Что сказать, когда он молчит и дальше.",
    "goodbye": "Последние слова.",
    "all_busy": "Что сказать, когда все линии заняты.",
    "closing_soon": "Что сказать за минуту до конца самого долгого разговора.",
    "too_long": "Что сказать, когда разговор слишком длинный.",
    "transfer_notice": "Что сказать, прежде чем соединить с сотрудником.",
    "recording_notice": "Как предупредить, что разговор записывается.",
    "fillers": "Что сказать по очереди, пока ответ заставляет ждать.",
    "routing": "Начала слов, по которым вопрос сначала ищут в этой базе.",
    "small_talk": "Что не вопрос: какими словами просят и что отвечать.",
    "variables": "Подстановки: что сказать там, где в текстах стоит {имя}.",
}
_SMALL_TALK = {"phrases": "Какими словами просят.", "answer": "Что отвечать."}
_SETTINGS = {
    "kb_top_k": "Сколько отрывков базы получает модель.",
    "kb_fallback_threshold": "С какой уверенности отрывок считается ответом.",
    "llm_model_primary": "Модель, которая отвечает.",
    "llm_model_fallback": "Модель на замену; пусто — замены нет.",
    "llm_temperature": "0 — всегда одинаково, выше — вольнее.",
}
_AS_TEXT = {
    "kb_top_k": r"^([1-9]|1[0-9]|20)$",
    "kb_fallback_threshold": r"^(0(\.[0-9]+)?|1(\.0+)?)$",
    "llm_temperature": r"^([01](\.[0-9]+)?|2(\.0+)?)$",
}
"""How the numbers of the settings may be written as text."""


class _Plain(GenerateJsonSchema):
    """Without the English titles that pydantic makes of names."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def component_schemas() -> dict[str, Json]:
    """Every schema by its name."""
    modes: list[tuple[type[BaseModel], JsonSchemaMode]] = [
        *((model, "validation") for model in _TAKEN),
        *((model, "serialization") for model in _GIVEN),
    ]
    _, made = models_json_schema(
        modes, ref_template="#/components/schemas/{model}", schema_generator=_Plain
    )
    schemas: dict[str, Json] = made["$defs"]
    for schema in schemas.values():
        schema.pop("title", None)
    _describe(schemas["Prompts"], "Всё, что помощник говорит и чему следует.", _PROMPTS)
    _describe(schemas["SmallTalk"], "Просьба, на которую отвечают сразу.", _SMALL_TALK)
    _describe(schemas["LiveSettings"], "Настройки поиска и модели.", _SETTINGS)
    schemas["Settings"] = schemas.pop("LiveSettings")
    schemas["Job"] = schemas.pop("JobBody")
    schemas["PromptsChange"] = _prompts_change(schemas)
    schemas["PromptsChanged"] = _with(schemas["Changed"], {"prompts": ref("Prompts")})
    schemas["SettingsChange"] = _settings_change(schemas["Settings"])
    schemas["SettingsChanged"] = _with(schemas.pop("Changed"), schemas["Settings"]["properties"])
    return dict(sorted(schemas.items()))


def _describe(schema: Json, description: str, fields: dict[str, str]) -> None:
    """The models of ``bot`` speak English to their readers; here operators read."""
    schema["description"] = description
    for name, words in fields.items():
        schema["properties"][name]["description"] = words


def _prompts_change(schemas: dict[str, Json]) -> Json:
    """Some of the prompts, after RFC 7396: what is not named stays, ``null`` goes."""
    whole, required = schemas["Prompts"]["properties"], schemas["Prompts"]["required"]
    given_up = {
        name: _without(field, "type") | {"type": [field["type"], "null"]}
        for name, field in whole.items()
        if name not in required and "type" in field
    }
    part_of_talk = _without(schemas["SmallTalk"], "required")
    parts = {
        "routing": _with_nulls(whole["routing"], whole["routing"]["additionalProperties"]),
        "small_talk": _with_nulls(whole["small_talk"], part_of_talk) | {"type": ["object", "null"]},
        "variables": _variables_change(whole["variables"]),
        "transfer_notice": whole["transfer_notice"] | {"type": ["string", "null"]},
        "recording_notice": whole["recording_notice"] | {"type": ["string", "null"]},
        "closing_soon": whole["closing_soon"] | {"type": ["string", "null"]},
    }
    return {
        "type": "object",
        "description": "Что изменить. Чего нет, то останется; null убирает (RFC 7396).",
        "properties": whole | given_up | parts,
        "additionalProperties": False,
    }


def _variables_change(variables: Json) -> Json:
    """Some of the variables; ``null`` takes one away, or all of them."""
    ((name, value),) = variables["patternProperties"].items()
    members = {"anyOf": [value, {"type": "null"}]}
    return _without(variables, "default") | {
        "type": ["object", "null"],
        "patternProperties": {name: members},
        "additionalProperties": {"type": "null"},
    }


def _with_nulls(schema: Json, value: Json) -> Json:
    """The schema of an object each of whose members may also be taken away."""
    members = {"anyOf": [value, {"type": "null"}]}
    return _without(schema, "default") | {"additionalProperties": members}


def _settings_change(settings: Json) -> Json:
    """Some of the settings; numbers may be text, ``null`` is the environment's value."""
    properties = {
        name: {
            "description": field["description"],
            "anyOf": [_without(field, "description"), *_also_taken(name), {"type": "null"}],
        }
        for name, field in settings["properties"].items()
    }
    return {
        "type": "object",
        "description": "Что изменить. null возвращает значение из .env.",
        "properties": properties,
        "additionalProperties": False,
    }


def _also_taken(name: str) -> list[Json]:
    return [{"type": "string", "pattern": _AS_TEXT[name]}] if name in _AS_TEXT else []


def _without(schema: Json, name: str) -> Json:
    return {key: value for key, value in schema.items() if key != name}


def _with(schema: Json, properties: Json) -> Json:
    """The schema with more properties, which are always there."""
    together = schema["properties"] | properties
    return schema | {"properties": together, "required": list(together)}
