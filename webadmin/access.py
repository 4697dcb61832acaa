"""Who may read: this machine always, others with the operators' password if there is one."""

import hmac
from ipaddress import IPv6Address, ip_address

from flask import Flask, Request, request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Forbidden, Unauthorized

from webadmin.services import services

OPEN_ENDPOINTS = frozenset({"static", "health.index", "health.live", "health.ready"})
"""Read by balancers and monitors, which have no password; nothing of a call is there."""

_FORWARDING_HEADERS = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via")


def init_app(app: Flask) -> None:
    """Ask about every request before it reaches its route."""
    app.before_request(_check)


def _check() -> None:
    if request.endpoint in OPEN_ENDPOINTS or _is_local(request):
        return
    password = services().settings.admin_password
    if password is None:
        raise Forbidden(
            "Доступ только с этого компьютера. Чтобы читать с других, задайте ADMIN_PASSWORD."
        )
    if not _has_password(request, password.get_secret_value()):
        challenge = WWWAuthenticate("basic", {"realm": "Metrotech Voice", "charset": "UTF-8"})
        raise Unauthorized("Нужен пароль оператора (ADMIN_PASSWORD).", www_authenticate=challenge)


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


def _has_password(asking: Request, password: str) -> bool:
    given = asking.authorization
    if given is None or given.type != "basic" or given.password is None:
        return False
    return hmac.compare_digest(given.password.encode(), password.encode())
