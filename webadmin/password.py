"""The operators' password, however it is given: compared in constant time, guesses are counted."""

import hmac
import logging

from flask import request
from pydantic import SecretStr

from webadmin.services import services

log = logging.getLogger(__name__)


def is_password(given: str, password: SecretStr) -> bool:
    """Whether ``given`` is the password; 429 after too many wrong ones from this address."""
    address = request.remote_addr or ""
    expected = password.get_secret_value().encode()
    is_right = hmac.compare_digest(given.encode(errors="replace"), expected)
    if not services().wrong_passwords.judge(address, is_right):
        log.warning("event=wrong_password address=%s", address)
    return is_right
