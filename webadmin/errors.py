"""Errors as their reader needs them: JSON for programs, a page or a toast for operators."""

import logging
import secrets
from http import HTTPStatus

from flask import Flask, Response, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from bot.errors import AssistantError
from webadmin.extensions import htmx
from webadmin.toasts import add_toast

log = logging.getLogger(__name__)

LARGEST_REQUEST_MB = 25

_WORDS = {
    400: "Запрос не разобрать: проверьте адрес и поля.",
    401: "Нужен пароль или ключ доступа.",
    403: "Сюда доступа нет.",
    404: "Такой страницы или записи нет. Возможно, её удалили.",
    405: "Так обращаться к этому адресу нельзя.",
    409: "Данные тем временем изменил кто-то другой. Обновите страницу и повторите.",
    413: f"Слишком много данных: принимается не больше {LARGEST_REQUEST_MB} МБ за раз.",
    415: "Такой формат не принимается. Программам: нужен JSON и Content-Type: application/json.",
    429: "Слишком много запросов. Подождите минуту и повторите.",
    500: "Внутренняя ошибка. Повторите; если не поможет, сообщите администратору её номер.",
    503: "Сейчас ответить не получается. Повторите через минуту.",
}
_CODES = {413: "content_too_large", 422: "unprocessable_content"}
"""Statuses whose names differ between versions of Python (RFC 9110 renamed them)."""


def init_app(app: Flask) -> None:
    """Answer every error in one form; 5xx are logged under a number that the reader is told."""
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_REQUEST_MB * 1024 * 1024
    app.config["MAX_FORM_MEMORY_SIZE"] = app.config["MAX_CONTENT_LENGTH"]  # a whole base in a form
    app.register_error_handler(AssistantError, _assistant_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _crash)  # WSGI's edge


def _assistant_error(error: AssistantError) -> ResponseReturnValue:
    if error.status < 500:
        return _answer(error.status, str(error))
    number = _new_number()
    log.error("event=request_failed id=%s endpoint=%s error=%s", number, request.endpoint, error)
    return _answer(error.status, str(error), number)


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:
        return error.get_response()
    answer = _answer(error.code, _words(error.code, error.description))
    for name, value in error.get_headers():  # such as Allow, Retry-After and WWW-Authenticate
        if name != "Content-Type":
            answer.headers[name] = value
    return answer


def _crash(error: Exception) -> ResponseReturnValue:
    number = _new_number()
    log.error("event=request_crashed id=%s endpoint=%s", number, request.endpoint, exc_info=error)
    return _answer(500, _WORDS[500], number)


def _new_number() -> str:
    return secrets.token_hex(4)


def _words(status: int, description: str | None) -> str:
    """Our own reason if the error has one: those of the framework are English."""
    if description and any("а" <= letter <= "я" for letter in description.lower()):
        return description
    return _WORDS.get(status) or description or HTTPStatus(status).phrase


def _answer(status: int, message: str, number: str = "") -> Response:
    if htmx:
        return _toast(status, f"{message} Номер ошибки: {number}." if number else message)
    if _is_for_people():
        body = render_template("error.html", status=status, message=message, number=number)
        return make_response(body, status)
    code = _CODES.get(status) or HTTPStatus(status).name.lower()
    told = {"code": code, "message": message} | ({"id": number} if number else {})
    return make_response(jsonify(error=told), status)


def _toast(status: int, message: str) -> Response:
    """The page stays as it is. Of a 401 the page's own script tells, by asking for the key."""
    answer = make_response(message, status)
    answer.mimetype = "text/plain"
    answer.headers["HX-Reswap"] = "none"
    return answer if status == 401 else add_toast(answer, "error", message)


def _is_for_people() -> bool:
    """By the path, as everything else is for programs; a program may ask for JSON there too."""
    if not request.path.startswith("/logs-ui"):
        return False
    accepted = request.accept_mimetypes
    return accepted.best_match(["text/html", "application/json"]) != "application/json"
