"""Install the Debian packages that are missing: ``python3 -m tests.lab.system_packages``.

Standard library only; runs before the virtual environment, with the Python that will make
it. Needs root only when something is missing, and says exactly what when it is not root.
"""

import fcntl
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

LIST = Path(__file__).parent / "packages.txt"
OLDEST_PYTHON = (3, 11)
LOCKED_FOLDER = "/var/lib/apt"
LOCK_TIMEOUT_S = 600


def wanted_packages() -> list[str]:
    """The listed packages, and what this Python lacks to make a virtual environment."""
    lines = (line.partition("#")[0].strip() for line in LIST.read_text("utf-8").splitlines())
    packages = [line for line in lines if line]
    if importlib.util.find_spec("ensurepip") is None:
        packages.append(f"python{sys.version_info.major}.{sys.version_info.minor}-venv")
    return packages


def missing_packages() -> list[str]:
    """Those of :func:`wanted_packages` that are not installed."""
    return [package for package in wanted_packages() if not _is_installed(package)]


def main() -> None:
    """Check Python and install what is missing."""
    if sys.version_info < OLDEST_PYTHON:
        wanted = ".".join(map(str, OLDEST_PYTHON))
        sys.exit(
            f"[packages] Python {wanted} or newer is needed, python3 is "
            f"{sys.version.split()[0]}: name another with make PYTHON=/path/to/python3"
        )
    if shutil.which("dpkg-query") is None:
        sys.exit(f"[packages] not a Debian machine: install yourself {' '.join(wanted_packages())}")
    missing = missing_packages()
    if missing and os.geteuid() != 0:
        sys.exit(
            "[packages] missing, and only root can install them:\n"
            f"  sudo apt-get update && sudo apt-get install -y --no-install-recommends "
            f"{' '.join(missing)}"
        )
    if missing:
        _install()
    _say("all Debian packages are installed")


def _install() -> None:
    """Install what is missing, after anybody else on this machine who does the same."""
    folder = os.open(LOCKED_FOLDER, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    packages = missing_packages()
    if packages:
        _say(f"installing {' '.join(packages)} (a minute or two)")
        _apt("update")
        _apt("install", "-y", "--no-install-recommends", *packages)
    os.close(folder)
    still = missing_packages()
    if still:
        sys.exit(f"[packages] still missing after installing: {' '.join(still)}")


def _apt(*arguments: str) -> None:
    command = ["apt-get", "-q", "-o", f"DPkg::Lock::Timeout={LOCK_TIMEOUT_S}", *arguments]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()[-6:]
        sys.exit("[packages] " + " ".join(command) + " failed:\n" + "\n".join(said))


def _is_installed(package: str) -> bool:
    asked = subprocess.run(
        ["dpkg-query", "-W", "-f=${db:Status-Status}", package],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return asked.stdout == "installed"


def _say(text: str) -> None:
    print(f"[packages] {text}", flush=True)


if __name__ == "__main__":
    main()
