"""An Asterisk unpacked into a folder: where its parts are, and how it starts from there.

It runs under its own loader and libraries, so the machine's own suite does not matter
(testing.md). Standard library only: the installer runs before the virtual environment.
"""

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

SUITE = "sid"
"""The only Debian suite with an Asterisk that has chan_websocket (protocols.md, 3.1)."""

MINIMUM_VERSION = (22, 8)


@dataclass(frozen=True)
class AsteriskTree:
    """The unpacked packages under ``root``."""

    root: Path

    @property
    def libraries(self) -> Path:
        """The one architecture's library folder, such as ``usr/lib/x86_64-linux-gnu``."""
        return next(self.root.glob("usr/lib/*/asterisk")).parent

    @property
    def modules(self) -> Path:
        """The folder of the loadable modules."""
        return self.libraries / "asterisk" / "modules"

    @property
    def data(self) -> Path:
        """``astdatadir``: documentation, REST descriptions, sounds."""
        return self.root / "usr" / "share" / "asterisk"

    def command(self, *arguments: str) -> list[str]:
        """The command line that runs this Asterisk with ``arguments``."""
        loader = next(self.libraries.glob("ld-linux-*.so.*"))
        path = f"{self.libraries}:{self.libraries / 'asterisk'}"
        program = str(self.root / "usr" / "sbin" / "asterisk")
        return [str(loader), "--library-path", path, program, *arguments]

    def version(self) -> str:
        """Its version, such as ``22.10.1``; raises ``OSError`` when it does not run."""
        try:
            said = subprocess.run(
                self.command("-V"), capture_output=True, text=True, timeout=30, check=True
            ).stdout
        except (StopIteration, subprocess.SubprocessError) as error:
            raise OSError(f"Asterisk in {self.root} does not run: {error}") from error
        found = re.search(r"Asterisk (\d+(?:\.\d+)+)", said)
        if not found:
            raise OSError(f"Asterisk in {self.root} names no version: {said.strip()!r}")
        return found[1]

    def check(self) -> str:
        """Its version; raises ``OSError`` when the worker could not use it."""
        version = self.version()
        if tuple(map(int, version.split(".")[:2])) < MINIMUM_VERSION:
            wanted = ".".join(map(str, MINIMUM_VERSION))
            raise OSError(f"Asterisk {version} is too old: {wanted} or newer is needed")
        if not (self.modules / "chan_websocket.so").exists():
            raise OSError(f"Asterisk {version} in {self.root} has no chan_websocket")
        return version


def cache_folder() -> Path:
    """Where downloads are kept between clones; not created here."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "metrotech-voice"


def installed_tree() -> AsteriskTree | None:
    """The newest tree in the cache; a tree is there only when it was unpacked completely."""
    found = cache_folder().glob(f"asterisk-*-{SUITE}/usr/sbin/asterisk")
    trees = sorted(found, key=lambda program: program.stat().st_ctime)
    return AsteriskTree(trees[-1].parents[2]) if trees else None
