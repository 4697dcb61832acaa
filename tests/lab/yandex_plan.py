"""What a stand-in of SpeechKit is told to do, and what it was asked."""

import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Literal, get_args

from tests.lab.speechlike import festival_speech, in_uneven_chunks, speech_like
from tests.lab.yandex_rules import Code, Refused

Fault = Literal[
    "unavailable",  # before the first chunk
    "unavailable_midway",  # after ``midway`` chunks
    "internal",
    "quota",
    "forbidden",
    "unknown_account",
    "bad_request",
    "late",  # DEADLINE_EXCEEDED, 504
    "cut",  # HTTP: the connection is closed instead of an answer
    "garbage",  # HTTP: what is no answer
    "stall",  # no answer at all
    "stall_midway",  # silent after ``midway`` chunks
    "drip_midway",  # a little sound now and then after them
]
FAULTS: tuple[str, ...] = get_args(Fault)

_REFUSALS: dict[str, tuple[Code, str]] = {
    "unavailable": ("UNAVAILABLE", "Service is temporarily unavailable"),
    "unavailable_midway": ("UNAVAILABLE", "Connection to the model is lost"),
    "internal": ("INTERNAL", "Internal error"),
    "quota": ("RESOURCE_EXHAUSTED", "Quota limit tts.requests.rate exceeded"),
    "forbidden": ("PERMISSION_DENIED", "Permission denied"),
    "unknown_account": ("UNAUTHENTICATED", "Unknown api key"),
    "bad_request": ("INVALID_ARGUMENT", "Request is invalid"),
    "late": ("DEADLINE_EXCEEDED", "Deadline exceeded"),
}
_DRIP_BYTES, _DRIP_S = 320, 0.4


@dataclass(frozen=True)
class Heard:
    """One synthesis request as the service understood it."""

    text: str
    voice: str
    role: str
    speed: float
    rate_hz: int
    authorization: str
    folder: str | None
    request_id: str | None = None
    deadline_s: float | None = None


@dataclass
class Plan:
    """One protocol's behaviour and record. Thread-safe through its methods.

    ``latency_s`` passes before the first chunk; then a chunk of ``d`` seconds of speech
    comes ``d * realtime_factor`` seconds after the one before it. ``faults`` are used up
    one a request; ``always`` is for every request while it is set.
    """

    latency_s: float = 0.0
    realtime_factor: float = 0.0
    speech: Literal["tone", "festival"] = "tone"
    faults: list[Fault] = field(default_factory=list)
    always: Fault | None = None
    midway: int = 1
    retry_after: str | None = None
    """HTTP: what ``Retry-After`` says with a 429."""
    attempts: int = 0
    completed: int = 0
    cancelled: int = 0
    heard: list[Heard] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def begin(self) -> Fault | None:
        """A request arrived: count it and tell its fate."""
        with self._lock:
            self.attempts += 1
            return self.faults.pop(0) if self.faults else self.always

    def refuse_early(self, fault: Fault | None) -> None:
        """Raise the fault that comes before any audio, if that is what was planned."""
        if fault in _REFUSALS and fault != "unavailable_midway":
            raise Refused(*_REFUSALS[fault])

    def note(self, heard: Heard) -> None:
        """The request was valid."""
        with self._lock:
            self.heard.append(heard)

    def finish(self, whole: bool) -> None:
        """The answer was sent to its end, or the client went away before."""
        with self._lock:
            if whole:
                self.completed += 1
            else:
                self.cancelled += 1

    def stall(self) -> Iterator[None]:
        """Hang until the stand-in stops; yields so that the caller can see its client go."""
        while not self.closing.wait(0.02):
            yield

    def speak(self, heard: Heard, fault: Fault | None) -> Iterator[bytes | None]:
        """The audio in uneven chunks at the planned pace; ``None`` where it hangs."""
        if fault == "stall":
            yield from self.stall()
            return
        self.closing.wait(self.latency_s)
        make = festival_speech if self.speech == "festival" else speech_like
        pcm = make(heard.text, heard.rate_hz, heard.speed)
        for number, (chunk, seconds) in enumerate(in_uneven_chunks(pcm, heard.rate_hz)):
            if number >= self.midway and fault == "unavailable_midway":
                raise Refused(*_REFUSALS[fault])
            if number >= self.midway and fault == "stall_midway":
                yield from self.stall()
                return
            if number >= self.midway and fault == "drip_midway":
                chunk = chunk[:_DRIP_BYTES]
                self.closing.wait(_DRIP_S)
            if number:
                self.closing.wait(seconds * self.realtime_factor)
            yield chunk

    def change(self, values: dict[str, object]) -> None:
        """Set behaviour from JSON (``latency_s``, ``realtime_factor``, ``speech``, ``faults``,
        ``always``); ``reset`` forgets the record. ``ValueError`` names what is wrong."""
        with self._lock:
            for name, value in values.items():
                self._change(name, value)

    def _change(self, name: str, value: object) -> None:
        if name == "reset":
            self.attempts = self.completed = self.cancelled = 0
            self.heard, self.faults, self.always = [], [], None
        elif name in ("latency_s", "realtime_factor") and isinstance(value, int | float):
            setattr(self, name, float(value))
        elif (name == "speech" and value in ("tone", "festival")) or (
            name == "always" and (value is None or value in FAULTS)
        ):
            setattr(self, name, value)
        elif name == "faults" and isinstance(value, list) and set(value) <= set(FAULTS):
            self.faults = list(value)
        else:
            raise ValueError(f"{name}={value!r}")

    def report(self) -> dict[str, object]:
        """Behaviour and record as JSON values."""
        with self._lock:
            return {
                "latency_s": self.latency_s, "realtime_factor": self.realtime_factor,
                "speech": self.speech, "faults": list(self.faults), "always": self.always,
                "attempts": self.attempts, "completed": self.completed,
                "cancelled": self.cancelled, "heard": [asdict(one) for one in self.heard],
            }  # fmt: skip
