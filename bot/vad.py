"""Voice activity on a telephone line: a cheap gate on every frame, a neural judge behind it.

The gate (WebRTC's detector and the line's own noise floor, a few µs) runs on each 20 ms
frame; Silero (about 0.1 ms a 32 ms chunk) runs only while the gate is open. Nothing here
knows an absolute level: lines differ by 20 dB, so the judge hears speech at one level.
"""

import importlib.util
from collections import deque
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

import numpy as np
import onnxruntime
import webrtcvad
from numpy.typing import NDArray

from bot.audio import FRAME_BYTES, FRAME_MS, RATE_HZ, level_dbfs, samples
from bot.echo import EchoGuard
from bot.errors import SettingError

CHUNK_SAMPLES = 256  # Silero's window at 8 kHz: 32 ms
CONTEXT_SAMPLES = 32  # what it wants of the window before
JUDGED_LEVEL_DBFS = -23.0
GREATEST_GAIN_DB = 36.0

Floats = NDArray[np.float32]


class VoiceModel:
    """Silero VAD 6 at 8 kHz, one ONNX session for all calls. Thread-safe."""

    def __init__(self) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            str(_model_file()), sess_options=options, providers=["CPUExecutionProvider"]
        )
        self._rate = np.array(RATE_HZ, dtype=np.int64)

    def step(self, window: Floats, state: Floats) -> tuple[float, Floats]:
        """Speech probability of one window, shape (288,), and the next state, (2, 1, 128)."""
        feed = {"input": window[np.newaxis], "state": state, "sr": self._rate}
        probability, after = self._session.run(None, feed)
        return float(probability[0, 0]), after


def _model_file() -> Path:
    """The model inside the installed package, found without importing it (it imports torch)."""
    spec = importlib.util.find_spec("silero_vad")
    if spec is None or spec.origin is None:
        raise SettingError("silero-vad is not installed: run make setup")
    return Path(spec.origin).parent / "data" / "silero_vad.onnx"


class Judge:
    """The neural opinion on one line: feeds the model whole windows at a normal level."""

    def __init__(self, model: VoiceModel) -> None:
        self._model = model
        self._pending: Floats = np.zeros(0, dtype=np.float32)
        self.reset()

    def reset(self) -> None:
        """Forget what was heard: the next frame begins something new."""
        self._state: Floats = np.zeros((2, 1, 128), dtype=np.float32)
        self._context: Floats = np.zeros(CONTEXT_SAMPLES, dtype=np.float32)
        self._pending = self._pending[:0]

    def hear(self, pcm: bytes, gain: float) -> float | None:
        """The highest speech probability of the windows that ``pcm`` completes, if any."""
        loud = np.clip(samples(pcm).astype(np.float32) * (gain / 32768.0), -1.0, 1.0)
        self._pending = np.concatenate((self._pending, loud))
        highest: float | None = None
        while len(self._pending) >= CHUNK_SAMPLES:
            chunk, self._pending = (
                self._pending[:CHUNK_SAMPLES],
                self._pending[CHUNK_SAMPLES:],
            )
            window = np.concatenate((self._context, chunk))
            self._context = chunk[-CONTEXT_SAMPLES:]
            probability, self._state = self._model.step(window, self._state)
            highest = max(probability, highest or 0.0)
        return highest


class LineLevel:
    """The noise floor and the loudness of speech on one line, in dBFS, followed over time."""

    def __init__(self) -> None:
        self._recent: deque[float] = deque(maxlen=150)  # 3 s
        self.noise_dbfs = -70.0
        self.peak_dbfs = -60.0

    def hear(self, frame_dbfs: float) -> None:
        """Take in one frame's level."""
        if frame_dbfs > -99.0:  # digital silence tells nothing about the line
            self._recent.append(frame_dbfs)
            if len(self._recent) % 10 == 0 or len(self._recent) < 10:
                self.noise_dbfs = max(-75.0, min(self._recent))
        self.peak_dbfs = max(frame_dbfs, self.peak_dbfs - 0.02)  # falls 1 dB a second

    @property
    def gain(self) -> float:
        """The factor that brings speech on this line to the level that the judge expects."""
        wanted_db = JUDGED_LEVEL_DBFS - self.peak_dbfs
        return float(10.0 ** (min(max(wanted_db, -6.0), GREATEST_GAIN_DB) / 20.0))


@dataclass(frozen=True)
class VadTuning:
    """Thresholds of the detector; the defaults are measured by ``make bench``."""

    gate_mode: int = 2
    """WebRTC's aggressiveness, 0…3."""
    above_noise_db: float = 6.0
    voice_at: float = 0.5
    """Probability from which a window is voice …"""
    silence_at: float = 0.3
    """… and below which it is not any more."""
    start_windows: int = 2
    """Windows in a row that start voice …"""
    unclear_windows: int = 3
    """… and so many more when they may be an echo of ours."""
    hangover_ms: int = 100
    """Silence that ends voice; shorter gaps belong to the word."""


class VoiceChange(Enum):
    """What a frame changed."""

    STARTED = auto()
    STOPPED = auto()


class VoiceDetector:
    """Voice on one line. Not thread-safe: belongs to the thread that reads the frames."""

    def __init__(self, model: VoiceModel, tuning: VadTuning | None = None) -> None:
        self._tuning = tuning or VadTuning()
        self._gate = webrtcvad.Vad(self._tuning.gate_mode)
        self._judge = Judge(model)
        self._level = LineLevel()
        self._before_gate: deque[bytes] = deque(maxlen=3)
        self._gate_open_frames = 0
        self._voiced_windows = 0
        self.echo = EchoGuard()
        self.quiet_ms = 0
        self.voice = False
        self.hidden = False
        """Whether the last frame was taken for our own echo."""

    def hear(self, frame: bytes, at: float) -> VoiceChange | None:
        """Take in one frame of 20 ms that arrived ``at``; tell whether voice started or stopped.

        ``at`` is in monotonic seconds.
        """
        loudness = level_dbfs(frame)
        self.echo.hear(frame, at)
        self.hidden = self._above_noise(loudness) and self.echo.hides(loudness)
        if self.hidden:
            return self._quiet()
        self._level.hear(loudness)
        if not self._passes_gate(frame, loudness):
            self._before_gate.append(frame)
            return self._quiet()
        probability = self._judge.hear(frame, self._level.gain)
        if probability is None:  # no window was completed: nothing new is known
            return self._quiet() if self.quiet_ms else None
        return self._judged(probability)

    def hear_nothing(self, ms: int) -> VoiceChange | None:
        """No frame came for ``ms``: the far side sends nothing while it is silent."""
        self._gate_open_frames = 0
        return self._quiet(ms)

    def _above_noise(self, loudness: float) -> bool:
        return loudness > self._level.noise_dbfs + self._tuning.above_noise_db

    def _passes_gate(self, frame: bytes, loudness: float) -> bool:
        above = self._above_noise(loudness)
        if len(frame) == FRAME_BYTES and above and self._gate.is_speech(frame, RATE_HZ):
            if self._gate_open_frames == 0 and not self.voice:
                self._open_gate()
            self._gate_open_frames = 10
        else:
            self._gate_open_frames = max(0, self._gate_open_frames - 1)
        return self._gate_open_frames > 0

    def _open_gate(self) -> None:
        """Begin judging, with the frames just before: an onset is quieter than its word."""
        self._judge.reset()
        self._voiced_windows = 0
        for frame in self._before_gate:
            self._judge.hear(frame, self._level.gain)
        self._before_gate.clear()

    def _judged(self, probability: float) -> VoiceChange | None:
        if probability < self._tuning.silence_at or (
            probability < self._tuning.voice_at and not self.voice
        ):
            self._voiced_windows = 0
            return self._quiet(FRAME_MS)
        self.quiet_ms = 0
        self._voiced_windows += 1
        if self.voice or self._voiced_windows < self._tuning.start_windows:
            return None
        if self.echo.is_possible and self._is_ours():
            return None
        self.voice = True
        return VoiceChange.STARTED

    def _is_ours(self) -> bool:
        """Whether the voice that seems to begin is our echo, or may be and has time to show."""
        origin = self.echo.origin()
        if origin == "echo":
            self._judge.reset()
            self._voiced_windows = 0
        latest = self._tuning.start_windows + self._tuning.unclear_windows
        return origin == "echo" or (origin == "unclear" and self._voiced_windows < latest)

    def _quiet(self, ms: int = FRAME_MS) -> VoiceChange | None:
        self.quiet_ms += ms
        if not self.voice or self.quiet_ms < self._tuning.hangover_ms:
            return None
        self.voice = False
        self._voiced_windows = 0
        return VoiceChange.STOPPED
