"""The settings that operators change while calls go on."""

import json
import logging
import os
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.errors import SettingError
from bot.settings import Settings

log = logging.getLogger(__name__)

LIVE_SETTINGS_PATH = Path("data/settings.json")


class LiveSettings(BaseModel):
    """One consistent set of search and model settings; the names are contract.md's."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kb_top_k: int = Field(ge=1, le=20)
    kb_fallback_threshold: float = Field(ge=0, le=1)
    llm_model_primary: str = Field(min_length=1, max_length=200)
    llm_model_fallback: str = Field(max_length=200)
    """Empty when there is no second model."""
    llm_temperature: float = Field(ge=0, le=2)

    @property
    def models(self) -> tuple[str, ...]:
        """The models to try, in order, each once."""
        return tuple(
            dict.fromkeys(m for m in (self.llm_model_primary, self.llm_model_fallback) if m)
        )


class LiveSettingsSource:
    """The settings in force: the environment's, overridden by what operators saved.

    The file is re-read when it changed, so that an edit applies to the next turn without a
    restart. A broken file is said once in the log and the settings before it stay in force.
    """

    def __init__(self, settings: Settings, path: Path = LIVE_SETTINGS_PATH) -> None:
        self._defaults = {name: getattr(settings, name) for name in LiveSettings.model_fields}
        self._path = path
        self._lock = threading.Lock()
        self._stamp: tuple[int, int, int] | None = None
        self._current = _checked(self._defaults, "environment")

    def current(self) -> LiveSettings:
        """The settings for a turn that starts now."""
        with self._lock:
            stamp = self._read_stamp()
            if stamp != self._stamp:
                self._reload(stamp)
            return self._current

    def save(self, changes: Mapping[str, object]) -> LiveSettings:
        """Check and store ``changes`` on top of what is in force; returns the result.

        Raises :class:`SettingError` that names the first wrong field; nothing is stored then.
        """
        merged = _checked({**self.current().model_dump(), **changes}, "settings")
        _write_atomically(self._path, merged.model_dump_json(indent=2))
        return self.current()

    def _read_stamp(self) -> tuple[int, int, int] | None:
        try:
            stat = self._path.stat()
        except OSError:
            return None
        return stat.st_mtime_ns, stat.st_size, stat.st_ino

    def _reload(self, stamp: tuple[int, int, int] | None) -> None:
        self._stamp = stamp
        try:
            saved = _read_saved(self._path) if stamp else {}
            self._current = _checked({**self._defaults, **saved}, str(self._path))
        except SettingError as error:
            log.warning("live_settings refused=%s", error)


def _read_saved(path: Path) -> dict[str, object]:
    try:
        saved = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingError(f"{path}: cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise SettingError(f"{path}: is not JSON in UTF-8") from error
    if not isinstance(saved, dict):
        raise SettingError(f"{path}: is not a JSON object")
    return saved


def _checked(values: Mapping[str, object], where: str) -> LiveSettings:
    try:
        return LiveSettings.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise SettingError(f"{where}: {field}: {first['msg']}") from None


def _write_atomically(path: Path, text: str) -> None:
    """Readers see the old file or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
