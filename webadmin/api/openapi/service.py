"""The operations for those who watch over the admin."""

from webadmin.api.openapi.operation import Answer, Operation, ref

_TAG = "Состояние"

OPERATIONS = (
    Operation(
        "get", "/", _TAG, "Панель отвечает", {200: Answer("Да.", ref("Health"))}, is_open=True
    ),
    Operation(
        "get", "/health/live", _TAG, "Процесс жив", {200: Answer("Да.", ref("Health"))},
        is_open=True,
    ),
    Operation(
        "get", "/health/ready", _TAG, "Всё ли на месте",
        {
            200: Answer("Всё работает.", ref("Readiness")),
            503: Answer("Что-то не работает.", ref("Readiness")),
        },
        is_open=True,
    ),
    Operation(
        "get", "/metrics", _TAG, "Числа для Prometheus",
        {200: Answer("Память, время и файлы этого процесса.", {"type": "string"}, "text/plain")},
        "Числа разговоров отдаёт не панель, а сам помощник (METRICS_BIND).",
    ),
    Operation(
        "get", "/api/openapi.json", _TAG, "Это описание",
        {200: Answer("Документ OpenAPI 3.1.", {"type": "object"})},
    ),
)  # fmt: skip
