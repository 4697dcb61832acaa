"""Protection of changing requests from pages of other sites (CSRF).

A foreign page can make the operator's browser send us a form, with the session's cookie or
from this very machine, which needs no password. It cannot read our pages, and it cannot set a
header or send JSON without asking us first (a CORS preflight, which is never granted). So:

- views that demand the key (:func:`webadmin.apikey.key_required`) are safe by that: the key
  comes in a header of its own, and no browser adds it by itself;
- JSON is safe by its content type: views that read it (:func:`json_required`) answer anything
  else with 415;
- everything else that is not GET carries the token that only our pages have: in the field
  ``csrf_token`` of a form, or in the header ``X-CSRFToken``, which our script adds to every
  request of htmx.
"""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import Flask, current_app, request
from flask_wtf.csrf import CSRFError, CSRFProtect  # type: ignore[import-untyped]
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from webadmin.apikey import demands_key

_STALE = "Страница устарела. Обновите её и повторите."
_NOT_JSON = "Нужен JSON с заголовком Content-Type: application/json."
_MARK = "demands_json"

P = ParamSpec("P")
R = TypeVar("R")


def init_app(app: Flask) -> None:
    """Check every request that may change something before it reaches its view."""
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False  # ours decides what is exempt
    app.config["WTF_CSRF_TIME_LIMIT"] = None  # as long as the session
    # The referrer says nothing here: our pages send none (Referrer-Policy).
    app.config["WTF_CSRF_SSL_STRICT"] = False
    protection = CSRFProtect(app)

    @app.before_request
    def check() -> None:
        view = current_app.view_functions.get(request.endpoint or "")
        if view is None or request.is_json or demands_key(view) or hasattr(view, _MARK):
            return
        try:
            protection.protect()
        except CSRFError as error:
            raise BadRequest(_STALE) from error


def json_required(view: Callable[P, R]) -> Callable[P, R]:
    """Let a view run only for a request with JSON, and need no token."""

    @wraps(view)
    def guarded(*arguments: P.args, **named: P.kwargs) -> R:
        if not request.is_json:
            raise UnsupportedMediaType(_NOT_JSON)
        return view(*arguments, **named)

    setattr(guarded, _MARK, True)
    return guarded
