"""Slower speech: in steps to a floor, longer, at the same pitch and loudness."""

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.audio import level_dbfs
from bot.tts.pace import NORMAL, PACES, at_pace, slower
from tests.lab.speechlike import speech_like

RATE_HZ = 8000
SLOW = PACES[1:]


def tone(pitch_hz: float, seconds: float = 2.0) -> NDArray[np.int16]:
    time = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    wave: NDArray[np.int16] = (8000 * np.sin(2 * np.pi * pitch_hz * time)).astype(np.int16)
    return wave


def strongest_hz(wave: NDArray[np.int16]) -> float:
    spectrum = np.abs(np.fft.rfft(wave * np.hanning(len(wave))))
    return float(np.argmax(spectrum) * RATE_HZ / len(wave))


def test_each_wish_is_one_step_down_to_a_floor() -> None:
    heard = [NORMAL]
    for _ in range(len(PACES) + 2):
        heard.append(slower(heard[-1]))
    assert tuple(heard[: len(PACES)]) == PACES
    assert heard[len(PACES) :] == [PACES[-1]] * 3


@pytest.mark.parametrize("pace", SLOW)
def test_speech_gets_longer_and_no_louder(pace: float) -> None:
    speech = np.frombuffer(speech_like("Гарантия на машину двенадцать месяцев."), "<i2")
    slow = at_pace(speech, RATE_HZ, pace)
    assert len(slow) == pytest.approx(len(speech) / pace, abs=1)
    assert level_dbfs(slow.tobytes()) == pytest.approx(level_dbfs(speech.tobytes()), abs=1.5)


@pytest.mark.parametrize("pace", SLOW)
@pytest.mark.parametrize("pitch_hz", [90, 140, 220, 300])
def test_the_pitch_stays(pace: float, pitch_hz: float) -> None:
    assert strongest_hz(at_pace(tone(pitch_hz), RATE_HZ, pace)) == pytest.approx(pitch_hz, abs=2)


@pytest.mark.parametrize("pace", SLOW)
def test_a_steady_tone_stays_steady(pace: float) -> None:
    slow = at_pace(tone(150), RATE_HZ, pace).astype(np.float64)
    loudness = [np.abs(slow[at : at + 200]).max() for at in range(400, len(slow) - 600, 200)]
    assert min(loudness) > 0.9 * max(loudness)


@pytest.mark.parametrize("pace", SLOW)
def test_pauses_stay_silent_where_they_were(pace: float) -> None:
    speech = np.concatenate([tone(150, 0.5), np.zeros(4000, np.int16), tone(150, 0.5)])
    slow = at_pace(speech, RATE_HZ, pace)
    middle = slice(round(0.6 / pace * RATE_HZ), round(0.9 / pace * RATE_HZ))
    assert not slow[middle].any()
    assert slow[: round(0.4 / pace * RATE_HZ)].any()


@pytest.mark.parametrize("length", [0, 1, 100, 479, 480, 481, 1001])
def test_however_little_there_is_nothing_breaks(length: int) -> None:
    for pace in PACES:
        made = at_pace(tone(200)[:length], RATE_HZ, pace)
        assert made.dtype == np.int16
        assert len(made) >= length


def test_at_the_normal_pace_nothing_changes() -> None:
    speech = tone(200)
    assert at_pace(speech, RATE_HZ, NORMAL) is speech
