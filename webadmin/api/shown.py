"""The operations and schemas as the page of the interface shows them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus

from webadmin.api.openapi.operation import ERRORS, Json, Operation, Parameter

_TYPES = {
    "string": "текст",
    "integer": "целое число",
    "number": "число",
    "boolean": "true или false",
    "array": "список",
    "object": "набор полей",
    "null": "null",
}
_FORMATS = {
    "date": "дата, 2025-08-01",
    "date-time": "время, 2025-08-01T09:30:00Z",
    "binary": "файл",
}
_REF = "#/components/schemas/"


@dataclass(frozen=True)
class Field:
    """A value in a query, a header or a body; ``schemas`` are named by its type."""

    name: str
    type_words: str
    schemas: tuple[str, ...]
    description: str
    is_required: bool
    where: str = ""
    choices: tuple[str, ...] = ()
    is_number: bool = False
    placeholder: str = ""


@dataclass(frozen=True)
class Reply:
    """A status an operation can answer with."""

    status: int
    description: str
    schemas: tuple[str, ...]


@dataclass(frozen=True)
class Shown:
    """One operation: its words, the fields of its form, and what may come back."""

    operation: Operation
    fields: tuple[Field, ...]
    body_fields: tuple[Field, ...]
    replies: tuple[Reply, ...]

    @property
    def is_file(self) -> bool:
        """It takes a file, not JSON."""
        body = self.operation.body
        return body is not None and body.content_type.startswith("multipart/")

    @property
    def is_socket(self) -> bool:
        """It is talked to over a WebSocket."""
        return is_socket(self.operation)

    @property
    def example(self) -> str:
        """The JSON that the form offers to send."""
        body = self.operation.body
        return json.dumps(body.example, ensure_ascii=False, indent=2) if body else ""


@dataclass(frozen=True)
class ShownSchema:
    """A body by its name."""

    name: str
    fields: tuple[Field, ...]


def shown(operation: Operation, schemas: Mapping[str, Json]) -> Shown:
    """One operation for the page."""
    body = operation.body.schema if operation.body else {}
    return Shown(
        operation,
        tuple(map(_parameter, operation.parameters)),
        tuple(_fields(_resolved(body, schemas))),
        tuple(_replies(operation)),
    )


def shown_schema(name: str, schema: Json) -> ShownSchema:
    """A body for the page."""
    return ShownSchema(name, tuple(_fields(schema)))


def is_socket(operation: Operation) -> bool:
    """Whether it is talked to over a WebSocket."""
    return HTTPStatus.SWITCHING_PROTOCOLS in operation.answers


def _parameter(parameter: Parameter) -> Field:
    schema = parameter.schema
    return Field(
        parameter.name,
        type_words(schema),
        _named(schema),
        parameter.description,
        parameter.where == "path",
        parameter.where,
        tuple(choice for choice in schema.get("enum", ()) if choice),
        schema.get("type") == "integer",
        str(schema.get("default", "")),
    )


def _fields(schema: Json) -> Iterator[Field]:
    for name, field in schema.get("properties", {}).items():
        yield Field(
            name,
            type_words(field),
            _named(field),
            field.get("description", ""),
            name in schema.get("required", ()),
        )


def _replies(operation: Operation) -> Iterator[Reply]:
    for status in operation.statuses:
        answer = operation.answers.get(status)
        if answer is None:
            yield Reply(status, ERRORS[status], ("Error",))
        else:
            yield Reply(status, answer.description, _named(answer.schema or {}))


def _resolved(schema: Json, schemas: Mapping[str, Json]) -> Json:
    reference: str = schema.get("$ref", "")
    return schemas[reference.removeprefix(_REF)] if reference else schema


def _named(schema: Json) -> tuple[str, ...]:
    """The schemas that a type names, each once, in order."""
    own = [schema["$ref"].removeprefix(_REF)] if "$ref" in schema else []
    within = [*schema.get("anyOf", ()), schema.get("items"), schema.get("additionalProperties")]
    inner = (name for one in within if isinstance(one, dict) for name in _named(one))
    return tuple(dict.fromkeys([*own, *inner]))


def type_words(schema: Json) -> str:
    """What a value is, in an operator's words: «целое число, от 1 до 20»."""
    if "anyOf" in schema:
        return " или ".join(dict.fromkeys(map(type_words, schema["anyOf"])))
    if "$ref" in schema:
        return "набор полей"
    if schema.get("type") == "string" and schema.get("maxLength") == 0:
        return "пусто"
    if schema.get("format") in _FORMATS:
        return _FORMATS[schema["format"]]
    kinds = schema.get("type", [])
    words = " или ".join(_TYPES[kind] for kind in ([kinds] if isinstance(kinds, str) else kinds))
    return ", ".join([words or "что угодно", *_limits(schema)])


def _limits(schema: Json) -> Iterator[str]:
    if "enum" in schema:
        yield "одно из: " + ", ".join(choice for choice in schema["enum"] if choice)
    bounds = [
        f"{word} {_figure(schema[name])}"
        for word, name in (("от", "minimum"), ("до", "maximum"))
        if name in schema
    ]
    if bounds:
        yield " ".join(bounds)
    if "maxLength" in schema:
        yield f"до {_figure(schema['maxLength'])} знаков"


def _figure(number: float) -> str:
    """With the thousands apart, as Russians write them: 20 000."""
    return f"{number:,}".replace(",", "\u00a0")
