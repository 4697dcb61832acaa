"""Who may read: this machine always, others with the operators' password if there is one.

Operators give it on the login page, programs by HTTP Basic with any user name.
"""

from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit

from flask import Flask, Request, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import SecretStr
from werkzeug.datastructures import Authorization, WWWAuthenticate
from werkzeug.exceptions import BadRequest, Forbidden, Unauthorized

from webadmin.extensions import htmx
from webadmin.password import is_password
from webadmin.services import services
from webadmin.sessions import is_signed_in
from webadmin.toasts import add_toast

OPEN_ENDPOINTS = frozenset({"static", "health.index", "health.live", "health.ready"})
"""Read by balancers and monitors, which have no password; nothing of a call is there."""

_LOGIN_ENDPOINTS = frozenset({"login.page", "login.enter", "login.leave"})
_SEE_OTHER = 303
_SESSION_ENDED = (
    "Сеанс закончился. Войдите в другой вкладке и повторите: здесь всё осталось как было."
)

_FORWARDING_HEADERS = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via")


def init_app(app: Flask) -> None:
    """Ask about every request before it reaches its route."""
    app.before_request(_check)


def _check() -> ResponseReturnValue | None:
    given = _given()
    if request.endpoint in OPEN_ENDPOINTS or _is_local(request):
        return None
    password = services().settings.admin_password
    if password is None:
        raise Forbidden(
            "Доступ только с этого компьютера. Чтобы читать с других, задайте ADMIN_PASSWORD."
        )
    if request.endpoint in _LOGIN_ENDPOINTS or is_signed_in(password):
        return None
    if given is not None:
        _check_basic(given, password)
        return None
    return _invitation()


def _given() -> Authorization | None:
    """The header ``Authorization``; one that cannot be read is refused whoever sends it."""
    try:
        return request.authorization
    except ValueError as error:
        raise BadRequest("Заголовок Authorization не разобрать.") from error


def _check_basic(given: Authorization, password: SecretStr) -> None:
    if given.type != "basic" or not is_password(given.password or "", password):
        raise _challenge()


def _invitation() -> ResponseReturnValue:
    """To the login page for a browser, to HTTP Basic for a program.

    A script of a page is never challenged: its browser would ask with a window of its own.
    """
    if htmx:
        return _page_invitation()
    if request.method == "GET" and "text/html" in request.headers.get("Accept", ""):
        return redirect(_login_address(request.full_path.removesuffix("?")), _SEE_OTHER)
    raise _challenge()


def _page_invitation() -> Response:
    """A page whose session ended is left for the login, unless something was being changed."""
    if request.method == "GET":
        return Response(status=401, headers={"HX-Redirect": _login_address(htmx.current_url or "")})
    return add_toast(Response(status=401), "error", _SESSION_ENDED)


def _login_address(wanted: str) -> str:
    """The login page that goes on to the path and query of ``wanted``."""
    try:
        parts = urlsplit(wanted)
    except ValueError:  # a browser's word for where it is, and no address
        return url_for("login.page")
    return url_for("login.page", next=f"{parts.path}?{parts.query}" if parts.query else parts.path)


def _challenge() -> Unauthorized:
    scheme = WWWAuthenticate("basic", {"realm": "Metrotech Voice", "charset": "UTF-8"})
    return Unauthorized("Нужен пароль оператора (ADMIN_PASSWORD).", www_authenticate=scheme)


def _is_local(asking: Request) -> bool:
    """Whether the client itself is on this machine and means this machine.

    A request that a proxy passed on is somebody else's, whatever address the proxy has;
    what the forwarding headers say is not believed either, only that they are there. The
    host's name is checked because a hostile page can point its own name at 127.0.0.1 and
    read the answers in the operator's browser (DNS rebinding).
    """
    if any(name in asking.headers for name in _FORWARDING_HEADERS):
        return False
    return _is_loopback(asking.remote_addr or "") and _names_loopback(asking.host)


def _names_loopback(host: str) -> bool:
    name = host.rpartition(":")[0] if not host.endswith("]") and ":" in host else host
    return name.lower() == "localhost" or _is_loopback(name.strip("[]"))


def _is_loopback(address: str) -> bool:
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped:
        return parsed.ipv4_mapped.is_loopback
    return parsed.is_loopback
