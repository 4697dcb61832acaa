"""All waits of the conversation."""

from dataclasses import dataclass


@dataclass(frozen=True)
class TurnTiming:
    """In seconds (conversation.md)."""

    first_point_s: float = 0.1
    """Silence after which recognition starts; the detector itself takes about 0.1 s more."""
    meant_s: float = 0.8
    """Voice this long over the assistant is meant, so that its words are waited for. The
    detector tells the end of a voice 0.2 s late: an «угу» of 0.5 s lasts 0.7 s here."""
    early_look_s: float = 4.0
    """Who goes on over the assistant for so long is listened to before they have ended."""
    hold_s: float = 0.6
    """How long a pause may wait for the words of a shorter one after it ended."""
    long_utterance_s: float = 10.0
    """From then on recognition waits for a pause that could end the turn."""
    longest_turn_s: float = 30.0
    """Who speaks on for so long is answered to what they have said by then."""
    lost_s: float = 13.0
    """A recogniser that has not answered by then never will."""
    filler_s: float = 0.9
    """How long a committed turn may go unanswered in silence (conversation.md, line 11)."""
    late_asr_s: float = 1.7
    """How long a silence may be whose words are not known yet: longer than any endpoint."""
    filler_again_s: float = 2.8
    """From one filler to the next: one of a second leaves less than 2 s of silence."""
    idle_s: tuple[float, float, float] = (7.0, 15.0, 25.0)
    longest_call_s: float = 900.0
    closing_soon_s: float = 60.0
    """So long before the end of the longest call the caller is told of it."""
