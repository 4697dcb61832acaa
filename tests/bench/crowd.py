"""``python -m tests.bench.crowd --calls 250 --processes 2``: how many callers the machine holds.

Asterisk, the stand-ins and the callers run on the same machine as the workers. Most callers only
speak (:mod:`tests.bench.chorus`); some, spread among them, also listen and measure.
"""

import argparse
import json
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from bot.records import now
from bot.softphone.phone import Call, Phone
from bot.softphone.sip import CallRefused
from tests.bench.chorus import TURN_EVERY_S
from tests.bench.figures import HEADER, Figure, figure
from tests.bench.hearing import FIRST_SENTENCE
from tests.bench.load import lateness, percentile_ms
from tests.bench.machine import machine
from tests.bench.services import Services
from tests.bench.turns import MODELS, PATIENCE_S
from tests.lab.asterisk import Asterisk
from tests.lab.humanspeech import human_speech
from tests.lab.redis import RedisServer
from tests.lab.worker import REPO, Worker

REPORT = REPO / "data" / "bench-crowd.json"
LISTENERS = 20
CHORUS = 60
"""Callers of one process of the chorus at most."""
FIRST_AUDIO_S = 1.25
LATENESS_MS = 60.0


def main(argv: Sequence[str] | None = None) -> int:
    """Measure; 1 when a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.crowd", description=__doc__)
    parser.add_argument("--calls", type=int, default=250)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--turns", type=int, default=6, help="of each caller, once all have come")
    parser.add_argument("--extension", default="100", help="100: entrance, 200: claims")
    options = parser.parse_args(argv)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # leave nothing running
    with TemporaryDirectory(prefix="crowd-") as folder:
        figures, notes = _measure(Path(folder), options)
    print(f"\n{machine()}\n\n{HEADER}")
    for one in figures:
        print(one.row())
    print("\n" + "\n".join(notes))
    REPORT.parent.mkdir(exist_ok=True)
    report = {
        "at": now().isoformat(timespec="seconds"), "machine": machine(), "notes": notes,
        "figures": [one.as_json() for one in figures],
    }  # fmt: skip
    REPORT.write_text(json.dumps(report, ensure_ascii=False, indent=1), encoding="utf-8")
    return 1 if any(one.met is False for one in figures) else 0


def _measure(folder: Path, options: argparse.Namespace) -> tuple[list[Figure], list[str]]:
    with (
        RedisServer() as redis,
        Asterisk() as asterisk,
        Services() as services,
        Phone(asterisk.sip_server) as phone,
        Worker(
            asterisk.environment()
            | services.environment
            | {
                "REDIS_URL": redis.url,
                "BOT_PROCESSES": str(options.processes),
                "MAX_CALLS": str(options.calls),
                "ASR_STAND_BY": "none",  # a machine at its limit cannot recognise as well
            },
            folder,
        ) as worker,
    ):
        _queue_questions(services, 2 * options.calls * (options.turns + 8))
        listeners = min(LISTENERS, options.calls)
        others = options.calls - listeners
        with _chorus(asterisk, others, options.extension) as chorus:
            crowd = _Crowd(worker, asterisk, phone, chorus, options)
            return crowd.measure(listeners)


def _queue_questions(services: Services, count: int) -> None:
    """A question of its own for each turn, so that no answer is kept already."""
    questions = [
        f"Сколько стоит {MODELS[number % len(MODELS)]}, если взять {number} штук?"
        for number in range(count)
    ]
    answers = [FIRST_SENTENCE.format(number=number) + "|" for number in range(count)]
    services.plan(transcripts=questions, answers=answers)


@contextmanager
def _chorus(
    asterisk: Asterisk, calls: int, extension: str
) -> Iterator[list["subprocess.Popen[str]"]]:
    """Processes of callers; all have joined when this begins."""
    count = -(-calls // CHORUS)
    shares = [calls // count + (number < calls % count) for number in range(count)]
    server = "{}:{}".format(*asterisk.sip_server)
    processes = [
        subprocess.Popen(
            [
                sys.executable, "-m", "tests.bench.chorus", "--server", server,
                "--calls", str(share), "--extension", extension, "--pace-s", str(0.1 * count),
            ],
            cwd=REPO, stdout=subprocess.PIPE, text=True,
        )
        for share in shares
    ]  # fmt: skip
    try:
        yield processes
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(30)


class _Crowd:
    """The measurement itself."""

    def __init__(
        self,
        worker: Worker,
        asterisk: Asterisk,
        phone: Phone,
        chorus: "list[subprocess.Popen[str]]",
        options: argparse.Namespace,
    ) -> None:
        self._worker = worker
        self._asterisk = asterisk
        self._phone = phone
        self._chorus = chorus
        self._options = options
        self._words = human_speech("call-fwd-on-busy")
        self._waits: list[float] = []
        self._unanswered = 0
        self._recording = threading.Event()
        self._over = threading.Event()

    def measure(self, listeners: int) -> tuple[list[Figure], list[str]]:
        """What the listeners hear while everybody asks."""
        joined = [self._line(process) for process in self._chorus]
        if not all(joined):
            raise RuntimeError("the chorus did not join")
        _say(f"the chorus: {'; '.join(joined)}")
        with ThreadPoolExecutor(listeners) as pool:
            done = [pool.submit(self._listener, n / listeners) for n in range(listeners)]
            time.sleep(TURN_EVERY_S * 2)  # everybody has been greeted
            _say(f"{self._active()} calls in progress, {self._options.turns} turns of each")
            late_before, used_before = lateness(self._worker), self._processor_s()
            began_at = time.monotonic()
            self._recording.set()
            time.sleep(TURN_EVERY_S * self._options.turns)
            active, late_after = self._active(), lateness(self._worker)
            used_s, lasted_s = self._processor_s(), time.monotonic() - began_at
            self._over.set()
            failures = [error for one in done if (error := one.exception()) is not None]
        cores = {who: (used_s[who] - used_before[who]) / lasted_s for who in used_s}
        for process in self._chorus:
            process.terminate()
        lost = [self._line(process) for process in self._chorus]
        notes = [
            f"calls in progress at the end: {active} of {self._options.calls}; "
            f"chorus: {'; '.join(joined)}; {'; '.join(lost)}",
            f"listeners that failed: {len(failures)} {failures[:1] or ''}; "
            f"turns without an answer: {self._unanswered}",
            f"what the workers complained of: {self._complaints()}",
            "cores used: " + ", ".join(f"{who} {share:.2f}" for who, share in cores.items()),
        ]
        return self._figures(late_before, late_after), notes

    def _figures(self, before: dict[str, int], after: dict[str, int]) -> list[Figure]:
        calls = f"{self._options.calls} calls, {self._options.processes} processes"
        p50_ms, p99_ms = (percentile_ms(before, after, share) for share in (0.5, 0.99))
        return [
            figure(f"{calls}: first audio", "s", self._waits, p95_at_most=FIRST_AUDIO_S),
            Figure(
                f"{calls}: frame lateness (p50, p99)", "ms", p50_ms, p99_ms,
                after["+Inf"] - before["+Inf"], f"p99 ≤ {LATENESS_MS:g} ms", p99_ms <= LATENESS_MS,
            ),
        ]  # fmt: skip

    def _listener(self, offset: float) -> None:
        time.sleep(offset * TURN_EVERY_S)
        with self._dial() as call:
            call.wait_speech(call.answered_at, PATIENCE_S)
            call.wait_quiet(0.8, PATIENCE_S)
            while not self._over.is_set():
                began_at = time.monotonic()
                self._ask(call)
                time.sleep(max(0.0, TURN_EVERY_S - (time.monotonic() - began_at)))

    def _dial(self) -> Call:
        try:
            return self._phone.dial(self._options.extension, timeout_s=30)
        except CallRefused as error:
            raise RuntimeError(f"a listener was refused: {error}") from error

    def _ask(self, call: Call) -> None:
        call.play(self._words)
        call.wait_played()
        asked_at = call.last_sent_speech_at
        counts = self._recording.is_set() and not self._over.is_set()
        if asked_at is None or (heard_at := call.wait_speech(asked_at, TURN_EVERY_S - 3)) is None:
            self._unanswered += counts
        elif counts:
            self._waits.append(heard_at - asked_at)

    def _active(self) -> int:
        """Callers' channels there are; each call has a media leg beside."""
        return len([one for one in self._asterisk.channels() if one["name"].startswith("PJSIP/")])

    def _processor_s(self) -> dict[str, float]:
        """Processor seconds so far, by who used them."""
        used = dict.fromkeys(("workers", "Asterisk", "stand-ins", "callers"), 0.0)
        for process in [psutil.Process(), *psutil.Process().children(recursive=True)]:
            try:
                times, command = process.cpu_times(), " ".join(process.cmdline())
            except psutil.Error:
                continue
            used[_kind(command)] += times.user + times.system
        return used

    def _complaints(self) -> dict[str, int]:
        """Warnings and errors of the workers by their first words."""
        found = (
            re.search(r" (?:WARNING|ERROR|CRITICAL) \S+ (.*)", one) for one in self._worker.output
        )
        words = (" ".join(one[1].split()[:4]) for one in found if one)
        return dict(Counter(words).most_common(5))

    @staticmethod
    def _line(process: "subprocess.Popen[str]") -> str:
        return process.stdout.readline().strip() if process.stdout is not None else ""


def _kind(command: str) -> str:
    if "asterisk" in command and "tests.bench" not in command:
        return "Asterisk"
    if any(name in command for name in ("tests.lab", "tests.bench.hearing", "redis")):
        return "stand-ins"
    return "callers" if "tests.bench" in command else "workers"


def _say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
