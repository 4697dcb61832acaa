"""The key of changing requests: ``X-API-Key``, compared with ``API_SECRET_KEY``."""

import hmac
import logging
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask import Flask, request
from pydantic import SecretStr
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Forbidden, Unauthorized

from webadmin.services import services

log = logging.getLogger(__name__)

HEADER = "X-API-Key"
_MARK = "demands_key"
_UNSET = (
    "Изменения выключены: на сервере не задан ключ. "
    "Задайте API_SECRET_KEY в файле .env и перезапустите панель."
)
_MISSING = f"Нужен ключ доступа в заголовке {HEADER}."
_WRONG = "Ключ доступа не подошёл."
_CHALLENGE = WWWAuthenticate("ApiKey", {"header": HEADER})
"""A 401 must name its scheme (RFC 9110, 11.6.1); browsers ask nothing for one they don't know."""

P = ParamSpec("P")
R = TypeVar("R")


def init_app(app: Flask) -> None:
    """Let templates know whether there is a key to ask for: ``key_is_set``."""
    app.context_processor(lambda: {"key_is_set": services().settings.api_secret_key is not None})


def key_required(view: Callable[P, R]) -> Callable[P, R]:
    """Let a view run only for requests that carry the key; directly below the route's line.

    403 when no key is set, 401 when it is missing or wrong, 429 after too many wrong ones from
    one address. Such a view needs no CSRF token (:mod:`webadmin.csrf`).
    """

    @wraps(view)
    def guarded(*arguments: P.args, **named: P.kwargs) -> R:
        check_key()
        return view(*arguments, **named)

    setattr(guarded, _MARK, True)
    return guarded


def demands_key(view: Callable[..., Any]) -> bool:
    """Whether a view was made with :func:`key_required`."""
    return getattr(view, _MARK, False) is True


def check_key() -> None:
    """Return when this request carries the key; for views that need it only sometimes."""
    secret = services().settings.api_secret_key
    if secret is None:
        raise Forbidden(_UNSET)
    given = request.headers.get(HEADER)
    if given is None:
        raise Unauthorized(_MISSING, www_authenticate=_CHALLENGE)
    address = request.remote_addr or ""
    if not services().wrong_keys.judge(address, _is_key(given, secret)):
        log.warning("event=wrong_key address=%s", address)
        raise Unauthorized(_WRONG, www_authenticate=_CHALLENGE)


def _is_key(given: str, secret: SecretStr) -> bool:
    # WSGI hands the header's bytes over as Latin-1 (PEP 3333); they were UTF-8.
    return hmac.compare_digest(given.encode("latin-1"), secret.get_secret_value().encode())
