"""A process whose wall clock a test can set; its steady clock goes on as ever (libfaketime)."""

from pathlib import Path

_LIBRARIES = "*/faketime/libfaketime.so.1"


class WallClock:
    """``environment`` is added to that of the process; :meth:`step` sets its clock at once."""

    def __init__(self, folder: Path) -> None:
        library = next(iter(Path("/usr/lib").glob(_LIBRARIES)), None)
        if library is None:
            raise RuntimeError("libfaketime is not installed: run make setup")
        self._told = folder / "wall-clock"
        self.step(0)
        self.environment = {
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(self._told),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }

    def step(self, seconds: int) -> None:
        """Let the process believe in a wall clock so far ahead of the machine's."""
        self._told.write_text(f"{seconds:+d}", encoding="utf-8")
