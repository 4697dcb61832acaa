"""One check of one service, and what it found: in an operator's words, without secrets."""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pydantic import SecretStr

from bot.errors import AssistantError, ErrorKind, ProviderError
from bot.settings import Settings

Look = Callable[[Settings], str]
"""Looks at a service and tells what it saw; raises :class:`AssistantError` or :class:`OSError`."""

_HIDDEN = "•••"
_PASSWORD = re.compile(r"(://[^/?#\s:@]*:)[^/?#\s]+(@)")
_ADVICE: dict[ErrorKind, str] = {
    "authentication": "ключ не принят или у него нет прав",
    "quota": "кончились деньги или разрешённое число запросов: пополните счёт у этой службы",
    "timeout": "служба не ответила вовремя: проверьте сеть и адрес, повторите через минуту",
    "transient": "связи со службой нет или она перегружена: проверьте сеть и адрес",
    "permanent": "служба отказала в самом запросе",
}


@dataclass(frozen=True)
class Check:
    """One check. ``name`` is the service's for operators, ``advice`` what to do when it fails."""

    id: str
    name: str
    look: Look
    advice: str
    needed: bool = True
    """Calls cannot be served without it."""
    unused: str = ""
    """Why there is nothing to look at; empty when there is."""


@dataclass(frozen=True)
class Finding:
    """What one check found: ``detail`` when all is well, else what is wrong and ``advice``."""

    check: str
    name: str
    ok: bool
    detail: str
    ms: int
    """How long it took."""
    advice: str = ""
    needed: bool = True


def examine(
    check: Check, settings: Settings, clock: Callable[[], float] = time.perf_counter
) -> Finding:
    """Run one check; ``clock`` gives seconds. Only a fault of the program is raised."""
    began = clock()
    ok, advice = True, ""
    try:
        detail = check.look(settings)
    except (AssistantError, OSError) as error:
        ok, detail, advice = False, str(error), _advice(check, error)
    ms = round((clock() - began) * 1000)
    return Finding(
        check.id, check.name, ok, without_secrets(detail, settings), ms, advice, check.needed
    )


def without_secrets(text: str, settings: Settings) -> str:
    """The text with every password, key and token of the settings struck out.

    Nobody can promise what a driver or a service puts into its message.
    """
    for secret in sorted(_secrets(settings), key=len, reverse=True):
        # Whole words alone: a short one struck out within others would be told by the gaps.
        text = re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", _HIDDEN, text)
    return without_passwords(text)


def without_passwords(text: str) -> str:
    """The text with the passwords within its addresses struck out."""
    return _PASSWORD.sub(rf"\1{_HIDDEN}\2", text)


def _secrets(settings: Settings) -> Iterator[str]:
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if isinstance(value, SecretStr) and value.get_secret_value():
            yield value.get_secret_value()
        elif isinstance(value, str) and (found := _PASSWORD.search(value)):
            yield value[found.end(1) : found.start(2)]


def _advice(check: Check, error: Exception) -> str:
    if isinstance(error, ProviderError):
        return f"{_ADVICE[error.kind]}; {check.advice}"
    return check.advice
