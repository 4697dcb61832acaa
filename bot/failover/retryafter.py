"""When a service says that it can be asked again: ``Retry-After`` (RFC 9110, 10.2.3)."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def retry_after_s(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds from ``now`` on, never below 0; None where the service does not say.

    OpenAI's ``retry-after-ms`` (protocols.md, 2.4) is finer and goes first. ``headers`` ignore
    case. Malformed values say nothing.
    """
    found = _number(headers.get("retry-after-ms"))
    if found is not None:
        return found / 1000.0
    said = headers.get("retry-after")
    return _until(said, now) if said and _number(said) is None else _number(said)


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return max(0.0, number) if math.isfinite(number) else None


def _until(date: str, now: datetime) -> float | None:
    try:
        moment = parsedate_to_datetime(date)
    except ValueError:
        return None
    return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds())
