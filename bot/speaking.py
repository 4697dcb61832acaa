"""The assistant's side of a call: one utterance at a time, sent ahead of the play clock.

Belongs to the call's thread. Asterisk drops whole messages once 1000 frames (20 s) are
queued, so a few seconds are kept ahead and the rest waits here.
"""

from collections import deque
from dataclasses import dataclass

from bot.audio import BYTES_PER_S, SAMPLE_BYTES, duration_s
from bot.farend import FarEnd
from bot.media import AudioLeg
from bot.playout import Playout

AHEAD_S = 6.0
MESSAGE_BYTES = BYTES_PER_S // 2
STALLED_S = 3.0
"""Silence in the middle of an utterance after which the rest of it is given up."""
WATCHDOG_S = 0.5
"""An utterance is over this long after its last sample was due, event or no event."""


@dataclass(frozen=True)
class _Sentence:
    text: str


class Speaker:
    """Speaks through an :class:`AudioLeg` and knows what of it was heard."""

    def __init__(self, leg: AudioLeg, far_end: FarEnd) -> None:
        self._leg = leg
        self._far_end = far_end
        self._number = 0
        self._waiting: deque[_Sentence | bytes] = deque()
        self._playout: Playout | None = None
        self._text: list[str] = []
        self._sent: list[_Sentence | bytes] = []
        """What went out of this utterance: a leg that is lost takes along what it did not play."""
        self._complete = False
        self._finish_sent = False
        self._flow_on = True
        self._silent_since: float | None = None
        self.sent_anything = False
        self.paused = False

    @property
    def speaking(self) -> bool:
        """Whether an utterance has begun and is not over."""
        return self._playout is not None

    @property
    def is_complete(self) -> bool:
        """Whether all of the utterance was made, heard or not."""
        return self._complete

    @property
    def sentences(self) -> tuple[str, ...]:
        """What the utterance says so far, heard or not."""
        return tuple(self._text)

    def begin(self, now: float) -> None:
        """Start an utterance."""
        self._number += 1
        self._waiting.clear()
        self._text.clear()
        self._sent.clear()
        self._playout = Playout(now)
        self._complete = self._finish_sent = self.sent_anything = self.paused = False
        self._silent_since = None
        self._leg.begin()

    def sentence(self, text: str) -> None:
        """The audio that follows says this."""
        self._waiting.append(_Sentence(text))
        self._text.append(text)

    def audio(self, pcm: bytes) -> None:
        """More audio of the current sentence, whole samples."""
        for start in range(0, len(pcm), MESSAGE_BYTES):
            self._waiting.append(pcm[start : start + MESSAGE_BYTES])

    def complete(self) -> None:
        """Nothing more will come for this utterance."""
        self._complete = True

    def pump(self, now: float) -> None:
        """Send what may be sent now."""
        if self._playout is None:
            return
        while self._waiting and self._flow_on and self._playout.ahead_s(now) < AHEAD_S:
            self._sent.append(self._waiting.popleft())
            self._send(self._sent[-1], self._playout, now)
        if self._complete and not self._waiting and not self._finish_sent:
            self._leg.finish(f"u{self._number}")
            self._finish_sent = True

    def is_over(self, now: float) -> bool:
        """Whether the utterance was played whole; the watchdog decides when no event came."""
        if self._playout is None or not self._finish_sent or self.paused:
            return False
        if self._playout.ahead_s(now) > 0 or self._silent_since is None:
            self._silent_since = now
        return now - self._silent_since >= WATCHDOG_S

    def is_stalled(self, now: float) -> bool:
        """Whether more should have come long ago: the line has been silent for a while."""
        if self._playout is None or self._complete or self.paused:
            return False
        if self._waiting or self._playout.ahead_s(now) > 0 or self._silent_since is None:
            self._silent_since = now
        return now - self._silent_since >= STALLED_S

    def finished_event(self, mark: str) -> bool:
        """Whether this ``finished`` event ends the utterance in progress."""
        return self._playout is not None and self._finish_sent and mark == f"u{self._number}"

    def played_event(self, mark: str, now: float) -> None:
        """A sentence's mark came back: the play clock is set by it."""
        number, _, sentence = mark.removeprefix("u").partition(".")
        if self._playout is not None and number == str(self._number) and sentence.isdigit():
            self._playout.played_to_end_of(int(sentence), now)

    def flow(self, on: bool) -> None:
        """Asterisk's queue is full (``False``) or has room again."""
        self._flow_on = on

    def repeat_sentence(self, now: float) -> None:
        """Say the sentence again that a lost leg cut short, and go on from there."""
        self._flow_on = True
        if self._playout is None:
            return
        first = self._playout.rewind(now)
        begun = [at for at, item in enumerate(self._sent) if isinstance(item, _Sentence)]
        lost_from = begun[first] if first < len(begun) else len(self._sent)
        self._waiting.extendleft(reversed(self._sent[lost_from:]))
        del self._sent[lost_from:]
        self._finish_sent, self._silent_since = False, None
        self._far_end.flush(now)
        self._leg.begin()
        if self.paused:
            self._leg.pause()
            self._far_end.pause(now)
        self.pump(now)

    def pause(self, now: float) -> None:
        """Fall silent at once, and be able to go on from the same sample."""
        if self._playout is not None and not self.paused:
            self._leg.pause()
            self._far_end.pause(now)
            self._playout.pause(now)
            self.paused = True

    def resume(self, now: float) -> None:
        """Go on after a pause."""
        if self._playout is not None and self.paused:
            self._leg.resume()
            self._far_end.resume(now)
            self._playout.resume(now)
            self.paused = False

    def stop(self, now: float) -> str:
        """End the utterance, dropping what was not played; returns the text that was heard."""
        if self._playout is None:
            return ""
        heard = self._playout.heard(now)
        if self.paused or self.is_unfinished(now):
            self._leg.flush()
            self._far_end.flush(now)
            self._flow_on = True
        self._playout = None
        self._waiting.clear()
        return heard

    def is_unfinished(self, now: float) -> bool:
        """Whether something is still to be played, or to come."""
        playout = self._playout
        return playout is not None and (
            not self._complete or bool(self._waiting) or playout.ahead_s(now) > 0
        )

    def _send(self, item: _Sentence | bytes, playout: Playout, now: float) -> None:
        if isinstance(item, _Sentence):
            self._mark_previous(playout.sentence(item.text))
            return
        self._leg.send(item[: len(item) // SAMPLE_BYTES * SAMPLE_BYTES])
        self._far_end.sent(item, now)
        playout.sent(duration_s(item), now)
        self.sent_anything = True

    def _mark_previous(self, sentence: int) -> None:
        if sentence > 0:
            self._leg.mark(f"u{self._number}.{sentence - 1}")
