"""What the OpenAI stand-in is told to do, and what it remembers being asked."""

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.lab.openai_faults import ArmedFault, Fault

Endpoint = Literal["chat", "transcription", "embedding", "models"]
ChatBody = Mapping[str, Any]


@dataclass
class Plan:
    """Latencies in seconds and scripts of the stand-in; change it while it serves."""

    asr_s: float = 0.0
    first_token_s: float = 0.0
    token_s: float = 0.0
    embedding_s: float = 0.0
    transcript: str | Callable[[bytes], str] = "Какая гарантия на машину РЭМ-100?"
    """The text heard, or a function of the WAV file that was sent."""
    no_speech_prob: float = 0.02
    answer: Callable[[ChatBody], str] | None = None
    """The answer as a function of the request's JSON; None quotes the passages given."""
    unverified_models: frozenset[str] = frozenset()
    """Models that refuse ``stream=true`` with a 400."""
    plain_models: frozenset[str] = frozenset()
    """Models of the newer families that refuse ``reasoning_effort`` as well."""
    extra_models: frozenset[str] = frozenset()
    """Chat models beyond the known families."""


@dataclass(frozen=True)
class RecordedRequest:
    """One request as it arrived. ``body`` is the JSON, or the form's fields without the file."""

    endpoint: Endpoint
    at: float
    """``time.monotonic()`` of the stand-in's process."""
    connection: int
    """Number of the TCP connection it came on, from 1."""
    headers: Mapping[str, str]
    body: Mapping[str, Any]
    file: bytes = b""
    filename: str = ""


@dataclass
class Ledger:
    """Queues, armed faults and records behind one lock: handler threads and the test share it."""

    plan: Plan
    answers: deque[str] = field(default_factory=deque)
    transcripts: deque[str] = field(default_factory=deque)
    armed: list[ArmedFault] = field(default_factory=list)
    requests: deque[RecordedRequest] = field(default_factory=lambda: deque(maxlen=2000))
    counts: Counter[str] = field(default_factory=Counter)
    """Requests by endpoint; also ``connections`` accepted and answers ``abandoned``."""
    lock: threading.Lock = field(default_factory=threading.Lock)
    stopping: threading.Event = field(default_factory=threading.Event)

    def record(self, request: RecordedRequest) -> None:
        """Remember one request."""
        with self.lock:
            self.requests.append(request)
            self.counts[request.endpoint] += 1

    def note(self, name: str) -> int:
        """Add one to a counter and return it."""
        with self.lock:
            self.counts[name] += 1
            return self.counts[name]

    def arm(self, *faults: ArmedFault) -> None:
        """Let the matching next requests fail."""
        with self.lock:
            self.armed.extend(faults)

    def fault_for(self, endpoint: str, body: Mapping[str, Any]) -> Fault | None:
        """The fault this request shall suffer, used up by one."""
        with self.lock:
            for armed in self.armed:
                if armed.left > 0 and _meets(armed, endpoint, body):
                    armed.left -= 1
                    return armed.fault
        return None

    def next_answer(self, body: ChatBody, by_default: Callable[[ChatBody], str]) -> str:
        """The text of the next chat answer: queued, scripted, or the default."""
        with self.lock:
            if self.answers:
                return self.answers.popleft()
        return (self.plan.answer or by_default)(body)

    def next_transcript(self, wav: bytes) -> str:
        """The text of the next transcription: queued or scripted."""
        with self.lock:
            if self.transcripts:
                return self.transcripts.popleft()
        script = self.plan.transcript
        return script if isinstance(script, str) else script(wav)

    def pause_until(self, moment: float) -> None:
        """Sleep until ``time.monotonic()`` is ``moment`` or the stand-in stops."""
        left = moment - time.monotonic()
        if left > 0:
            self.stopping.wait(left)

    def of(self, endpoint: Endpoint) -> Sequence[RecordedRequest]:
        """The recorded requests to one endpoint, oldest first."""
        with self.lock:
            return [request for request in self.requests if request.endpoint == endpoint]


def _meets(armed: ArmedFault, endpoint: str, body: Mapping[str, Any]) -> bool:
    return (
        armed.endpoint == endpoint
        and armed.model in (None, body.get("model"))
        and all(body.get(key) == value for key, value in armed.meets.items())
    )
