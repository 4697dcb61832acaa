"""What is wrong with a value that pydantic refused, for an operator who never heard of it."""

from pydantic import ValidationError
from pydantic_core import ErrorDetails

_WORDS = {
    "missing": "этого поля не хватает",
    "extra_forbidden": "такого поля нет",
    "string_too_short": "не может быть пустым",
    "string_too_long": "длиннее {max_length} знаков",
    "string_type": "должно быть текстом",
    "string_unicode": "недопустимые знаки",
    "string_pattern_mismatch": "недопустимые знаки",
    "int_type": "должно быть целым числом",
    "int_parsing": "должно быть целым числом",
    "int_from_float": "должно быть целым числом",
    "float_type": "должно быть числом",
    "float_parsing": "должно быть числом",
    "greater_than_equal": "должно быть не меньше {ge}",
    "less_than_equal": "должно быть не больше {le}",
    "finite_number": "должно быть числом",
    "literal_error": "должно быть одним из: {expected}",
    "tuple_type": "должно быть списком",
    "list_type": "должно быть списком",
    "dict_type": "должно быть набором полей в фигурных скобках",
    "model_type": "должно быть набором полей в фигурных скобках",
    "model_attributes_type": "должно быть набором полей в фигурных скобках",
}


def first_wrong_field(error: ValidationError) -> str:
    """``place: что не так`` for the first wrong field, without the value (it may be secret)."""
    first = error.errors(include_url=False, include_input=False)[0]
    place = _place(first)
    return f"{place}: {_in_words(first)}" if place else _in_words(first)


def wrong_fields(error: ValidationError) -> dict[str, str]:
    """What is wrong with each field, by its place: the first thing, if it is several."""
    found: dict[str, str] = {}
    for one in error.errors(include_url=False, include_input=False):
        found.setdefault(_place(one), _in_words(one))
    return found


def _place(error: ErrorDetails) -> str:
    return ".".join(str(part) for part in error["loc"])


def _in_words(error: ErrorDetails) -> str:
    words = _WORDS.get(error["type"], error["msg"].removeprefix("Value error, "))
    return words.format_map(error.get("ctx") or {})
