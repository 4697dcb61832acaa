"""The admin as operators get it: gunicorn with the project's own configuration."""

import os
import signal
import subprocess
import sys
import time
from typing import Self

import requests

from tests.lab.worker import REPO

START_TIMEOUT_S = 30.0


class Admin:
    """``gunicorn wsgi:app`` on ``port`` with the variables of a worker."""

    def __init__(self, environment: dict[str, str], port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._environment = environment | {"ADMIN_BIND": f"127.0.0.1:{port}"}
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "-c", str(REPO / "gunicorn.conf.py"), "wsgi:app"],
            cwd=REPO,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        give_up_at = time.monotonic() + START_TIMEOUT_S
        while not self._is_alive():
            if self._process.poll() is not None or time.monotonic() > give_up_at:
                self.__exit__()
                raise RuntimeError(f"the admin did not start at {self.url}")
            time.sleep(0.1)
        return self

    def __exit__(self, *_: object) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def ask_to_stop(self) -> None:
        """Send SIGTERM, as systemd does, and do not wait."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it with all its processes in the middle of whatever they do."""
        process, self._process = self._process, None
        if process is not None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _is_alive(self) -> bool:
        try:
            return requests.get(f"{self.url}/health/live", timeout=1).ok
        except requests.RequestException:
            return False
