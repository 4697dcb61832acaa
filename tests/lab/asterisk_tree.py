"""An Asterisk unpacked into a folder: where its parts are, and how it starts from there.

It runs under its own loader and libraries, so the machine's own suite does not matter
(testing.md). Standard library only: the installer runs before the virtual environment.
"""

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

LIBRARY_FOLDERS = (
    "usr/lib/*-linux-gnu*", "lib/*-linux-gnu*", "usr/lib", "usr/lib/*-linux-gnu*/asterisk",
    "usr/lib/asterisk/modules",
)  # fmt: skip
"""Where a tree may keep libraries, in the order in which they are searched."""


@dataclass(frozen=True)
class Release:
    """An Asterisk of one Debian suite: at least this version, with this module."""

    suite: str
    minimum: tuple[int, int]
    module: str


NEWEST = Release("sid", (22, 8), "chan_websocket.so")
"""The only Debian suite with an Asterisk that has chan_websocket (protocols.md, 3.1)."""
OLDEST = Release("bullseye", (16, 6), "chan_rtp.so")
"""The oldest that the worker can use: RTP by externalMedia, and nothing else."""
RELEASES = (NEWEST, OLDEST)


@dataclass(frozen=True)
class AsteriskTree:
    """The unpacked packages of ``release`` under ``root``."""

    root: Path
    release: Release = NEWEST

    @property
    def libraries(self) -> list[Path]:
        """The folders of the libraries; before 22, Debian kept them in several."""
        return [folder for pattern in LIBRARY_FOLDERS for folder in self.root.glob(pattern)]

    @property
    def modules(self) -> Path:
        """The folder of the loadable modules."""
        return next(self.root.glob("usr/lib/**/asterisk/modules"))

    @property
    def data(self) -> Path:
        """``astdatadir``: documentation, REST descriptions, sounds."""
        return self.root / "usr" / "share" / "asterisk"

    def command(self, *arguments: str) -> list[str]:
        """The command line that runs this Asterisk with ``arguments``."""
        libraries = self.libraries
        loader = next(file for folder in libraries for file in folder.glob("ld-linux-*.so.*"))
        path = ":".join(map(str, libraries))
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
        """Its version; raises ``OSError`` when it is not what its release promises."""
        version = self.version()
        if tuple(map(int, version.split(".")[:2])) < self.release.minimum:
            wanted = ".".join(map(str, self.release.minimum))
            raise OSError(f"Asterisk {version} is too old: {wanted} or newer is needed")
        if not (self.modules / self.release.module).exists():
            raise OSError(f"Asterisk {version} in {self.root} has no {self.release.module}")
        return version


def cache_folder() -> Path:
    """Where downloads are kept between clones; not created here."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "metrotech-voice"


def installed_tree(release: Release = NEWEST) -> AsteriskTree | None:
    """The newest tree of ``release`` in the cache; one is there only when it is complete."""
    found = cache_folder().glob(f"asterisk-*-{release.suite}/usr/sbin/asterisk")
    trees = sorted(found, key=lambda program: program.stat().st_ctime)
    return AsteriskTree(trees[-1].parents[2], release) if trees else None
