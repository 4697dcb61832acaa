"""One loudness for voices that have none of their own."""

import numpy as np

from bot.audio import Samples

SPEECH_DBFS = -20.0
_PEAK = 0.9 * 32767
_PAUSE_DB = 30.0
"""A 20 ms window this far below the loudest one is a pause and does not count."""


def levelled(speech: Samples, rate_hz: int) -> Samples:
    """``speech`` (shape ``(n,)``) at -20 dBFS RMS without its pauses, and never clipped."""
    window = rate_hz // 50
    whole = len(speech) // window * window
    if not whole:
        return speech
    powers = np.mean(speech[:whole].reshape(-1, window).astype(np.float32) ** 2, axis=1)
    loudest = float(powers.max())
    if loudest <= 1.0:
        return speech
    spoken = powers[powers > loudest * 10 ** (-_PAUSE_DB / 10)]
    target = 32768.0 * 10 ** (SPEECH_DBFS / 20)
    gain = target / float(np.sqrt(spoken.mean()))
    gain = min(gain, _PEAK / float(np.abs(speech.astype(np.float32)).max()))
    scaled: Samples = np.rint(speech.astype(np.float32) * gain).astype("<i2")
    return scaled
