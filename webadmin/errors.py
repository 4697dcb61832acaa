"""Errors as their reader needs them: JSON for programs, a Russian page for operators."""

import logging
from http import HTTPStatus

from flask import Flask, Response, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from bot.errors import AssistantError

log = logging.getLogger(__name__)

_WORDS = {
    404: "Такой страницы или записи нет.",
    405: "Так обращаться к этому адресу нельзя.",
    500: "Внутренняя ошибка. Подробности — в журнале программы.",
}


def init_app(app: Flask) -> None:
    """Answer every error in one form; an unforeseen one is logged by Flask and becomes a 500."""
    app.register_error_handler(AssistantError, _assistant_error)
    app.register_error_handler(HTTPException, _http_error)


def _assistant_error(error: AssistantError) -> ResponseReturnValue:
    if error.status >= 500:
        log.error("request failed endpoint=%s error=%s", request.endpoint, error)
    return _answer(error.status, str(error))


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:
        return error.get_response()
    words = _WORDS.get(error.code) or error.description or error.name
    answer = _answer(error.code, words)
    for name, value in error.get_headers():  # such as Allow and WWW-Authenticate
        if name != "Content-Type":
            answer.headers[name] = value
    return answer


def _answer(status: int, message: str) -> Response:
    if request.path.startswith("/logs-ui"):
        body = render_template("error.html", status=status, message=message)
        return make_response(body, status)
    code = HTTPStatus(status).name.lower()
    return make_response(jsonify(error={"code": code, "message": message}), status)
