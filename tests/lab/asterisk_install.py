"""Fetch Asterisk and all it needs into a private folder: ``python3 -m tests.lab.asterisk_install``.

Needs neither root nor an installed package: apt resolves and downloads with state of its
own, and the packages are only unpacked. Standard library only; safe to run twice at once.
"""

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.lab.apt_sources import Archive, debian_archives
from tests.lab.asterisk_tree import (
    NEWEST,
    RELEASES,
    AsteriskTree,
    Release,
    cache_folder,
    installed_tree,
)


def install(release: Release = NEWEST) -> AsteriskTree:
    """The tree of ``release`` in the cache, fetched if it is not there yet.

    Raises ``OSError`` with what to do when it cannot be fetched.
    """
    with _lock():
        for torn in cache_folder().glob("asterisk-partial-*"):
            shutil.rmtree(torn)
        tree = installed_tree(release)
        if tree is None:
            tree = _fetch(release)
        _say(f"{tree.check()} is ready in {tree.root}")
        return tree


def _fetch(release: Release) -> AsteriskTree:
    for tool in ("apt-get", "dpkg-deb"):
        if not shutil.which(tool):
            raise OSError(f"{tool} is needed to fetch Asterisk: a Debian machine is expected")
    with tempfile.TemporaryDirectory(dir=cache_folder(), prefix="asterisk-partial-") as folder:
        work = Path(folder)
        packages = _download(work, release.suite)
        _say(f"unpacking {len(packages)} packages")
        for package in packages:
            _run(["dpkg-deb", "--extract", str(package), str(work / "tree")])
        for unused in ("doc", "man", "locale", "perl"):
            shutil.rmtree(work / "tree" / "usr" / "share" / unused, ignore_errors=True)
        version = AsteriskTree(work / "tree", release).check()
        place = cache_folder() / f"asterisk-{version}-{release.suite}"
        (work / "tree").rename(place)
    return AsteriskTree(place, release)


def _download(work: Path, suite: str) -> list[Path]:
    """The packages of Asterisk's dependency closure, from the first archive that has them."""
    archives = debian_archives()
    if not archives:
        raise OSError("no Debian archive in /etc/apt: add one to the machine's apt sources")
    for archive in archives:
        options = _private_apt(work, archive, suite)
        _say(f"asking this machine's Debian archive for {suite}")
        try:
            _run(["apt-get", *options, "-q", "update"])
            _say("downloading Asterisk and its libraries (about 80 MB)")
            _run(["apt-get", *options, "-q", "-y", "--download-only", "install", "asterisk"])
        except OSError as error:
            failure = error
            continue
        return sorted((work / "apt" / "cache" / "archives").glob("*.deb"))
    raise OSError(f"none of this machine's Debian archives gave Asterisk: {failure}") from failure


def _private_apt(work: Path, archive: Archive, suite: str) -> list[str]:
    """Options that make apt keep everything under ``work`` and believe nothing is installed."""
    apt = work / "apt"
    shutil.rmtree(apt, ignore_errors=True)
    for folder in ("state/lists/partial", "cache/archives/partial"):
        (apt / folder).mkdir(parents=True)
    (apt / "status").touch()
    (apt / "sources.list").write_text(archive.line(suite) + "\n", encoding="utf-8")
    settings = {
        "Dir::State": apt / "state",
        "Dir::State::status": apt / "status",
        "Dir::Cache": apt / "cache",
        "Dir::Etc::sourcelist": apt / "sources.list",
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::Etc::preferences": "/dev/null",
        "Dir::Etc::preferencesparts": "/dev/null",
        "APT::Sandbox::User": "",
        "APT::Install-Recommends": "false",
        "APT::Update::Error-Mode": "any",
        "Acquire::Check-Valid-Until": "false",  # a frozen mirror will do; it is signed
        "Acquire::Languages": "none",
        "Acquire::Retries": "3",
    }
    return [word for name, value in settings.items() for word in ("-o", f"{name}={value}")]


def _run(command: list[str]) -> None:
    """Run it quietly; what it said is in the error."""
    environment = {**os.environ, "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()[-3:]
        raise OSError(f"{command[0]} failed: {' / '.join(said)}")


@contextmanager
def _lock() -> Iterator[None]:
    """Wait for another installation on this machine to finish."""
    cache_folder().mkdir(parents=True, exist_ok=True)
    with (cache_folder() / "asterisk.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _say(text: str) -> None:
    print(f"[asterisk] {text}", flush=True)


def main() -> int:
    """Fetch every release; only the newest is needed for more than its own tests."""
    for release in RELEASES:
        try:
            install(release)
        except OSError as error:
            _say(f"{release.suite}: {error}")
            if release is NEWEST:
                return 1
            _say(f"the tests on the Asterisk of {release.suite} will fail")
    return 0


if __name__ == "__main__":
    sys.exit(main())
