"""How much of what we sent has been played: a pure clock over sent audio, pauses and marks."""

from dataclasses import dataclass

from bot.russian.spoken import speakable


@dataclass
class _Piece:
    text: str
    start_s: float
    length_s: float = 0.0

    @property
    def end_s(self) -> float:
        return self.start_s + self.length_s


class Playout:
    """One utterance of ours, sentence by sentence, against the clock of the far end.

    Asterisk plays what it was sent at 20 ms a frame, so the position advances with time
    until it has caught up with what was sent. All times are monotonic seconds.
    """

    def __init__(self, now: float) -> None:
        self._pieces: list[_Piece] = []
        self._sent_s = 0.0
        self._position_s = 0.0
        self._as_of = now
        self._paused = False

    def sentence(self, text: str) -> int:
        """A new sentence begins; returns its number, from 0."""
        self._pieces.append(_Piece(text, self._sent_s))
        return len(self._pieces) - 1

    def sent(self, seconds: float, now: float) -> None:
        """That much audio of the current sentence was sent."""
        self._advance(now)
        self._sent_s += seconds
        if self._pieces:
            self._pieces[-1].length_s += seconds

    def pause(self, now: float) -> None:
        """The far end stopped playing."""
        self._advance(now)
        self._paused = True

    def resume(self, now: float) -> None:
        """The far end plays on."""
        self._advance(now)
        self._paused = False

    def played_to_end_of(self, sentence: int, now: float) -> None:
        """A mark says that this sentence has been played whole."""
        self._advance(now)
        self._position_s = max(self._position_s, self._pieces[sentence].end_s)

    def rewind(self, now: float) -> int:
        """Back to the beginning of the sentence that is being played; returns its number.

        What was sent of it, and after it, counts as never sent.
        """
        self._advance(now)
        number = next(
            (
                number
                for number, piece in enumerate(self._pieces)
                if piece.end_s > self._position_s or not piece.length_s
            ),
            len(self._pieces),
        )
        if number < len(self._pieces):
            self._sent_s = self._position_s = self._pieces[number].start_s
            del self._pieces[number:]
        return number

    def ahead_s(self, now: float) -> float:
        """Seconds that were sent and are still to be played."""
        self._advance(now)
        return self._sent_s - self._position_s

    def heard(self, now: float) -> str:
        """The text that was played, to the word: each takes as long as it has letters."""
        self._advance(now)
        return " ".join(filter(None, (self._heard_of(piece) for piece in self._pieces)))

    def _heard_of(self, piece: _Piece) -> str:
        if not piece.length_s:
            return ""
        if self._position_s >= piece.end_s:
            return piece.text
        return _beginning(piece.text, (self._position_s - piece.start_s) / piece.length_s)

    def _advance(self, now: float) -> None:
        if not self._paused:
            self._position_s = min(self._sent_s, self._position_s + (now - self._as_of))
        self._as_of = now


def _beginning(text: str, share: float) -> str:
    """The words of which at least half was said when ``share`` of the sound of ``text`` was."""
    words = text.split()
    lengths = [len(speakable(word)) + 1 for word in words]  # «100» takes as long as «сто»
    said, count = share * sum(lengths), 0
    while count < len(words) and said >= lengths[count] / 2:
        said -= lengths[count]
        count += 1
    return " ".join(words[:count])
