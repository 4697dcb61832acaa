"""Whether calls can be recorded: a folder that can be written, and room on its disk."""

import shutil
from pathlib import Path
from typing import Final

from bot.audio import BYTES_PER_S
from bot.checks.check import Check
from bot.errors import SettingError
from bot.recording.folder import FILE_MODE, RecordingFolder
from bot.recording.wav import CHANNELS
from bot.settings import Settings

_LEAST_HOURS: Final = 5.0
"""Of talk, while it goes on: twenty calls of a quarter of an hour at once."""
_PROBE: Final = ".probe"


def recordings_check(settings: Settings) -> Check:
    """Nothing to look at while calls are not recorded; without recordings calls are served too."""
    return Check(
        "recordings", "Записи разговоров", _look,
        "освободите место на диске или укажите другую папку: RECORDINGS_PATH; срок хранения — "
        "RETENTION_DAYS_RECORDINGS",
        needed=False,
        unused="" if settings.record_calls else "запись выключена: RECORD_CALLS",
    )  # fmt: skip


def _look(settings: Settings) -> str:
    path = settings.recordings_path
    _write(path)
    hours = shutil.disk_usage(path).free / (3600 * CHANNELS * BYTES_PER_S)
    if hours < _LEAST_HOURS:
        raise SettingError(
            f"места на диске — на {hours:.0f} ч разговора, нужно хотя бы на {_LEAST_HOURS:.0f}"
        )
    return f"места не меньше чем на {hours:.0f} ч разговора"


def _write(path: Path) -> None:
    """Make a file there and take it away; raises ``OSError``."""
    RecordingFolder(path).make()
    probe = path / _PROBE
    probe.touch(FILE_MODE)
    probe.unlink()
