"""Human speech for many callers at once: every piece is used for one caller only."""

import itertools
import wave
from functools import cache

import numpy as np
from numpy.typing import NDArray

from bot.audio import RATE_HZ, duration_s, samples
from tests.lab.humanspeech import FOLDER, human_speech

NOT_SPEECH = ("beep", "beeperr", "ascending-2tone", "descending-2tone", "tt-monkeys", "dictate")
PAUSE_S = 0.14
PAUSE_DB = 35.0
TOO_QUIET = ("is",)
_WINDOW = RATE_HZ // 50
_FADE = RATE_HZ // 100


class Voices:
    """Hands out pieces of recorded Russian, none of them twice."""

    def __init__(self) -> None:
        self._breaths = iter([pcm for pcm in _prompts() if _is_breath(pcm)])
        self._sentences = [pcm for pcm in _prompts() if not _is_breath(pcm)]
        self._short = iter(_short_prompts())

    def breath(self) -> bytes:
        """One utterance of 1.2…2.4 s without a pause in it."""
        return next(self._breaths)

    def word(self) -> bytes:
        """A word or two of 0.3…0.9 s."""
        return human_speech(next(self._short))

    def pieces(self, count: int) -> list[bytes]:
        """One sentence cut between its words into ``count`` pieces of 0.6…1.3 s."""
        for pcm in self._sentences:
            if 0.6 * count <= duration_s(pcm) <= 1.3 * count:
                self._sentences.remove(pcm)
                return _cut(pcm, count)
        raise LookupError("no recorded speech is left")


@cache
def _prompts() -> tuple[bytes, ...]:
    """Every prompt of the package's root folder that is speech, and loud enough."""
    names = sorted(path.stem for path in FOLDER.glob("*.wav"))
    return tuple(
        human_speech(name)
        for name in names
        if not name.startswith(NOT_SPEECH) and name not in TOO_QUIET
    )


@cache
def _short_prompts() -> tuple[str, ...]:
    """Names of days, months and letters: one or two words each."""
    found = []
    for folder in ("phonetic", "letters"):
        for path in sorted((FOLDER / folder).glob("*.wav")):
            with wave.open(str(path)) as sound:
                if 0.3 <= sound.getnframes() / RATE_HZ <= 1.2:
                    found.append(f"{folder}/{path.stem}")
    return tuple(found)


def _is_breath(pcm: bytes) -> bool:
    return 1.2 <= duration_s(pcm) <= 2.4 and _in_one_go(pcm)


def _in_one_go(pcm: bytes) -> bool:
    """Whether no pause in it is as long as the first look of endpointing takes."""
    sound = samples(pcm).astype(np.float64)
    count = len(sound) // _WINDOW
    power = np.mean(sound[: count * _WINDOW].reshape(count, _WINDOW) ** 2, axis=1)
    quiet = power < power.max() * 10 ** (-PAUSE_DB / 10)
    longest = max((len(list(run)) for one, run in itertools.groupby(quiet) if one), default=0)
    return longest * 0.02 < PAUSE_S


def _cut(pcm: bytes, count: int) -> list[bytes]:
    """Cut where the voice is weakest near the places that divide it evenly."""
    sound = samples(pcm).astype(np.float64)
    power = np.convolve(sound**2, np.ones(3 * _WINDOW), "same")
    step = len(sound) // count
    cuts = [0]
    for number in range(1, count):
        first, last = int((number - 0.3) * step), int((number + 0.3) * step)
        cuts.append(first + int(np.argmin(power[first:last])))
    cuts.append(len(sound))
    return [_faded(sound[a:b]) for a, b in itertools.pairwise(cuts)]


def _faded(sound: NDArray[np.float64]) -> bytes:
    """Without a click at either end."""
    ramp = np.minimum(1.0, np.arange(len(sound)) / _FADE)
    return np.rint(sound * ramp * ramp[::-1]).astype("<i2").tobytes()
