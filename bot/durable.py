"""Files that are whole after a power cut: written, synced, and put in place by one rename."""

import os
from pathlib import Path


def write_new(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Write a file that must not exist yet; it is on the disk when this returns."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def write_beside(path: Path, data: bytes) -> Path:
    """Write what shall replace ``path`` into a hidden file in its folder; returns that file.

    The file has the mode of ``path`` (or that of a new file). :func:`put_in_place` ends it; what
    a crash left of an earlier one is overwritten. For one writer at a time.
    """
    beside = path.with_name(f".{path.name}.new")
    beside.unlink(missing_ok=True)
    try:
        write_new(beside, data)
        if path.exists():
            beside.chmod(path.stat().st_mode & 0o777)
    except OSError:
        beside.unlink(missing_ok=True)  # a part of it would only keep a full disk full
        raise
    return beside


def put_in_place(beside: Path, path: Path) -> None:
    """Rename; readers see the old file or the new one, never a part."""
    beside.replace(path)
    sync_folder(path.parent)


def point_link(link: Path, target: Path) -> None:
    """Make ``link`` a symbolic link to ``target`` by one rename."""
    beside = link.with_name(f".{link.name}")
    beside.unlink(missing_ok=True)
    beside.symlink_to(target)
    put_in_place(beside, link)


def sync_folder(folder: Path) -> None:
    """The names in a folder are on the disk when this returns."""
    _sync(folder, os.O_RDONLY | os.O_DIRECTORY)


def sync_file(path: Path) -> None:
    """What others have written into a file is on the disk when this returns."""
    _sync(path, os.O_RDONLY)


def _sync(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
