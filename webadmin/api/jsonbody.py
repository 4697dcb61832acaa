"""The JSON body of a request, whatever was sent in its place."""

import re
from typing import TypeVar

from flask import request
from pydantic import BaseModel, ValidationError
from pydantic_core import from_json
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

from bot.wrongfield import first_wrong_field

LARGEST_BYTES = 256 * 1024
"""20,000 Russian letters take 120 KB when each is escaped as \\uXXXX."""
_TOO_LARGE = f"Слишком много данных: здесь принимается не больше {LARGEST_BYTES // 1024} КБ."
_PLACE = re.compile(r"at line (\d+) column (\d+)")

Body = TypeVar("Body", bound=BaseModel)


def json_as(model: type[Body]) -> Body:
    """The body as a model; raises a 4xx that says in Russian what is wrong with it."""
    try:
        return model.model_validate(json_body())
    except ValidationError as error:
        raise BadRequest(first_wrong_field(error)) from None


def json_object() -> dict[str, object]:
    """The body as a JSON object; raises a 4xx as :func:`json_as` does."""
    body = json_body()
    if not isinstance(body, dict):
        raise BadRequest("Тело запроса должно быть объектом JSON в фигурных скобках.")
    return body


def json_body() -> object:
    """The body's value; the view is below :func:`webadmin.csrf.json_required`.

    Raises 413 and 400. NaN and lone surrogates, which JSON does not know and no answer could
    repeat, are refused.
    """
    request.max_content_length = LARGEST_BYTES
    try:
        return from_json(request.get_data(), allow_inf_nan=False)
    except RequestEntityTooLarge:
        raise RequestEntityTooLarge(_TOO_LARGE) from None
    except ValueError as error:
        raise BadRequest(f"Тело запроса — не JSON{_place(str(error))}.") from None


def _place(message: str) -> str:
    found = _PLACE.search(message)
    return f" (строка {found[1]}, знак {found[2]})" if found else ""
