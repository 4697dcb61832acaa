"""The product's own worker as a process, configured by environment like a real one."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any, Self

import psutil

from tests.lab.ports import free_port

REPO = Path(__file__).parents[2]
START_TIMEOUT_S = 120.0
STOP_TIMEOUT_S = 20.0
POLL_S = 0.02


class Worker:
    """``python -m bot`` with its own database and log in a temporary folder.

    ``environment`` is added to the variables that every worker of the lab has.
    """

    def __init__(self, environment: dict[str, str], folder: Path | None = None) -> None:
        self.folder = folder or Path(tempfile.mkdtemp(prefix="lab-worker-"))
        self.metrics_port = free_port()
        self.environment = lab_environment(self.folder, self.metrics_port) | environment
        self.command = [sys.executable, "-m", "bot"]
        self.output: list[str] = []
        self.process: subprocess.Popen[str] | None = None

    @property
    def database(self) -> Path:
        """The SQLite file of the call log."""
        return Path(self.environment["DB_PATH"])

    def app(self, number: int = 1) -> str:
        """The ARI application of one of its processes: where operators' commands go."""
        return f"{self.environment['ARI_APP']}-{self.environment['WORKER_NAME']}-{number}"

    def start(self) -> Self:
        """Start it and wait until it takes calls; ``RuntimeError`` says why it will not."""
        self.process = self.spawn()
        give_up_at = time.monotonic() + START_TIMEOUT_S
        while not any(line.startswith("bot: ready") for line in self.output):
            if self.process.poll() is not None or time.monotonic() > give_up_at:
                self.stop()
                raise RuntimeError("the worker did not start:\n" + "".join(self.output[-20:]))
            time.sleep(POLL_S)
        self.wait_for_log(f"asterisk connected app={self.environment['ARI_APP']}\n")
        return self

    def spawn(self) -> "subprocess.Popen[str]":
        """Start it without waiting."""
        process = subprocess.Popen(
            self.command,
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.process = process
        threading.Thread(target=self._collect, args=(process,), daemon=True).start()
        return process

    def wait_for_log(self, words: str, timeout_s: float = 30.0) -> str:
        """The first line of output with ``words`` in it; ``TimeoutError`` when none comes."""
        give_up_at = time.monotonic() + timeout_s
        while time.monotonic() < give_up_at:
            for line in list(self.output):
                if words in line:
                    return line
            time.sleep(POLL_S)
        raise TimeoutError(f"{words!r} is not in the log:\n" + "".join(self.output[-20:]))

    def stop(self) -> int:
        """End it as systemd would; its exit code."""
        process, self.process = self.process, None
        if process is None:
            return 0
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            return process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            return process.wait()

    def calls(self) -> list[dict[str, Any]]:
        """Every call on record, oldest first, by the contract's own query."""
        with sqlite3.connect(self.database, timeout=5) as connection:
            connection.row_factory = sqlite3.Row
            rows = connection.execute(
                "SELECT id, callerId, startTime, endTime, status, transcript_json FROM logs "
                "ORDER BY id"
            ).fetchall()
        return [dict(row) | {"lines": json.loads(row["transcript_json"])} for row in rows]

    def workers(self) -> "Counter[str]":
        """Calls on record by the application of the process that has or had them."""
        with sqlite3.connect(self.database, timeout=5) as connection:
            rows = connection.execute("SELECT worker FROM logs").fetchall()
        return Counter(worker.rpartition("@")[0] for (worker,) in rows)

    def processes(self) -> list[psutil.Process]:
        """The worker processes under the supervisor, in the order of their numbers."""
        if self.process is None:
            raise RuntimeError("the worker is not running")
        children = psutil.Process(self.process.pid).children()
        numbered = [one for one in children if "--worker" in one.cmdline()]
        return sorted(numbered, key=lambda one: one.cmdline()[one.cmdline().index("--worker") + 1])

    def wait_for_call(self, number: int = -1, timeout_s: float = 15.0) -> dict[str, Any]:
        """The call at ``number`` of the log once it is closed."""
        give_up_at = time.monotonic() + timeout_s
        while time.monotonic() < give_up_at:
            calls = self.calls()
            if len(calls) > max(number, 0) and calls[number]["status"] != "InProgress":
                return calls[number]
            time.sleep(POLL_S)
        raise TimeoutError(f"call {number} was not closed: {self.calls()}")

    def footprint(self) -> tuple[int, int]:
        """Threads and open sockets of the process now."""
        if self.process is None:
            raise RuntimeError("the worker is not running")
        seen = psutil.Process(self.process.pid)
        return seen.num_threads(), len(seen.net_connections())

    def _collect(self, process: "subprocess.Popen[str]") -> None:
        if process.stdout is not None:
            for line in process.stdout:
                self.output.append(line)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


def lab_environment(folder: Path, metrics_port: int) -> dict[str, str]:
    """The variables of a worker that shares nothing with the machine's own but the packages."""
    inherited = {key: os.environ[key] for key in ("PATH", "HOME", "XDG_CACHE_HOME", "LANG")
                 if key in os.environ}  # fmt: skip
    return inherited | {
        "PYTHONPATH": str(REPO),
        "PYTHONUNBUFFERED": "1",
        "OMP_NUM_THREADS": "1",
        "DB_PATH": str(folder / "log_db.sqlite"),
        "LOG_FILE": str(folder / "app.log"),
        "ARI_APP": "asterisk-bot",
        "WORKER_NAME": "lab",
        "DRAIN_TIMEOUT_S": "0",
        "METRICS_BIND": f"127.0.0.1:{metrics_port}",
        "KNOWLEDGE_BASE_PATH": str(REPO / "kb" / "general.md"),
        "KNOWLEDGE_BASE2_PATH": str(REPO / "kb" / "tech.md"),
        "PROMPTS_FILE_PATH": str(REPO / "kb" / "prompts.json"),
        "PERSIST_DIRECTORY": str(REPO / "index"),
    }
