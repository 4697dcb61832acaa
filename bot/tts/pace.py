"""How fast the assistant speaks: in steps, and for voices that know only one pace."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

NORMAL = 1.0
PACES = (NORMAL, 0.85, 0.7, 0.6)
"""Shares of the configured speed. Below the last speech falls apart into words."""

_WINDOW_S = 0.030
_SEARCH_S = 0.008


def slower(pace: float) -> float:
    """The next step down; the last one stays."""
    return next((step for step in PACES if step < pace), PACES[-1])


def at_pace(speech: NDArray[np.int16], rate_hz: int, pace: float) -> NDArray[np.int16]:
    """The same voice at the same pitch, ``1 / pace`` times as long (``pace`` below 1).

    Waveform similarity overlap-add (Verhelst and Roelands, 1993): windows are taken from the
    speech more densely than they are laid down, each where it goes on best from the one before.
    """
    window = round(_WINDOW_S * rate_hz) // 2 * 2
    if pace == NORMAL or len(speech) < 2 * window:
        return speech
    hop, reach = window // 2, round(_SEARCH_S * rate_hz)
    shape = np.hanning(window + 1)[:-1]  # two of them, half overlapping, add up to 1
    source = np.pad(speech.astype(np.float64), (hop + reach, 2 * window + reach))
    made = np.zeros(round(len(speech) / pace) + 2 * window)
    start = reach
    for laid in range(0, len(made) - window, hop):
        made[laid : laid + window] += shape * source[start : start + window]
        start = _best_start(source, start + hop, reach + round((laid + hop) * pace), window, reach)
    length = round(len(speech) / pace)
    return np.clip(np.rint(made[hop : hop + length]), -32768, 32767).astype(np.int16)


def _best_start(source: NDArray[Any], goes_on: int, due: int, window: int, reach: int) -> int:
    """Near ``due``, where the speech is most like what followed the window laid down last."""
    followed = source[goes_on : goes_on + window]
    around = source[due - reach : due + reach + window]
    if len(followed) < window or len(around) < window:
        return min(due, len(source) - window)
    likeness = np.correlate(around, followed, mode="valid")
    return due - reach + int(np.argmax(likeness))
