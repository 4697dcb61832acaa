"""The OpenAPI document: every operation of contract.md, described in one place."""

from typing import Any

from webadmin.api.openapi import assistant, calls, changes, knowledge, service
from webadmin.api.openapi.operation import Json, Operation
from webadmin.api.openapi.schemas import component_schemas

OPERATIONS: tuple[Operation, ...] = (
    *calls.OPERATIONS,
    *assistant.OPERATIONS,
    *knowledge.OPERATIONS,
    *changes.OPERATIONS,
    *service.OPERATIONS,
)
_ABOUT = (
    "Голосовой помощник: журнал звонков, вопросы, базы знаний, подсказки и настройки. "
    "Читать можно с этого же компьютера, а с других — с паролем оператора. Всё, что меняет, "
    'требует ключа в заголовке X-API-Key. Ошибки — JSON {"error": {"code", "message"}}.'
)
_SECURITY: Json = {
    "key": {
        "type": "apiKey",
        "in": "header",
        "name": "X-API-Key",
        "description": "Ключ API_SECRET_KEY из .env: для всего, что меняет.",
    },
    "password": {
        "type": "http",
        "scheme": "basic",
        "description": "Пароль ADMIN_PASSWORD из .env, имя любое: с других компьютеров.",
    },
}


def openapi() -> Json:
    """The whole document, after the OpenAPI Specification 3.1."""
    paths: dict[str, Any] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method] = operation.as_json()
    tags = dict.fromkeys(operation.tag for operation in OPERATIONS)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Голосовой помощник Метротест", "version": "1", "description": _ABOUT},
        "servers": [{"url": "/"}],
        "tags": [{"name": name} for name in tags],
        "paths": paths,
        "components": {"schemas": component_schemas(), "securitySchemes": _SECURITY},
    }
