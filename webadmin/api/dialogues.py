"""The dialogues that questions of ``POST /api/ask`` follow on, by the client's session."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from bot.dialogue import HISTORY_TURNS
from bot.llm import Exchange

MOST_DIALOGUES = 500
LIFETIME_S = 1800.0
"""As long as somebody may think about the next question."""


@dataclass(frozen=True)
class _Dialogue:
    exchanges: tuple[Exchange, ...]
    last_used_s: float


class Dialogues:
    """Bounded in number and age, in memory. Thread-safe.

    Whoever knows a session's id has its dialogue, nobody else has: ids are chosen by clients
    and are never listed. The dialogue that was used longest ago makes room for a new one.
    """

    def __init__(
        self,
        most: int = MOST_DIALOGUES,
        lifetime_s: float = LIFETIME_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most = most
        self._lifetime_s = lifetime_s
        self._clock = clock
        self._dialogues: OrderedDict[str, _Dialogue] = OrderedDict()
        self._lock = Lock()

    def history(self, session: str) -> tuple[Exchange, ...]:
        """The last exchanges of a session, oldest first; empty for one that is not known."""
        with self._lock:
            self._forget_old()
            found = self._dialogues.get(session)
        return found.exchanges if found else ()

    def add(self, session: str, exchange: Exchange) -> None:
        """Remember one more exchange."""
        with self._lock:
            self._forget_old()
            known = self._dialogues.pop(session, None)
            exchanges = (*(known.exchanges if known else ()), exchange)[-HISTORY_TURNS:]
            self._dialogues[session] = _Dialogue(exchanges, self._clock())
            if len(self._dialogues) > self._most:
                self._dialogues.popitem(last=False)

    def _forget_old(self) -> None:
        oldest_kept_s = self._clock() - self._lifetime_s
        while self._dialogues:
            session, dialogue = next(iter(self._dialogues.items()))
            if dialogue.last_used_s > oldest_kept_s:
                return
            del self._dialogues[session]
