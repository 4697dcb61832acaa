"""How long a model may make the caller wait between the pieces of its answer."""

import re
import time
from typing import Final

GAP_S: Final = 1.5
"""No piece of text for so long: the model hangs."""
SENTENCE_S: Final = 3.0
"""Waited for one sentence in all: the model drips. Later sentences are written while earlier ones
are spoken, so this is about as long as the caller hears nothing of it."""
_END: Final = re.compile(r"[|.!?…]")


class SentencePatience:
    """The time that the first sentence has, and then each; see :class:`bot.failover.race.Patience`.

    Only waiting counts: a listener who comes back late finds what has come meanwhile.
    """

    def __init__(
        self, begin_within_s: float, gap_s: float = GAP_S, sentence_s: float = SENTENCE_S
    ) -> None:
        self._begin_by = time.monotonic() + begin_within_s
        self._gap_s, self._sentence_s = gap_s, sentence_s
        self._began = False
        self._waited_s = 0.0

    def left_s(self) -> float:
        """Seconds that the next piece may take."""
        whole_s = self._sentence_s - self._waited_s
        if not self._began:
            whole_s = min(whole_s, self._begin_by - time.monotonic())
        return max(0.0, min(self._gap_s, whole_s))

    def came(self, piece: tuple[str, str], waited_s: float) -> None:
        """A model's name and a piece of its text have come."""
        if _END.search(piece[1]):
            self._began, self._waited_s = True, 0.0
        elif self._began:
            self._waited_s += waited_s
