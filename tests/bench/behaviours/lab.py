"""One worker with its services' stand-ins, and the callers who measure it."""

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from bot.softphone.phone import Call, Phone
from tests.bench.behaviours.answers import reply
from tests.bench.behaviours.ear import Ear
from tests.bench.behaviours.voice import Voices
from tests.bench.figures import NotMetError
from tests.bench.services import ASR_S, FIRST_TOKEN_S, TOKEN_S, TTS_S
from tests.lab.asterisk import Asterisk
from tests.lab.openai_plan import Plan
from tests.lab.openai_server import OpenAIServer
from tests.lab.redis import RedisServer
from tests.lab.worker import Worker
from tests.lab.yandex_server import YandexServer

PATIENCE_S = 30.0
SPEED = 2.0
"""The voice's: 33 ms a letter."""
QUIET_S = 0.6
SPEAKING_S = 0.2
Item = TypeVar("Item")
Result = TypeVar("Result")
Line = dict[str, Any]


@dataclass
class Lab:
    """Everything that is between a caller's telephone and the figures."""

    asterisk: Asterisk
    phone: Phone
    worker: Worker
    openai: OpenAIServer
    yandex: YandexServer
    ear: Ear
    voices: Voices

    def usual(self) -> None:
        """Every service in its normal state, as fast as the peers' were; callers are new."""
        self.voices = Voices()
        plan = self.openai.plan
        plan.asr_s, plan.first_token_s, plan.token_s = ASR_S, FIRST_TOKEN_S, TOKEN_S
        plan.transcript, plan.answer = self.ear, reply
        self.openai.forget()
        self.ear.expect_nothing()
        for service in (self.yandex.grpc, self.yandex.http):
            service.plan.latency_s, service.plan.always = TTS_S, None
            service.plan.faults = []

    def caller(self, name: str) -> "Caller":
        """Somebody with a voice of their own, who has not called yet."""
        return Caller(self, f"{name}-{time.monotonic_ns()}", self.voices.breath())


class Caller:
    """One person on the telephone; what their voice says is told to the recogniser first."""

    def __init__(self, lab: Lab, name: str, voice: bytes) -> None:
        self._lab = lab
        self.name = name
        self.voice = voice
        self._call: Call | None = None

    @property
    def call(self) -> Call:
        """The call in progress, or the last one."""
        if self._call is None:
            raise RuntimeError(f"{self.name} has not called")
        return self._call

    def dial(self, *, send_silence: bool = True) -> Call:
        """Call, and be answered."""
        self._call = self._lab.phone.dial("100", caller_id=self.name, send_silence=send_silence)
        return self._call

    def meet(self) -> Call:
        """Call, and hear the greeting out."""
        call = self.dial()
        if call.wait_speech(call.answered_at, PATIENCE_S) is None:
            raise NotMetError("no greeting")
        call.wait_quiet(QUIET_S, PATIENCE_S)
        return call

    def ask(self, text: str) -> float:
        """Say ``text``; when the last word of it left."""
        self._lab.ear.means(self.voice, text)
        return self.say(self.voice)

    def say(self, pcm: bytes) -> float:
        """Say a sound; when the last of its speech left."""
        self.call.play(pcm)
        self.call.wait_played()
        last = self.call.last_sent_speech_at
        if last is None:
            raise RuntimeError("what was said holds no speech")
        return last

    def hears(self, after_s: float, timeout_s: float = PATIENCE_S) -> float | None:
        """When the first sound after ``after_s`` arrived."""
        return self.call.wait_speech(after_s, timeout_s)

    def answered(self, text: str) -> tuple[float, float]:
        """Ask and hear the first sound of the answer; when each was."""
        asked_at = self.ask(text)
        heard_at = self.hears(asked_at)
        if heard_at is None:
            raise NotMetError(f"no answer to {text!r}")
        return asked_at, heard_at

    def hear_out(self, quiet_s: float = QUIET_S) -> None:
        """Wait until the assistant is silent."""
        self.call.wait_quiet(quiet_s, PATIENCE_S)

    def wait_speaking(self) -> None:
        """Wait until the assistant speaks, if it has just paused (a filler was said, say)."""
        give_up_at = time.monotonic() + PATIENCE_S
        while time.monotonic() - (self.call.heard.last_speech() or 0.0) > SPEAKING_S:
            if time.monotonic() > give_up_at:
                raise NotMetError("the assistant fell silent")
            time.sleep(0.05)

    def lines_so_far(self) -> list[Line]:
        """The dialogue on record until now, over all calls from this number."""
        calls = [one for one in self._lab.worker.calls() if one["callerId"] == self.name]
        return [line for call in calls for line in call["lines"]]

    def wait_lines(self, enough: Callable[[list[Line]], bool], timeout_s: float) -> bool:
        """Whether the dialogue on record came to be so."""
        give_up_at = time.monotonic() + timeout_s
        while not (met := enough(self.lines_so_far())) and time.monotonic() < give_up_at:
            time.sleep(0.1)
        return met

    def hang_up(self) -> list[Line]:
        """End the call; its dialogue once the call is closed."""
        self.call.hangup()
        self.closed()
        self._lab.ear.forget(self.voice)
        return self.lines_so_far()

    def closed(self) -> list[dict[str, Any]]:
        """Every call from this number, once all of them are closed."""
        give_up_at = time.monotonic() + PATIENCE_S
        while time.monotonic() < give_up_at:
            calls = [one for one in self._lab.worker.calls() if one["callerId"] == self.name]
            if calls and all(one["status"] != "InProgress" for one in calls):
                return calls
            time.sleep(0.1)
        raise NotMetError(f"the call of {self.name} was not closed")


def said(lines: Iterable[Line], role: str) -> list[Line]:
    """The lines of one side: ``user`` or ``bot``."""
    return [line for line in lines if line["role"] == role]


def at_once(work: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """Each item in a thread of its own; the first error is raised when all are done."""
    everything = list(items)
    with ThreadPoolExecutor(len(everything)) as pool:
        return list(pool.map(work, everything))


@contextmanager
def open_lab(
    redis: RedisServer, asterisk: Asterisk, phone: Phone, folder: Path, **environment: str
) -> Iterator[Lab]:
    """A worker of its own, without stand-bys; ``environment`` is added to its variables."""
    folder.mkdir()
    with OpenAIServer(Plan()) as openai, YandexServer() as yandex:
        variables = {
            **asterisk.environment(),
            **yandex.environment(),
            "REDIS_URL": redis.url,
            "ASR_STAND_BY": "none",
            "OPENAI_API_KEY": openai.key,
            "OPENAI_BASE_URL": openai.base_url,
            "YANDEX_TTS_SPEED": str(SPEED),
            **environment,
        }
        with Worker(variables, folder) as worker:
            lab = Lab(asterisk, phone, worker, openai, yandex, Ear(), Voices())
            lab.usual()
            yield lab
