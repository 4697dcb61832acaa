"""Voice activity on human Russian speech and on noise, and what the listener keeps of it."""

import time
import wave
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.audio import BYTES_PER_S, FRAME_BYTES, FRAME_MS, duration_s, silence
from bot.listening import PRE_ROLL_S, Listener
from bot.vad import VoiceChange, VoiceDetector, VoiceModel

HUMAN_SPEECH = Path("/usr/share/asterisk/sounds/ru_RU_f_IvrvoiceRU")
"""Debian's asterisk-core-sounds-ru-wav (CC-BY-3.0): a human voice, 8 kHz."""
Floats = NDArray[np.float64]


@pytest.fixture(scope="module")
def model() -> VoiceModel:
    return VoiceModel()


def _prompts(count: int) -> list[Floats]:
    """Evenly chosen human prompts of 1…6 s."""
    long_enough = []
    for path in sorted(HUMAN_SPEECH.rglob("*.wav")):
        with wave.open(str(path)) as sound:
            if 8_000 < sound.getnframes() < 48_000:
                long_enough.append(sound.readframes(sound.getnframes()))
    chosen = long_enough[:: max(1, len(long_enough) // count)][:count]
    return [np.frombuffer(pcm, "<i2").astype(np.float64) for pcm in chosen]


def _first_loud(sound: Floats) -> int:
    """The first sample that can be heard."""
    return int(np.argmax(np.abs(sound) > 0.05 * np.abs(sound).max()))


def _on_a_line(sound: Floats, gain_db: float = 0.0) -> bytes:
    """The sound between a second of a quiet line's noise on either side."""
    noise = np.random.default_rng(1).normal(0, 12, len(sound) + 16_000)
    loud = np.concatenate((np.zeros(8_000), sound, np.zeros(8_000))) * 10 ** (gain_db / 20)
    return np.clip(loud + noise, -32_768, 32_767).astype("<i2").tobytes()


def _frames(pcm: bytes) -> Iterator[bytes]:
    for start in range(0, len(pcm) - FRAME_BYTES + 1, FRAME_BYTES):
        yield pcm[start : start + FRAME_BYTES]


def _changes(model: VoiceModel, pcm: bytes) -> list[tuple[int, VoiceChange]]:
    """Milliseconds and kind of each change the detector tells."""
    detector = VoiceDetector(model)
    told = (
        (n * FRAME_MS, detector.hear(frame, n * FRAME_MS / 1000))
        for n, frame in enumerate(_frames(pcm))
    )
    return [(at_ms, change) for at_ms, change in told if change is not None]


@pytest.mark.parametrize("gain_db", [0.0, -20.0])
def test_human_speech_is_noticed_soon_whatever_the_level_of_the_line(
    model: VoiceModel, gain_db: float
) -> None:
    prompts = _prompts(40)
    onsets = []
    for sound in prompts:
        changes = _changes(model, _on_a_line(sound, gain_db))
        if changes:
            onsets.append(changes[0][0] - 1000 - _first_loud(sound) // 8)
            assert changes[-1][1] is VoiceChange.STOPPED
    assert len(onsets) >= 0.95 * len(prompts)
    assert np.median(onsets) <= 100


@pytest.mark.parametrize("kind", ["hiss", "tone", "click"])
def test_half_a_second_of_noise_is_no_voice(model: VoiceModel, kind: str) -> None:
    random = np.random.default_rng(2)
    started = 0
    for length_s in np.linspace(0.1, 0.5, 17):
        n = int(length_s * 8_000)
        sound = {
            "hiss": random.normal(0, 4_000, n),
            "tone": np.sin(np.arange(n) * 2 * np.pi * 440 / 8_000) * 8_000,
            "click": random.normal(0, 8_000, n) * np.exp(-np.arange(n) / 400),
        }[kind]
        started += bool(_changes(model, _on_a_line(sound)))
    assert started == 0


class _Hearing:
    """A listener and what it told."""

    def __init__(self, model: VoiceModel) -> None:
        self.told: list[tuple[VoiceChange, float]] = []
        self.late: list[float] = []
        self.listener = Listener(
            VoiceDetector(model),
            lambda change, at: self.told.append((change, at)),
            self.late.append,
        )

    def hear(self, pcm: bytes, between: Callable[[], None] = lambda: None) -> None:
        for frame in _frames(pcm):
            self.listener.hear(frame)
            between()


def test_an_utterance_is_kept_whole_with_its_pre_roll(model: VoiceModel) -> None:
    hearing = _Hearing(model)
    sound = _prompts(40)[7]
    sound = sound[_first_loud(sound) :]
    hearing.hear(_on_a_line(sound))
    kept = hearing.listener.utterance()
    said_and_after_s = len(sound) / 8_000 + 1.0
    assert said_and_after_s + 0.3 <= duration_s(kept.pcm) <= said_and_after_s + PRE_ROLL_S
    assert 0.3 * len(sound) / 8_000 <= kept.voiced_s <= len(sound) / 8_000 + 0.4


def test_nothing_but_the_pre_roll_is_kept_of_a_silent_line(model: VoiceModel) -> None:
    hearing = _Hearing(model)
    hearing.hear(_on_a_line(np.zeros(80_000)))
    assert duration_s(hearing.listener.utterance().pcm) == PRE_ROLL_S


def test_what_was_dealt_with_is_forgotten(model: VoiceModel) -> None:
    hearing = _Hearing(model)
    hearing.hear(_on_a_line(_prompts(40)[7]))
    hearing.listener.forget()
    kept = hearing.listener.utterance()
    assert duration_s(kept.pcm) == PRE_ROLL_S
    assert kept.voiced_s == 0


def test_voice_ends_when_the_frames_stop_coming(model: VoiceModel) -> None:
    hearing = _Hearing(model)
    speech = _on_a_line(_prompts(40)[7])[BYTES_PER_S:]
    for frame in _frames(speech):
        hearing.listener.hear(frame)
        if hearing.told:
            break
    assert [change for change, _ in hearing.told] == [VoiceChange.STARTED]
    before = len(hearing.listener.utterance().pcm)
    time.sleep(0.3)
    hearing.listener.check_silence()
    assert [change for change, _ in hearing.told][1:] == [VoiceChange.STOPPED]
    assert len(hearing.listener.utterance().pcm) - before >= 0.2 * BYTES_PER_S


@pytest.mark.parametrize("frame_ms", [10, 30, 40])
def test_speech_in_frames_of_another_length_is_heard(model: VoiceModel, frame_ms: int) -> None:
    hearing = _Hearing(model)
    pcm = _on_a_line(_prompts(40)[7])
    size = frame_ms * BYTES_PER_S // 1000
    for start in range(0, len(pcm), size):
        hearing.listener.hear(pcm[start : start + size])
    assert hearing.told[0][0] is VoiceChange.STARTED


def test_torn_and_odd_frames_do_no_harm(model: VoiceModel) -> None:
    hearing = _Hearing(model)
    for frame in (b"", b"\0", silence(0.01), silence(1.0), b"\xff" * 333):
        hearing.listener.hear(frame)
    assert hearing.told == []


def test_frames_that_come_late_and_then_at_once_leave_what_was_said_as_it_was(
    model: VoiceModel,
) -> None:
    now = [100.0]
    told: list[VoiceChange] = []
    listener = Listener(
        VoiceDetector(model),
        lambda change, _at: told.append(change),
        lambda _: None,
        lambda: now[0],
    )
    speech = _on_a_line(_prompts(40)[7])
    for number, frame in enumerate(_frames(speech)):
        on_time = 100.0 + number * 0.02
        now[0] = on_time + (0.1 if number % 40 < 5 else 0.0) * (1 - number % 40 / 5)
        listener.hear(frame)
    assert told[0] is VoiceChange.STARTED
    assert listener.utterance().pcm in speech
