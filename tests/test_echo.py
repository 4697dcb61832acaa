"""Our own voice coming back does not interrupt us, and a caller's voice over it does."""

import wave

import numpy as np
import pytest

from bot.audio import BYTES_PER_S, FRAME_BYTES, FRAME_MS, level_dbfs, silence
from bot.farend import FarEnd
from bot.listening import Listener
from bot.vad import VoiceChange, VoiceDetector, VoiceModel
from tests.lab.echo import echo_of, echo_path, mixed
from tests.lab.humanspeech import FOLDER, human_speech
from tests.lab.noises import hiss

ASSISTANT = ("vm-intro", "queue-thankyou", "vm-forwardoptions", "demo-thanks")
CALLER = "call-fwd-on-busy"


@pytest.fixture(scope="module")
def model() -> VoiceModel:
    return VoiceModel()


class _Line:
    """A listener on a line whose clock is the sound itself."""

    def __init__(self, model: VoiceModel) -> None:
        self.now = 100.0
        self.began: list[float] = []
        self.listener = Listener(
            VoiceDetector(model), self._on_voice, lambda _late: None, lambda: self.now
        )

    def hear(self, heard: bytes, played: bytes) -> None:
        """``played`` begins to sound now, while ``heard`` comes in."""
        for start in range(0, len(played), BYTES_PER_S // 2):
            piece = played[start : start + BYTES_PER_S // 2]
            self.listener.far_end.sent(piece, self.now)
        noisy = mixed(heard, hiss(len(heard) / BYTES_PER_S, -65.0))
        for start in range(0, len(noisy) - FRAME_BYTES + 1, FRAME_BYTES):
            self.now += FRAME_MS / 1000
            self.listener.hear(noisy[start : start + FRAME_BYTES])

    def _on_voice(self, change: VoiceChange, _at: float) -> None:
        if change is VoiceChange.STARTED:
            self.began.append(self.now)


@pytest.mark.parametrize("loss_db", [12, 25])
@pytest.mark.parametrize("delay_ms", [50, 225, 400])
def test_an_echo_is_no_voice(model: VoiceModel, loss_db: int, delay_ms: int) -> None:
    line = _Line(model)
    for name in ASSISTANT:
        ours = human_speech(name)
        line.hear(echo_of(ours, echo_path(loss_db, delay_ms)) + silence(0.4), ours)
    assert line.began == []


def test_without_knowing_what_was_played_an_echo_is_a_voice(model: VoiceModel) -> None:
    line = _Line(model)
    line.hear(echo_of(human_speech("vm-intro"), echo_path(12, 200)), b"")
    assert line.began


@pytest.mark.parametrize("at_s", [0.25, 0.6, 1.5])
@pytest.mark.parametrize("loss_db", [12, 25])
def test_a_caller_over_the_echo_is_heard_soon(model: VoiceModel, loss_db: int, at_s: float) -> None:
    line = _Line(model)
    ours, theirs = human_speech("vm-forwardoptions"), human_speech(CALLER)
    began_at = line.now + at_s
    line.hear(mixed(echo_of(ours, echo_path(loss_db, 120)), theirs, at_s), ours)
    assert line.began
    assert 0 < line.began[0] - began_at < 0.4


def test_a_caller_on_a_line_without_an_echo_is_never_taken_for_one(model: VoiceModel) -> None:
    """At whatever moment they speak over us, or just after us."""
    names = sorted(path.stem for path in FOLDER.glob("*.wav") if _is_long(path.stem))
    for number, name in enumerate(names[:40]):
        line, alone, played = _Line(model), _Line(model), human_speech(name)[: 3 * BYTES_PER_S]
        said = human_speech(names[(7 * number + 13) % len(names)])[:BYTES_PER_S]
        at_s = len(played) / BYTES_PER_S - 1.5 + number % 21 / 10
        line.hear(silence(at_s) + said + silence(0.3), played)
        alone.hear(silence(at_s) + said + silence(0.3), b"")
        assert len(line.began) >= min(1, len(alone.began)), number
        assert _loud_frames(line) >= _loud_frames(alone) - 5, number


def _loud_frames(line: _Line) -> int:
    """Of what is kept for the recogniser."""
    pcm = line.listener.utterance().pcm
    frames = (pcm[at : at + FRAME_BYTES] for at in range(0, len(pcm), FRAME_BYTES))
    return sum(level_dbfs(frame) > -45 for frame in frames)


def _is_long(name: str) -> bool:
    with wave.open(str(FOLDER / f"{name}.wav")) as sound:
        return bool(16_000 < sound.getnframes() < 160_000)


def test_what_is_kept_for_the_recogniser_is_without_the_echo(model: VoiceModel) -> None:
    line = _Line(model)
    ours = human_speech("vm-intro")
    line.hear(echo_of(ours, echo_path(12, 120)), ours)
    kept = np.frombuffer(line.listener.utterance().pcm, "<i2")
    assert np.sqrt(np.mean(kept.astype(float) ** 2)) < 60


def test_a_pause_moves_what_is_to_come_and_a_flush_takes_it_away() -> None:
    far_end = FarEnd()
    far_end.sent(b"\1\0" * 8000, 10.0)
    far_end.pause(10.25)
    assert not far_end.is_audible(10.25, 20.0)
    far_end.sent(b"\2\0" * 800, 10.5)
    far_end.resume(11.0)
    assert far_end.is_audible(11.7, 11.8)
    assert list(far_end.played(11.745, 80)) == [1.0] * 40 + [2.0] * 40
    far_end.flush(11.3)
    assert not far_end.is_audible(11.31, 20.0)
    assert list(far_end.played(11.295, 80)) == [1.0] * 40 + [0.0] * 40
