"""A private Asterisk for tests, the demo and development, thrown away afterwards.

``python -m tests.lab.asterisk`` runs one in the foreground and prints where it is.
"""

import atexit
import os
import resource
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from string import Template
from typing import Any, Self

import requests

from tests.lab.asterisk_install import install
from tests.lab.asterisk_tree import NEWEST, Release, installed_tree
from tests.lab.ports import free_port, rtp_range

TEMPLATES = Path(__file__).parent / "asterisk_conf"
START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 10.0
RTP_PORTS = 1000
"""Two for each call: enough for 60 calls many times over, and for ports still closing."""


LEFT_AT_DEFAULTS = (
    "acl", "ccss", "cel", "features", "manager", "pjproject", "res_http_media_cache", "udptl",
    "websocket_client",
)  # fmt: skip
"""Configuration files that Asterisk complains about when they do not exist."""


class Asterisk:
    """One Asterisk with its own configuration, state and free loopback ports.

    ``verbose`` writes every dialplan step to the log; ``rtp_timeout_s`` is how long a
    caller may send no audio at all before Asterisk hangs up. ``left_out`` names modules that
    are not loaded, as on an installation that has none of them.
    """

    def __init__(
        self,
        ari_app: str = "asterisk-bot",
        *,
        release: Release = NEWEST,
        left_out: tuple[str, ...] = (),
        verbose: bool = False,
        rtp_timeout_s: int = 60,
    ) -> None:
        self.tree = installed_tree(release) or install(release)
        self.ari_user = "lab"
        self.ari_password = secrets.token_hex(16)
        self.ari_app = ari_app
        self.http_port = free_port()
        self.sip_port = free_port(socket.SOCK_DGRAM)
        self.folder = Path(tempfile.mkdtemp(prefix="lab-asterisk-"))
        self.log_path = self.folder / "state" / "log" / "messages"
        self._process: subprocess.Popen[bytes] | None = None
        self._write_configuration(left_out, verbose, rtp_timeout_s)

    @property
    def http_url(self) -> str:
        """What ``ARI_URL`` must be."""
        return f"http://127.0.0.1:{self.http_port}"

    @property
    def sip_server(self) -> tuple[str, int]:
        """Where callers send their INVITE."""
        return "127.0.0.1", self.sip_port

    def environment(self) -> dict[str, str]:
        """The worker's variables for this Asterisk."""
        return {
            "ARI_URL": self.http_url,
            "ARI_USER": self.ari_user,
            "ARI_PASSWORD": self.ari_password,
            "ARI_APP": self.ari_app,
        }

    def start(self) -> Self:
        """Start and wait until ARI and SIP answer.

        Raises ``RuntimeError`` with the end of its log when it does not come up.
        """
        output = (self.folder / "output").open("ab")
        with output:
            self._process = subprocess.Popen(
                self._command("-f"), stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                cwd=self.folder, start_new_session=True,
            )  # fmt: skip
        atexit.register(self.stop)
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self._is_ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                said = self._last_words()
                self.stop()
                raise RuntimeError(f"Asterisk did not start:\n{said}")
            time.sleep(0.05)
        return self

    def stop(self) -> None:
        """End it and delete everything it wrote; safe to repeat."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
        atexit.unregister(self.stop)

    def kill(self) -> None:
        """End it as a power cut would, keeping its configuration for :meth:`start`."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(STOP_TIMEOUT_S)

    def restart(self) -> None:
        """A new process on the same ports; every call is lost."""
        self.kill()
        self.start()

    def get(self, path: str) -> Any:
        """The JSON that ARI answers to ``GET /ari/<path>``."""
        answer = requests.get(
            f"{self.http_url}/ari/{path}", auth=(self.ari_user, self.ari_password), timeout=10
        )
        answer.raise_for_status()
        return answer.json()

    def channels(self) -> list[dict[str, Any]]:
        """Every channel that exists now.

        Asterisk 22.10 lists one twice whose state changes in that moment (3 of 150 times).
        """
        found = {channel["id"]: channel for channel in self.get("channels")}
        return list(found.values())

    def bridges(self) -> list[dict[str, Any]]:
        """Every bridge that exists now."""
        found: list[dict[str, Any]] = self.get("bridges")
        return found

    def left_behind(self, timeout_s: float = 30.0) -> list[dict[str, Any]]:
        """Channels and bridges that still exist when the time is over.

        Asterisk answers a BYE before it takes the channel down, so one look proves nothing.
        """
        give_up_at = time.monotonic() + timeout_s
        while (left := self.channels() + self.bridges()) and time.monotonic() < give_up_at:
            time.sleep(0.05)
        return left

    def console(self, command: str) -> str:
        """What the Asterisk console prints for ``command``."""
        return subprocess.run(
            self._command("-rx", command), capture_output=True, text=True, timeout=30, check=True
        ).stdout

    def log(self) -> str:
        """The log so far."""
        return self.log_path.read_text(encoding="utf-8") if self.log_path.exists() else ""

    def _is_ready(self) -> bool:
        try:
            self.get("asterisk/info")
            self.get("endpoints/PJSIP")
        except requests.RequestException:
            return False
        return self._answers_sip()

    def _answers_sip(self) -> bool:
        """Whether an OPTIONS gets any answer at all."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.settimeout(0.2)
            probe.connect(self.sip_server)
            port = probe.getsockname()[1]
            try:
                probe.send(
                    f"OPTIONS sip:echo@127.0.0.1:{self.sip_port} SIP/2.0\r\n"
                    f"Via: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bKready{port}\r\n"
                    f"From: <sip:ready@127.0.0.1>;tag=ready\r\nTo: <sip:echo@127.0.0.1>\r\n"
                    f"Call-ID: ready-{port}\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\n"
                    "Content-Length: 0\r\n\r\n".encode()
                )
                return bool(probe.recv(4096))
            except OSError:
                return False

    def _command(self, *arguments: str) -> list[str]:
        configuration = str(self.folder / "conf" / "asterisk.conf")
        return self.tree.command("-C", configuration, *arguments)

    def _write_configuration(
        self, left_out: tuple[str, ...], verbose: bool, rtp_timeout_s: int
    ) -> None:
        conf, state = self.folder / "conf", self.folder / "state"
        conf.mkdir()
        for name in ("lib", "cache", "spool", "run", "log"):
            (state / name).mkdir(parents=True)
        for name in ("documentation", "rest-api", "keys"):
            (state / "lib" / name).symlink_to(self.tree.data / name)
        rtp_first, rtp_last = rtp_range(RTP_PORTS)
        values = {
            "conf": conf,
            "state": state,
            "modules": self.tree.modules,
            "data": self.tree.data,
            "max_files": min(resource.getrlimit(resource.RLIMIT_NOFILE)[1], 16_384),
            "verbose": 3 if verbose else 0,
            "log_verbose": ",verbose" if verbose else "",
            "http_port": self.http_port,
            "sip_port": self.sip_port,
            "rtp_first": rtp_first,
            "rtp_last": rtp_last,
            "rtp_timeout_s": rtp_timeout_s,
            "ari_user": self.ari_user,
            "ari_password": self.ari_password,
            "ari_app": self.ari_app,
            "left_out": "\n".join(f"noload => {name}.so" for name in left_out),
        }
        for template in TEMPLATES.glob("*.conf"):
            text = _Template(template.read_text(encoding="utf-8")).substitute(values)
            (conf / template.name).write_text(text, encoding="utf-8")
        for name in LEFT_AT_DEFAULTS:
            (conf / f"{name}.conf").touch()

    def _last_words(self) -> str:
        output = (self.folder / "output").read_text(encoding="utf-8", errors="replace")
        return "\n".join((output + self.log()).splitlines()[-20:])

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


class _Template(Template):
    """``@name`` is a value of ours; ``${NAME}`` and ``$[…]`` stay Asterisk's own."""

    delimiter = "@"


def main() -> None:
    """Run one until Ctrl-C."""
    with Asterisk(verbose=True) as asterisk:
        for name, value in asterisk.environment().items():
            print(f"export {name}={value}")
        print(f"export SIP=127.0.0.1:{asterisk.sip_port}")
        print(
            f"# log: {asterisk.log_path}; extensions: 100, echo, tone; Ctrl-C ends it", flush=True
        )
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            signal.pause()
        except KeyboardInterrupt:
            print("# stopped")


if __name__ == "__main__":
    main()
