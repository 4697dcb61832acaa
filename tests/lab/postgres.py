"""A private PostgreSQL server in a temporary folder, for tests that need the real thing."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from tests.lab.ports import free_port


def postgres_programs() -> Path | None:
    """The folder with ``initdb`` and ``postgres`` of the newest installed version, if any."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    return found[-1].parent if found else None


class PostgresServer:
    """One cluster on a free loopback port, run by an unprivileged user (it refuses root)."""

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        self._folder = Path(tempfile.mkdtemp(prefix="pg-"))
        self._user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        shutil.chown(self._folder, self._user)
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._run("initdb", "-D", str(self._folder / "data"), "-U", "lab", "-A", "trust", "-N")

    @property
    def address(self) -> str:
        """The SQLAlchemy address of its database."""
        return f"postgresql+psycopg://lab@127.0.0.1:{self.port}/postgres"

    def new_database(self, name: str) -> str:
        """The address of a database of its own, empty; the server is running."""
        local = ("-h", "127.0.0.1", "-p", str(self.port), "-U", "lab")
        self._run("createdb", *local, name)
        return self.address.replace("/postgres", f"/{name}")

    def start(self) -> None:
        """Start it and return when it accepts connections."""
        options = ("-D", str(self._folder / "data"), "-k", str(self._folder))
        listen = ("-h", "127.0.0.1", "-p", str(self.port), "-c", "fsync=off")
        self._process = subprocess.Popen(
            self._command("postgres", *options, *listen),
            cwd=self._folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        while self._process.poll() is None:
            ready = self._command("pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port))
            if subprocess.run(ready, cwd=self._folder, check=False).returncode == 0:
                return
            time.sleep(0.05)
        raise RuntimeError(f"postgres ended with {self._process.returncode}")

    def stop(self) -> None:
        """Stop it at once: open connections are cut (its «fast shutdown»)."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait()
            self._process = None

    def remove(self) -> None:
        """Stop it and delete everything it kept."""
        self.stop()
        shutil.rmtree(self._folder)

    def _command(self, program: str, *arguments: str) -> list[str]:
        command = [str(self._programs / program), *arguments]
        if os.geteuid() != 0:
            return command
        drop = ["setpriv", f"--reuid={self._user}", f"--regid={self._user}", "--clear-groups"]
        return [*drop, *command]

    def _run(self, program: str, *arguments: str) -> None:
        command = self._command(program, *arguments)
        subprocess.run(command, cwd=self._folder, check=True, stdout=subprocess.DEVNULL)
