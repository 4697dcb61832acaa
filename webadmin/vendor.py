"""The assets of others: which versions, and how they get into ``static/vendor/``.

``python -m webadmin.vendor`` takes them from the npm registry that npm is configured for and
writes only files with the pinned contents, so an update is a change of the list below.
"""

import hashlib
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

VENDOR_FOLDER = Path(__file__).parent / "static" / "vendor"


@dataclass(frozen=True)
class Asset:
    """One file of an npm package; ``sha256`` is of the file itself."""

    package: str
    path: str
    sha256: str

    @property
    def stored_at(self) -> Path:
        """Where the admin serves it from."""
        return VENDOR_FOLDER / Path(self.path).name


ASSETS = (
    Asset(
        "htmx.org@2.0.11",
        "dist/htmx.min.js",
        "d6fdc75f204e6bdefa99b69bf1e6d4ac69b8a364f77929f45c13476b4000f717",
    ),
    Asset(
        "bootstrap@5.3.9",
        "dist/css/bootstrap.min.css",
        "9caac977a0af0c2229abd397eee3345899c4020da2a1a0b711c1cc543fe3719d",
    ),
)


def main() -> int:
    """Fetch every asset; 1 and nothing written for a file that is not the pinned one."""
    VENDOR_FOLDER.mkdir(parents=True, exist_ok=True)
    for asset in ASSETS:
        contents = _fetch(asset)
        if hashlib.sha256(contents).hexdigest() != asset.sha256:
            print(f"{asset.package}: {asset.path} is not the pinned file", file=sys.stderr)
            return 1
        asset.stored_at.write_bytes(contents)
        print(f"{asset.stored_at.name} <- {asset.package}")
    return 0


def _fetch(asset: Asset) -> bytes:
    """The file's contents from the package as ``npm pack`` gives it."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["npm", "pack", "--silent", asset.package]
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)  # noqa: S603
        (archive,) = Path(folder).glob("*.tgz")
        with tarfile.open(archive) as files:
            member = files.extractfile(f"package/{asset.path}")
            if member is None:
                raise FileNotFoundError(f"{asset.package}: no file {asset.path}")
            return member.read()


if __name__ == "__main__":
    sys.exit(main())
