"""``python -m tests.bench.endurance --calls 1000``: whether calls leave anything behind.

Short calls, several at a time, ended in any state: while they are set up, in the greeting, in a
question, in an answer. Threads, files and memory of the worker and what Asterisk holds are
compared with what there was after the first calls, when caches and pools had filled.
"""

import argparse
import json
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from bot.records import now
from bot.softphone.phone import Call, Phone
from bot.softphone.sip import CallRefused
from tests.bench.machine import machine
from tests.bench.services import Services
from tests.bench.turns import PATIENCE_S
from tests.lab.asterisk import Asterisk
from tests.lab.humanspeech import human_speech
from tests.lab.redis import RedisServer
from tests.lab.worker import REPO, Worker

REPORT = REPO / "data" / "bench-endurance.json"
WARM_UP = 100
SETTLE_S = 60.0
GROWTH_MB = 20.0
POOLED = 8
"""Connections that pools to Asterisk, Redis and the services may hold more at one moment."""


@dataclass(frozen=True)
class Holdings:
    """What there is at a moment when nobody calls."""

    threads: int
    files: int
    memory_mb: float
    channels: int
    bridges: int

    def is_no_more_than(self, before: "Holdings") -> bool:
        """Whether nothing was leaked since then."""
        return (
            self.threads <= before.threads
            and self.files - before.files <= POOLED
            and self.memory_mb - before.memory_mb < GROWTH_MB
            and not self.channels
            and not self.bridges
        )


def main(argv: Sequence[str] | None = None) -> int:
    """Place the calls; 1 when something was left behind."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.endurance", description=__doc__)
    parser.add_argument("--calls", type=int, default=1000)
    parser.add_argument("--at-once", type=int, default=8)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(argv)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # leave nothing running
    with TemporaryDirectory(prefix="endurance-") as folder:
        report = _measure(Path(folder), options)
    text = json.dumps(report, ensure_ascii=False, indent=1)
    print(text)
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(text, encoding="utf-8")
    return 0 if report["nothing_left_behind"] else 1


def _measure(folder: Path, options: argparse.Namespace) -> dict[str, object]:
    with RedisServer() as redis, Asterisk() as asterisk, Services() as services:
        environment = asterisk.environment() | services.environment
        environment |= {
            "REDIS_URL": redis.url,
            "BOT_PROCESSES": str(options.processes),
            "ASR_STAND_BY": "none",  # a local model that is loaded when first needed is no leak
        }
        with Worker(environment, folder) as worker, Phone(asterisk.sip_server) as phone:
            callers = _Callers(phone, random.Random(options.seed))
            services.means(callers.words, "Какая гарантия на машину РЭМ-100?")
            # more at once than later: pools of threads and connections keep what they grew to
            callers.call(WARM_UP, options.at_once * 2)
            before = _settled(worker, asterisk, None)
            began_at = time.monotonic()
            ends = callers.call(options.calls, options.at_once)
            lasted_s = time.monotonic() - began_at
            after = _settled(worker, asterisk, before)
            statuses = Counter(call["status"] for call in worker.calls())
    clean = after.is_no_more_than(before) and not statuses["InProgress"]
    return {
        "at": now().isoformat(timespec="seconds"),
        "machine": machine(),
        "calls": options.calls,
        "at_once": options.at_once,
        "seconds": round(lasted_s),
        "ended": dict(ends),
        "statuses_with_warm_up": dict(statuses),
        "before": asdict(before),
        "after": asdict(after),
        "growth_mb": round(after.memory_mb - before.memory_mb, 1),
        "nothing_left_behind": clean,
    }


class _Callers:
    """People who hang up whenever they like."""

    def __init__(self, phone: Phone, chance: random.Random) -> None:
        self._phone = phone
        self._chance = chance
        self.words = human_speech("call-fwd-on-busy")
        self._ways: tuple[Callable[[Call, float], str], ...] = (
            self._at_once, self._in_the_greeting, self._in_a_question, self._in_an_answer,
            self._after_a_key, self._after_an_answer,
        )  # fmt: skip

    def call(self, calls: int, at_once: int) -> Counter[str]:
        """Place so many calls; how they ended."""
        # drawn here: the threads' order would make each run another one
        plan = [(self._chance.random(), self._chance.random()) for _ in range(calls)]
        with ThreadPoolExecutor(at_once) as pool:
            return Counter(pool.map(self._one, plan))

    def _one(self, drawn: tuple[float, float]) -> str:
        way, part = drawn
        choice = int(way * (len(self._ways) + 1))
        if choice == len(self._ways):
            return self._while_it_is_set_up(part)
        try:
            with self._phone.dial("100", timeout_s=30) as call:
                return self._ways[choice](call, part)
        except CallRefused as error:
            return f"refused {error.status}"

    def _while_it_is_set_up(self, part: float) -> str:
        try:
            self._phone.dial("100", timeout_s=part * 0.06).hangup()
        except CallRefused:
            return "while it was set up"
        return "at once"

    def _at_once(self, _call: Call, _part: float) -> str:
        return "at once"

    def _in_the_greeting(self, call: Call, part: float) -> str:
        call.wait_speech(call.answered_at, PATIENCE_S)
        time.sleep(part)
        return "in the greeting"

    def _in_a_question(self, call: Call, part: float) -> str:
        call.play(self.words)
        time.sleep(2.4 * part)
        return "in a question"

    def _in_an_answer(self, call: Call, part: float) -> str:
        call.play(self.words)
        call.wait_played()
        time.sleep(3.0 * part)
        return "in an answer"

    def _after_a_key(self, call: Call, part: float) -> str:
        call.send_dtmf("*0#9"[int(part * 4)])
        time.sleep(part)
        return "after a key"

    def _after_an_answer(self, call: Call, _part: float) -> str:
        call.play(self.words)
        call.wait_played()
        asked_at = call.last_sent_speech_at
        if asked_at is not None and call.wait_speech(asked_at, PATIENCE_S) is not None:
            call.wait_quiet(0.8, PATIENCE_S)
        return "after an answer"


def _settled(worker: Worker, asterisk: Asterisk, before: Holdings | None) -> Holdings:
    """What there is once nothing is being taken down any more."""
    give_up_at = time.monotonic() + SETTLE_S
    seen = _holdings(worker, asterisk)
    while time.monotonic() < give_up_at:
        time.sleep(2.0)
        last, seen = seen, _holdings(worker, asterisk)
        if before is not None and seen.is_no_more_than(before):
            break
        if before is None and seen == last and not seen.channels:
            break
    return seen


def _holdings(worker: Worker, asterisk: Asterisk) -> Holdings:
    if worker.process is None:
        raise RuntimeError("the worker is not running")
    seen = psutil.Process(worker.process.pid)
    ours = worker.processes() or [seen]
    return Holdings(
        threads=sum(one.num_threads() for one in ours),
        files=sum(one.num_fds() for one in ours),
        memory_mb=round(sum(one.memory_info().rss for one in ours) / 2**20, 1),
        channels=len(asterisk.channels()),
        bridges=len(asterisk.bridges()),
    )


if __name__ == "__main__":
    sys.exit(main())
