"""The assistant's own voice on its way back: the echo of a hybrid, and of a speakerphone."""

import threading
import time
from typing import Self

import numpy as np
from numpy.typing import NDArray

from bot.audio import BYTES_PER_S, FRAME_BYTES, FRAME_MS, RATE_HZ, SAMPLE_BYTES, samples, silence
from bot.softphone.phone import Call

Floats = NDArray[np.float64]
HYBRID_S = 0.006
ROOM_S = 0.12
"""The tail of a small room with a speakerphone in it: 60 dB down after this."""
JITTER_S = 0.06
BUFFERED_S = 0.04
"""The echo is as even as the line itself only when a little of it is kept in hand."""
FRAME_S = FRAME_MS / 1000
FRAME_SAMPLES = FRAME_BYTES // SAMPLE_BYTES


def echo_path(loss_db: float, delay_ms: float, *, room: bool = False, seed: int = 1) -> Floats:
    """An impulse response: ``loss_db`` quieter in all, ``delay_ms`` late, spread out a little."""
    tail_s = ROOM_S if room else HYBRID_S
    count = int(tail_s * RATE_HZ)
    random = np.random.default_rng(seed)
    tail = random.normal(0, 1, count) * 10 ** (-3 * np.arange(count) / count)
    tail[0] = 2.0 if room else 1.0
    tail *= 10 ** (-loss_db / 20) / np.sqrt(np.sum(tail**2))
    return np.concatenate((np.zeros(int(delay_ms * RATE_HZ / 1000)), tail))


def echo_of(pcm: bytes, path: Floats) -> bytes:
    """What comes back of ``pcm`` through ``path``: as long as ``pcm`` and the path together."""
    sound = samples(pcm).astype(np.float64)
    count = len(sound) + len(path) - 1
    size = 1 << (count - 1).bit_length()
    back = np.fft.irfft(np.fft.rfft(sound, size) * np.fft.rfft(path, size), size)[:count]
    return np.clip(back, -32768, 32767).astype("<i2").tobytes()


def mixed(first: bytes, second: bytes, offset_s: float = 0.0) -> bytes:
    """Both sounds at once, the second one from ``offset_s`` on; as long as the longer one."""
    late = silence(offset_s) + second
    count = max(len(first), len(late)) // 2
    total = np.zeros(count)
    for sound in (first, late):
        total[: len(sound) // 2] += samples(sound)
    return np.clip(total, -32768, 32767).astype("<i2").tobytes()


class EchoingLine:
    """Sends back on ``call`` what is heard on it, through ``path``, until it is left.

    What :meth:`say` is given is spoken above the echo. The path's delay is counted from the
    arrival of the sound; the buffers on the way add 100 ms.
    """

    def __init__(self, call: Call, path: Floats) -> None:
        self._call = call
        self._path = path
        self._words = bytearray()
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._heard = bytearray()
        self._heard_until_s = call.answered_at
        self._thread = threading.Thread(target=self._run, name="echo", daemon=True)

    def say(self, pcm: bytes) -> None:
        """Speak over the echo."""
        with self._lock:
            self._words += pcm

    @property
    def said(self) -> bool:
        """Whether all that was to be said has left."""
        with self._lock:
            return not self._words

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        """Every 20 ms a frame of what was heard goes out, its tail laid over what follows."""
        tail = np.zeros(len(self._path) - 1)
        self._call.play(silence(BUFFERED_S))
        number = 0
        while True:
            due_s = self._call.answered_at + (number + 1) * FRAME_S + JITTER_S - time.monotonic()
            if self._over.wait(max(0.0, due_s)):
                return
            back = np.convolve(self._frame(number), self._path)
            back[: len(tail)] += tail
            tail = back[FRAME_SAMPLES:]
            self._call.play(self._with_words(back[:FRAME_SAMPLES]))
            number += 1

    def _frame(self, number: int) -> Floats:
        """The line's sound in the 20 ms that begin ``number`` frames after the answer."""
        for packet in self._call.heard.packets(self._heard_until_s):
            place = round((packet.at_s - self._call.answered_at) * RATE_HZ) * SAMPLE_BYTES
            if place - len(self._heard) > JITTER_S * BYTES_PER_S:
                self._heard.extend(bytes(place - len(self._heard)))
            self._heard.extend(packet.pcm)
            self._heard_until_s = packet.at_s
        end = (number + 1) * FRAME_BYTES
        self._heard.extend(bytes(max(0, end - len(self._heard))))
        return samples(bytes(self._heard[end - FRAME_BYTES : end])).astype(np.float64)

    def _with_words(self, echo: Floats) -> bytes:
        with self._lock:
            words = bytes(self._words[:FRAME_BYTES])
            del self._words[:FRAME_BYTES]
        spoken = np.zeros(len(echo))
        spoken[: len(words) // SAMPLE_BYTES] = samples(words)
        return np.clip(echo + spoken, -32768, 32767).astype("<i2").tobytes()
