"""The operations on the calls."""

from bot.calllog.filter import SORT_KEYS, SOURCES
from bot.records import STATUSES
from webadmin.api.openapi.operation import Answer, Json, Operation, Parameter, ref
from webadmin.logs.forms import LARGEST_LIMIT, LARGEST_OFFSET

_TAG = "Звонки"
_TEXT: Json = {"type": "string", "maxLength": 200}
_MOMENT: Json = {
    "anyOf": [
        {"type": "string", "format": "date"},
        {"type": "string", "format": "date-time"},
        {"type": "string", "maxLength": 0},
    ]
}


def _choice(*values: str, default: str = "") -> Json:
    """A form that leaves a field empty says the same as one that leaves it out."""
    schema: Json = {"type": "string", "enum": [*values, ""]}
    return schema | ({"default": default} if default else {})


def _number(minimum: int, maximum: int, default: int) -> Json:
    """The same of a number."""
    number = {"type": "integer", "minimum": minimum, "maximum": maximum}
    return {"anyOf": [number, {"type": "string", "maxLength": 0}], "default": default}


_ID = Parameter("id", "path", "Номер звонка.", {"type": "integer", "minimum": 1})

FILTERS = (
    Parameter("q", "query", "Слова разговора; находятся и другие их формы.", _TEXT),
    Parameter(
        "date_from", "query",
        "Не раньше: дата или время ISO 8601; без пояса — TIMEZONE сервера.", _MOMENT,
    ),
    Parameter("date_to", "query", "Не позже; дата — до конца этого дня.", _MOMENT),
    Parameter("status", "query", "Чем кончился.", _choice(*STATUSES)),
    Parameter(
        "source", "query", "База, из которой отвечали; none — ни из какой.",
        _choice(*SOURCES),
    ),
    Parameter("caller", "query", "Часть номера или имени.", _TEXT),
    Parameter(
        "sort", "query", "По чему упорядочить.",
        _choice(*SORT_KEYS, default="startTime"),
    ),
    Parameter(
        "order", "query", "По возрастанию или по убыванию.",
        _choice("asc", "desc", default="desc"),
    ),
)  # fmt: skip
PAGE = (
    Parameter(
        "limit", "query", "Сколько звонков вернуть.", _number(1, LARGEST_LIMIT, default=100)
    ),
    Parameter(
        "offset", "query", "Сколько первых пропустить.", _number(0, LARGEST_OFFSET, default=0)
    ),
)  # fmt: skip

_MASKED = (
    "Если включено MASK_PERSONAL_DATA, номера и личные данные скрыты и искать по ним нельзя (403), "
    "пока в запросе нет ключа X-API-Key."
)
_UNDO = Answer("Удалено; по адресу undo удаление отменяется, пока не прошло время.", ref("Deleted"))

OPERATIONS = (
    Operation(
        "get", "/logs", _TAG, "Звонки по отбору",
        {
            200: Answer(
                "Звонки, новые первыми.", {"type": "array", "items": ref("Call")},
                headers={"X-Total-Count": "Сколько звонков подходит всего."},
            )
        },
        _MASKED, parameters=(*FILTERS, *PAGE), errors=(400, 503),
    ),
    Operation(
        "get", "/logs/csv", _TAG, "Все звонки по отбору файлом для Excel",
        {
            200: Answer(
                "CSV: UTF-8 с меткой (BOM), разделитель — точка с запятой, время — TIMEZONE.",
                {"type": "string"}, "text/csv; charset=utf-8",
            )
        },
        f"Ровно то, что отобрано, сколько бы ни было; отдаётся по мере чтения. {_MASKED}",
        parameters=FILTERS, errors=(400, 503),
    ),
    Operation(
        "get", "/logs/{id}", _TAG, "Один звонок", {200: Answer("Звонок.", ref("Call"))},
        _MASKED, parameters=(_ID,), errors=(404, 503),
    ),
    Operation(
        "get", "/logs/{id}/recording", _TAG, "Запись разговора",
        {
            200: Answer(
                "FLAC, 8 кГц, стерео: слева абонент, справа помощник.",
                {"type": "string", "contentMediaType": "audio/flac"}, "audio/flac",
            )
        },
        "Часть отдаётся по заголовку Range (206). Если включено MASK_PERSONAL_DATA, без ключа "
        "X-API-Key — 403. Записи нет — 404, в сообщении почему.",
        parameters=(_ID,), errors=(404, 503),
    ),
    Operation(
        "delete", "/logs/{id}", _TAG, "Удалить звонок", {200: _UNDO},
        parameters=(_ID,), errors=(404, 503), needs_key=True,
    ),
    Operation(
        "delete", "/logs", _TAG, "Удалить все звонки", {200: _UNDO},
        errors=(503,), needs_key=True,
    ),
    Operation(
        "post", "/logs/deletions/{number}/undo", _TAG, "Отменить удаление",
        {200: Answer("Звонки возвращены.", ref("Undone"))},
        "Можно десять секунд; потом ответ — 409.",
        parameters=(
            Parameter(
                "number", "path", "Номер удаления из ответа на него.",
                {"type": "integer", "minimum": 0},
            ),
        ),
        errors=(404, 409, 503), needs_key=True,
    ),
)  # fmt: skip
