"""The operations that show and change the prompts and settings."""

from webadmin.api.openapi.operation import Answer, Body, Operation, Parameter, ref

_TAG = "Подсказки и настройки"
_CHANGE_ERRORS = (400, 409, 412, 413, 415, 422, 503)
IF_MATCH = Parameter(
    "If-Match", "header",
    "ETag прочитанного: если с тех пор изменил кто-то другой, правка не примется (412).",
    {"type": "string"},
)  # fmt: skip
AUTHOR = Parameter(
    "X-Author", "header", "Кто меняет: имя для истории выпусков (UTF-8, percent-encoding).",
    {"type": "string"},
)  # fmt: skip
IF_NONE_MATCH = Parameter(
    "If-None-Match", "header", "ETag того, что уже прочитано: без перемен ответ — 304.",
    {"type": "string"},
)  # fmt: skip
OF_RELEASE = {
    "ETag": "Метка содержимого.",
    "X-Release": "Номер выпуска, который отвечает.",
}
UNCHANGED = Answer("С прошлого раза ничего не изменилось.")

_SETTINGS = Body(ref("SettingsChange"), {"kb_top_k": 3})
_CHANGED = "Новый выпуск отвечает со следующей реплики, без перезапуска."

OPERATIONS = (
    Operation(
        "get", "/api/prompts", _TAG, "Подсказки, по которым отвечают сейчас",
        {200: Answer("Подсказки.", ref("Prompts"), headers=OF_RELEASE), 304: UNCHANGED},
        parameters=(IF_NONE_MATCH,), errors=(503,),
    ),
    Operation(
        "post", "/api/prompts", _TAG, "Изменить подсказки",
        {200: Answer(_CHANGED, ref("PromptsChanged"))},
        "Можно прислать все подсказки или только изменённые.",
        parameters=(IF_MATCH, AUTHOR),
        body=Body(ref("PromptsChange"), {"greeting": "Здравствуйте! Спрашивайте, я слушаю."}),
        errors=_CHANGE_ERRORS, needs_key=True,
    ),
    Operation(
        "get", "/api/settings", _TAG, "Настройки, по которым отвечают сейчас",
        {200: Answer("Настройки.", ref("Settings"), headers=OF_RELEASE), 304: UNCHANGED},
        parameters=(IF_NONE_MATCH,), errors=(503,),
    ),
    Operation(
        "post", "/api/settings", _TAG, "Изменить настройки",
        {200: Answer(_CHANGED, ref("SettingsChanged"))},
        "Числа можно прислать и текстом.",
        parameters=(IF_MATCH, AUTHOR), body=_SETTINGS, errors=_CHANGE_ERRORS, needs_key=True,
    ),
    Operation(
        "post", "/api/model-settings", _TAG, "Изменить настройки (прежнее имя)",
        {200: Answer(_CHANGED, ref("SettingsChanged"))},
        "То же, что POST /api/settings: для программ, написанных под прежнюю панель.",
        parameters=(IF_MATCH, AUTHOR), body=_SETTINGS, errors=_CHANGE_ERRORS, needs_key=True,
    ),
)  # fmt: skip
