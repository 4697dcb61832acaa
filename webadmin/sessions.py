"""Operators' sessions: a signed cookie, and the secret that signs it."""

import hmac
import os
import secrets
from contextlib import suppress
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

from flask import Flask, current_app, request, session
from flask.sessions import SecureCookieSessionInterface
from pydantic import SecretStr

from bot.errors import SettingError

_LIFETIME = timedelta(hours=12)
"""A shift, from the password on."""
_SECRET_BYTES = 32
_SIGNED_IN = "operator"


class _Cookies(SecureCookieSessionInterface):
    """Cookies that a browser gives back over TLS only, if they came over TLS."""

    def get_cookie_secure(self, app: Flask) -> bool:
        return request.is_secure


def init_app(app: Flask, state: Path) -> None:
    """Sign sessions with a secret of this installation, kept in the folder ``state``."""
    app.secret_key = kept_secret(state / "session.key")
    app.session_interface = _Cookies()
    app.config.update(
        # The name is ours alone: cookies of all ports of a host are in one jar.
        SESSION_COOKIE_NAME="metrotech_voice",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=_LIFETIME,
        # Else an answer that is still on its way when somebody signs out signs them in again.
        SESSION_REFRESH_EACH_REQUEST=False,
    )
    app.context_processor(lambda: {"is_signed_in": _SIGNED_IN in session})


def kept_secret(path: Path) -> bytes:
    """The secret in a file that only its owner reads; made by whoever comes first.

    Raises :class:`bot.errors.SettingError` when the file cannot be made or read.
    """
    try:
        if not path.exists():
            _make_secret(path)
        secret = path.read_bytes()
    except OSError as error:
        raise SettingError(f"DB_PATH: {path}: {error.strerror}") from error
    if len(secret) != _SECRET_BYTES:
        raise SettingError(f"DB_PATH: {path}: damaged, delete it")
    return secret


def _make_secret(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(_SECRET_BYTES))
    # A link appears whole or not at all, and never in place of another process' secret.
    with suppress(FileExistsError):
        os.link(beside, path)
    beside.unlink()


def sign_in(password: SecretStr) -> None:
    """Begin a session of somebody who knew the password."""
    session.clear()
    session.permanent = True
    session[_SIGNED_IN] = _fingerprint(password)


def sign_out() -> None:
    """End the session in this browser."""
    session.clear()


def is_signed_in(password: SecretStr) -> bool:
    """Whether this session began with the password that is valid now."""
    return hmac.compare_digest(str(session.get(_SIGNED_IN, "")), _fingerprint(password))


def _fingerprint(password: SecretStr) -> str:
    """Changes with the password, so that a new password ends every session."""
    key = current_app.secret_key
    if not isinstance(key, bytes):
        raise TypeError("sessions.init_app was not called")
    return hmac.new(key, password.get_secret_value().encode(), sha256).hexdigest()
