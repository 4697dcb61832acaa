"""What is known of a release: ``release.json``."""

import getpass
import os
from datetime import UTC, datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from bot.errors import ChangeError
from bot.wrongfield import first_wrong_field

RECORD_FILE = "release.json"
_ONE_LINE = r"^[^\x00-\x1f\x7f\u2028\u2029]*$"


class Author(BaseModel):
    """Who publishes, and why. One line each: they are shown in lists and in the log."""

    model_config = ConfigDict(frozen=True, str_strip_whitespace=True)

    name: str = Field(min_length=1, max_length=100, pattern=_ONE_LINE)
    note: str = Field(default="", max_length=500, pattern=_ONE_LINE)


class ReleaseRecord(BaseModel):
    """One release, without its content. Never changes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: int = Field(ge=1)
    author: str
    published_at: AwareDatetime
    """UTC."""
    note: str
    changes: tuple[str, ...]
    """What is other than in the release before, in Russian, a line each."""
    again: int | None
    """The older release whose content this one brings back."""
    build_id: str
    """The index it was published with."""
    files: dict[str, str]
    """SHA-256 of each of its files but this one."""


def signed(author: str, note: str) -> Author:
    """Check who publishes and why; :class:`ChangeError` says what is wrong with it."""
    try:
        return Author(name=author, note=note)
    except ValidationError as error:
        raise ChangeError(f"автор или пояснение: {first_wrong_field(error)}") from error


def in_utc(at: datetime) -> datetime:
    """The time as records keep it, to the second."""
    return at.astimezone(UTC).replace(microsecond=0)


def os_user() -> str:
    """Who runs this program, by the system's name or else its number."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"
