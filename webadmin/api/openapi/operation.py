"""One operation of the interface, and how OpenAPI 3.1 writes it down."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Literal

Json = dict[str, Any]

JSON = "application/json"
ERRORS: Mapping[int, str] = {
    400: "Запрос составлен неверно; в сообщении — какое поле.",
    401: "Нет пароля оператора или ключа, или они не подошли.",
    403: "Доступа нет: с другого компьютера без пароля или на сервере не задан ключ.",
    404: "Такого нет.",
    409: "Сейчас то же самое меняет кто-то другой; повторите позже.",
    412: "Пока вы правили, это изменили (If-Match).",
    413: "Слишком много данных.",
    415: "Не тот Content-Type: нужен application/json.",
    422: "Значение не принято; в сообщении — какое поле и почему.",
    429: "Слишком много запросов; в Retry-After — через сколько секунд повторить.",
    502: "Служба, от которой зависит ответ, отказала, и заменить её нечем.",
    503: "Сейчас ответить нельзя; в сообщении — почему.",
}
_OF_EVERY_READER = (401, 403, 429)
_RETRY_AFTER: Json = {
    "Retry-After": {"description": "Сколько секунд подождать.", "schema": {"type": "integer"}}
}


def ref(name: str) -> Json:
    """A schema by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


@dataclass(frozen=True)
class Parameter:
    """A value in the query, the path or a header."""

    name: str
    where: Literal["query", "path", "header"]
    description: str
    schema: Json

    def as_json(self) -> Json:
        """The Parameter Object."""
        return {
            "name": self.name,
            "in": self.where,
            "required": self.where == "path",
            "description": self.description,
            "schema": self.schema,
        }


@dataclass(frozen=True)
class Body:
    """What a request carries; ``example`` is what the page offers to send."""

    schema: Json
    example: Any = None
    content_type: str = JSON

    def as_json(self) -> Json:
        """The Request Body Object."""
        content: Json = {"schema": self.schema}
        if self.example is not None:
            content["example"] = self.example
        return {"required": True, "content": {self.content_type: content}}


@dataclass(frozen=True)
class Answer:
    """A response that is no error; without a ``schema`` it has no body."""

    description: str
    schema: Json | None = None
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    """Descriptions of the headers that matter."""

    def as_json(self) -> Json:
        """The Response Object."""
        answer: Json = {"description": self.description}
        if self.schema is not None:
            answer["content"] = {self.content_type: {"schema": self.schema}}
        if self.headers:
            answer["headers"] = {
                name: {"description": words, "schema": {"type": "string"}}
                for name, words in self.headers.items()
            }
        return answer


@dataclass(frozen=True)
class Operation:
    """One method of one path. ``errors`` are its own, besides those of every reader."""

    method: Literal["get", "post", "delete"]
    path: str
    tag: str
    summary: str
    answers: Mapping[int, Answer]
    description: str = ""
    parameters: tuple[Parameter, ...] = ()
    body: Body | None = None
    errors: tuple[int, ...] = ()
    needs_key: bool = False
    is_open: bool = False
    """Answered to anybody, also without the operators' password."""

    @property
    def id(self) -> str:
        """Good as an ``operationId`` and as an anchor: ``post-api-ask``."""
        words = self.path.replace("{", "").replace("}", "").replace(".", "-").strip("/").split("/")
        return "-".join([self.method, *filter(None, words)])

    @property
    def statuses(self) -> list[int]:
        """Every status it can answer with."""
        errors = set(self.errors) | (set() if self.is_open else set(_OF_EVERY_READER))
        return sorted({*self.answers, *errors})

    def as_json(self) -> Json:
        """The Operation Object."""
        written: Json = {
            "operationId": self.id,
            "tags": [self.tag],
            "summary": self.summary,
            "responses": {str(status): self._response(status) for status in self.statuses},
            "security": self._security(),
        }
        if self.description:
            written["description"] = self.description
        if self.parameters:
            written["parameters"] = [parameter.as_json() for parameter in self.parameters]
        if self.body:
            written["requestBody"] = self.body.as_json()
        return written

    def _response(self, status: int) -> Json:
        if status in self.answers:
            return self.answers[status].as_json()
        error: Json = {
            "description": ERRORS[status],
            "content": {JSON: {"schema": ref("Error")}},
        }
        return error | ({"headers": _RETRY_AFTER} if status == HTTPStatus.TOO_MANY_REQUESTS else {})

    def _security(self) -> list[Json]:
        """Either of them is enough; ``{}`` is «nothing», as for whoever asks from this machine."""
        if self.is_open:
            return []
        reading: list[Json] = [{}, {"password": []}]
        return [{"key": [], **one} for one in reading] if self.needs_key else reading
