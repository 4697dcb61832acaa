"""What the keys of the caller's telephone ask for (conversation.md, 15)."""

from typing import Final

from bot.smalltalk import Control

KEYS: Final[dict[str, Control]] = {"0": "operator", "*": "repeat"}
APART_S: Final = 1.0
"""A key pressed again sooner is a key held down, a finger that trembles, or a flood."""


class Keypad:
    """The keys of one call; belongs to the call's thread."""

    def __init__(self) -> None:
        self._pressed: dict[str, float] = {}

    def control_of(self, digit: str, now: float) -> Control | None:
        """What is asked for by a key at ``now`` (monotonic seconds), if anything is."""
        control = KEYS.get(digit)
        if control is None or now - self._pressed.get(digit, -APART_S) < APART_S:
            return None
        self._pressed[digit] = now
        return control
