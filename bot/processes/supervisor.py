"""Several worker processes on one host: started, started again, drained together.

The supervisor has no calls. It owns the entrance (``Stasis(ARI_APP)``) and moves each caller to
the worker with the fewest calls; callers of ``StasisBroadcast()`` are claimed by the workers
themselves. Workers are started anew (not forked: a fork after threads have begun is undefined).
"""

import logging
import os
import random
import select
import signal
import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass
from tempfile import TemporaryDirectory

from prometheus_client import CollectorRegistry
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from bot.ari import AriClient, AriError
from bot.arievents import backoff_s
from bot.logsetup import set_up_logging
from bot.processes.entrance import Entrance
from bot.processes.link import WorkerLink
from bot.processes.name import WorkerName, worker_name
from bot.processes.orphans import evict
from bot.processes.worker_process import REPLACED_EXIT_CODE
from bot.runtime import ari_client, serve_until_closed, wait_for_asterisk
from bot.settings import Settings

log = logging.getLogger(__name__)

LOOK_EVERY_S = 0.1
LASTING_S = 60.0
"""A worker that lived as long died of something else than its start."""
STOP_TIMEOUT_S = 20.0
SETTING_EXIT_CODE = 2


def supervise(settings: Settings) -> int:
    """Run ``BOT_PROCESSES`` workers until told to stop; the exit code."""
    set_up_logging(settings)
    version = wait_for_asterisk(settings)
    with ExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory(prefix="metrotech-metrics-"))
        registry = CollectorRegistry()
        MultiProcessCollector(registry, folder)  # type: ignore[no-untyped-call]
        serve_until_closed(registry, settings.metrics_bind, stack)
        ari = ari_client(settings)
        stack.callback(ari.close)
        ready = f"bot: ready, Asterisk {version}, application {settings.ari_app}"
        supervisor = Supervisor(settings, ari, folder, ready)
        signal.signal(signal.SIGTERM, supervisor.terminated)
        signal.signal(signal.SIGINT, supervisor.interrupted)
        return supervisor.run()


@dataclass
class _Process:
    """A worker's place: what runs in it now, or when something will again."""

    name: WorkerName
    popen: "subprocess.Popen[bytes] | None" = None
    link: WorkerLink | None = None
    started_at: float = 0.0
    start_at: float = 0.0
    deaths: int = 0
    was_ready: bool = False

    @property
    def calls(self) -> int | None:
        """Calls in progress; ``None`` while it is not ready."""
        return self.link.calls if self.link is not None else None


class Supervisor:
    """Keeps the workers running; :meth:`run` blocks until they have ended."""

    def __init__(self, settings: Settings, ari: AriClient, metrics_folder: str, ready: str) -> None:
        self._ari = ari
        self._metrics_folder = metrics_folder
        self._ready = ready
        self._processes = [
            _Process(worker_name(settings, number + 1)) for number in range(settings.bot_processes)
        ]
        self._lock = threading.Lock()
        """Guards what :meth:`_least_loaded`, which the entrance's thread calls, looks at."""
        self._entrance = Entrance(ari, settings.ari_app, self._least_loaded)
        self._draining = self._stopping = False
        self._told: str | None = None
        self._kill_at = float("inf")
        self._exit_code = 0

    def terminated(self, *_: object) -> None:
        """SIGTERM: drain; a second one ends all calls."""
        self._stopping = self._stopping or self._draining
        self._draining = True

    def interrupted(self, *_: object) -> None:
        """SIGINT: end all calls now."""
        self._draining = self._stopping = True

    def run(self) -> int:
        """Start the workers and look after them; the exit code."""
        try:
            while not self._draining or any(one.popen for one in self._processes):
                self._look_around()
        finally:
            self._entrance.close()
            self._entrance.join()
            for process in self._processes:
                if process.popen is not None:
                    process.popen.kill()
                    process.popen.wait()
        return self._exit_code

    def _look_around(self) -> None:
        if self._draining:
            self._end_workers()
        for process in self._processes:
            if process.popen is None and not self._draining:
                self._start_when_due(process)
            elif process.popen is not None and process.popen.poll() is not None:
                self._ended(process, process.popen.returncode)
        self._listen()

    def _start_when_due(self, process: _Process) -> None:
        if time.monotonic() < process.start_at:
            return
        link = WorkerLink()
        number, descriptor = str(process.name.number), str(link.theirs)
        popen = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "bot", "--worker", number, "--link", descriptor],
            env=os.environ | {"PROMETHEUS_MULTIPROC_DIR": self._metrics_folder},
            stdin=subprocess.DEVNULL,
            pass_fds=(link.theirs,),
            start_new_session=True,  # a terminal's Ctrl-C is for the supervisor
        )
        link.handed_over()
        with self._lock:
            process.popen, process.link = popen, link
        process.started_at = time.monotonic()
        log.info("worker process started worker=%s pid=%d", number, popen.pid)

    def _listen(self) -> None:
        """Take in what workers tell, waiting a little for it."""
        links = {one.link: one for one in self._processes if one.link is not None}
        for link in select.select(list(links), [], [], LOOK_EVERY_S)[0]:
            was_ready = link.calls is not None
            with self._lock:
                is_open = link.read()
            if link.calls is not None and not was_ready:
                log.info("worker process ready worker=%d", links[link].name.number)
            if not is_open:
                self._unlink(links[link])
        for process in self._processes:
            process.was_ready = process.was_ready or process.calls is not None
        ready = [one.calls is not None for one in self._processes]
        if any(ready) and not self._draining:
            self._entrance.open()
        if all(ready) and self._ready:
            print(f"{self._ready}, {len(ready)} processes", flush=True)
            self._ready = ""

    def _unlink(self, process: _Process) -> None:
        with self._lock:
            if process.link is not None:
                process.link.close()
            process.link = None

    def _ended(self, process: _Process, code: int) -> None:
        popen, now = process.popen, time.monotonic()
        self._unlink(process)
        process.popen = None
        if popen is not None:
            mark_process_dead(popen.pid, self._metrics_folder)  # type: ignore[no-untyped-call]
        if code == REPLACED_EXIT_CODE or (code == SETTING_EXIT_CODE and not process.was_ready):
            self._exit_code = code  # a new start would end in the same way
            self._draining = True
        self._evict(process)
        if self._draining:
            return
        process.deaths = 0 if now - process.started_at > LASTING_S else process.deaths + 1
        wait_s = backoff_s(process.deaths, random.random())  # noqa: S311 - jitter
        process.start_at = now + wait_s
        log.error(
            "worker process died worker=%d code=%d again_in_s=%.1f",
            process.name.number, code, wait_s,
        )  # fmt: skip

    def _evict(self, process: _Process) -> None:
        """Give its callers back to the dialplan: Asterisk would leave them in silence."""
        try:
            evict(self._ari, process.name.app)
        except AriError as error:
            log.error("callers of a dead worker not given back error=%s", error)

    def _end_workers(self) -> None:
        order: str = "stop" if self._stopping else "drain"
        if order == self._told:
            if time.monotonic() >= self._kill_at:
                self._kill()
            return
        self._told = order
        self._entrance.close()
        log.info("workers are to %s", order)
        for process in self._processes:
            if process.link is not None:
                process.link.order("stop" if self._stopping else "drain")
            if process.popen is not None and process.calls is None:
                process.popen.terminate()  # it does not listen before it is ready
        if self._stopping:
            self._kill_at = time.monotonic() + STOP_TIMEOUT_S

    def _kill(self) -> None:
        for process in self._processes:
            if process.popen is not None:
                log.error("worker process does not end worker=%d: killed", process.name.number)
                process.popen.kill()
        self._kill_at = float("inf")

    def _least_loaded(self) -> str | None:
        """Where the next caller goes; counted at once, the worker will tell the true number."""
        with self._lock:
            ready = [(one.calls, one) for one in self._processes if one.calls is not None]
            if not ready:
                return None
            calls, process = min(ready, key=lambda pair: pair[0])
            if process.link is not None:
                process.link.calls = calls + 1
            return process.name.app
