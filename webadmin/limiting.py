"""How many wrong keys or passwords one address may try, so that nobody tries them all."""

import math
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address, ip_network
from threading import Lock

from werkzeug.exceptions import TooManyRequests

_HOME_PREFIX = 64
"""Bits of an IPv6 address that one subscriber has: the rest is theirs to choose (RFC 6177)."""


class FailureLimit:
    """Counts failures by address, in memory. Thread-safe.

    Whoever failed ``most`` times within ``window_s`` seconds is refused until the first of
    these failures is that old, and a right answer is refused too: else guessing could go on.
    At most ``addresses`` addresses are remembered, those that failed last.
    """

    def __init__(
        self,
        most: int = 10,
        window_s: float = 60.0,
        clock: Callable[[], float] = time.monotonic,
        addresses: int = 10_000,
    ) -> None:
        self._most = most
        self._window_s = window_s
        self._clock = clock
        self._addresses = addresses
        self._failures: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = Lock()

    def judge(self, address: str, is_right: bool) -> bool:
        """``is_right``, and a wrong answer is counted.

        Raises :class:`werkzeug.exceptions.TooManyRequests` with the seconds to wait.
        """
        who, moment = _subscriber(address), self._clock()
        with self._lock:
            recent = self._recent(who, moment)
            if len(recent) >= self._most:
                raise _too_many(math.ceil(recent[0] + self._window_s - moment))
            if not is_right:
                self._note(who, recent, moment)
        return is_right

    def _recent(self, who: str, moment: float) -> deque[float]:
        failures = self._failures.get(who, deque())
        while failures and failures[0] + self._window_s <= moment:
            failures.popleft()
        return failures

    def _note(self, who: str, recent: deque[float], moment: float) -> None:
        recent.append(moment)
        self._failures[who] = recent
        self._failures.move_to_end(who)
        if len(self._failures) > self._addresses:
            self._failures.popitem(last=False)


class RequestLimit:
    """At most ``most`` requests of one address within ``window_s`` seconds. Thread-safe."""

    def __init__(self, most: int, window_s: float, complaint: str) -> None:
        """``complaint`` begins what is told to who asks too much: «Слишком много вопросов»."""
        self._limit = FailureLimit(most, window_s)
        self._complaint = complaint

    def count(self, address: str) -> None:
        """Count one more; :class:`werkzeug.exceptions.TooManyRequests` with the seconds to wait."""
        try:
            self._limit.judge(address, is_right=False)  # each counts, as a wrong key does
        except TooManyRequests as refusal:
            raise TooManyRequests(
                f"{self._complaint} с этого адреса. Повторите через {refusal.retry_after} с.",
                retry_after=refusal.retry_after,
            ) from None


def _subscriber(address: str) -> str:
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ip_network((parsed, _HOME_PREFIX), strict=False))


def _too_many(wait_s: int) -> TooManyRequests:
    return TooManyRequests(
        f"Слишком много неверных попыток с этого адреса. Повторите через {wait_s} с.",
        retry_after=wait_s,
    )
