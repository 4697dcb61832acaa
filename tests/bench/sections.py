"""What ``make bench`` measures, in which order, and which worker each part needs."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TypeVar

from bot.softphone.phone import Phone
from tests.bench.behaviours.dead_air import measure_dead_air
from tests.bench.behaviours.echoes import measure_echo
from tests.bench.behaviours.false_alarms import measure_false_alarms
from tests.bench.behaviours.greetings import measure_greeting
from tests.bench.behaviours.hanging_up import measure_hanging_up
from tests.bench.behaviours.history import measure_history
from tests.bench.behaviours.keys import measure_keys
from tests.bench.behaviours.lab import Lab, open_lab
from tests.bench.behaviours.limit import MAX_CALLS, measure_limit
from tests.bench.behaviours.listening import measure_listening
from tests.bench.behaviours.outages import measure_outages
from tests.bench.figures import Figure, figure
from tests.bench.load import measure_load
from tests.bench.local import measure_local
from tests.bench.services import Services
from tests.bench.turns import (
    Caller,
    measure_interruptions,
    measure_repeated,
    measure_turns,
    turn_figures,
)
from tests.calls.conftest import PEOPLE
from tests.lab.asterisk import Asterisk
from tests.lab.humanspeech import human_speech
from tests.lab.redis import RedisServer
from tests.lab.worker import Worker

Opened = TypeVar("Opened")


class Stage:
    """One worker at a time before the same telephone and Asterisk, started when it is needed."""

    def __init__(
        self,
        redis: RedisServer,
        asterisk: Asterisk,
        phone: Phone,
        folder: Path,
        runs: int,
        calls: int,
    ) -> None:
        self.phone = phone
        self.runs = runs
        self.calls = calls
        self._redis = redis
        self._asterisk = asterisk
        self._folder = folder
        self._open = ExitStack()
        self._name = ""
        self._opened: Any = None

    def caller(self) -> Caller:
        """The worker whose services are in processes of their own, for what is timed."""
        return self._opening("cloud", self._cloud)

    def lab(self) -> Lab:
        """The worker without stand-bys, whose recogniser knows the callers."""
        return self._opening("behaviours", lambda: self._lab("behaviours"))

    def lab_with_stand_bys(self) -> Lab:
        """The worker that has a second recogniser, and people to hand callers over to."""
        stand_bys = PEOPLE | {"ASR_STAND_BY": "local", "YANDEX_TTS_SPEED": "3.0"}
        return self._opening("stand-bys", lambda: self._lab("stand-bys", **stand_bys))

    def small_lab(self) -> Lab:
        """The worker that takes few calls."""
        return self._opening("limit", lambda: self._lab("limit", MAX_CALLS=str(MAX_CALLS)))

    def local_worker(self) -> Worker:
        """The worker without any service."""
        return self._opening("local", lambda: Worker(self._shared(), self._new_folder("local")))

    def _opening(self, name: str, made: Callable[[], AbstractContextManager[Opened]]) -> Opened:
        if self._name != name:
            self._open.close()
            self._opened, self._name = self._open.enter_context(made()), name
        opened: Opened = self._opened
        return opened

    def _shared(self) -> dict[str, str]:
        return self._asterisk.environment() | {"REDIS_URL": self._redis.url}

    def _new_folder(self, name: str) -> Path:
        folder = self._folder / name
        folder.mkdir()
        return folder

    def _lab(self, name: str, **environment: str) -> AbstractContextManager[Lab]:
        folder = self._folder / name
        return open_lab(self._redis, self._asterisk, self.phone, folder, **environment)

    @contextmanager
    def _cloud(self) -> Iterator[Caller]:
        words = human_speech("call-fwd-on-busy")
        with (
            Services() as services,
            Worker(self._shared() | services.environment, self._new_folder("cloud")) as worker,
        ):
            caller = Caller(services, worker, self.phone, words)
            measure_turns(caller, 4)  # the first turns open connections
            yield caller

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()


@dataclass(frozen=True)
class Section:
    """One part of the benchmark: the rows it fills, by their numbers in conversation.md."""

    rows: tuple[str, ...]
    name: str
    measure: Callable[[Stage], list[Figure]]


def _turns(stage: Stage) -> list[Figure]:
    caller = stage.caller()
    turns = [turn for _ in range(stage.runs) for turn in measure_turns(caller, 24)]
    return [*turn_figures(turns), _setup(caller.worker)]


def _setup(worker: Worker) -> Figure:
    waits = [float(line.rsplit("setup_ms=", 1)[1]) for line in worker.output if "setup_ms=" in line]
    return figure("call arrives → first sample of the greeting sent", "ms", waits, p95_at_most=150)


SECTIONS = (
    Section(("1",), "turns", _turns),
    Section(("13",), "a repeated question", lambda s: measure_repeated(s.caller(), 6)),
    Section(("4",), "interruptions", lambda s: [measure_interruptions(s.caller(), 16)]),
    Section(("load",), "calls at once", lambda s: measure_load(s.caller(), s.calls)),
    Section(("12",), "the greeting", lambda s: measure_greeting(s.lab())),
    Section(("5", "6"), "noises over answers", lambda s: measure_false_alarms(s.lab())),
    Section(("7",), "the history", lambda s: measure_history(s.lab())),
    Section(("11",), "slow services", lambda s: measure_dead_air(s.lab())),
    Section(
        ("2", "3", "9", "10", "15"),
        "pauses, dictation, lines without a voice",
        lambda s: measure_listening(s.lab()),
    ),
    Section(("8",), "echo", lambda s: measure_echo(s.lab())),
    Section(("16",), "hang-up", lambda s: measure_hanging_up(s.lab_with_stand_bys())),
    Section(("15",), "keys and transfer", lambda s: measure_keys(s.lab_with_stand_bys())),
    Section(("14",), "outages", lambda s: measure_outages(s.lab_with_stand_bys())),
    Section(("17",), "callers above the limit", lambda s: measure_limit(s.small_lab())),
    Section(("local",), "the local stack", lambda s: measure_local(s.local_worker(), s.phone)),
)
"""Neighbours share a worker. What is timed goes first, with nothing beside it."""
