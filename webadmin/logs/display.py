"""Values in an operator's words, as filters of the templates."""

import unicodedata
from datetime import datetime

from bot.records import Stage
from webadmin.logs.dialogue import STAGE_NAMES
from webadmin.services import services

_STATUS_NAMES = {
    "InProgress": ("идёт", "primary"),
    "Completed": ("завершён", "success"),
    "Failed": ("сбой", "danger"),
    "NoInput": ("молчание", "secondary"),
    "Transferred": ("переведён", "info"),
    "Abandoned": ("брошен", "warning"),
}
_KIND_NAMES = {
    "greeting": "приветствие",
    "answer": "ответ",
    "prompt": "подсказка",
    "apology": "извинение",
    "goodbye": "прощание",
    "transfer": "перевод на сотрудника",
}


def status_name(status: str) -> str:
    """How a call ended."""
    return _STATUS_NAMES.get(status, (status, ""))[0]


def status_colour(status: str) -> str:
    """The Bootstrap colour of a status."""
    return _STATUS_NAMES.get(status, ("", "secondary"))[1]


def kind_name(kind: str) -> str:
    """What sort of line the assistant said."""
    return _KIND_NAMES.get(kind, kind)


def stage_name(stage: Stage) -> str:
    """A stage of a turn."""
    return STAGE_NAMES[stage]


def local_time(moment: datetime, pattern: str = "%d.%m.%Y %H:%M:%S") -> str:
    """A moment in the zone of ``TIMEZONE``."""
    return moment.astimezone(services().settings.zone).strftime(pattern)


def duration(seconds: float | None) -> str:
    """Seconds as «1 мин 05 с», «12 с», «—»."""
    if seconds is None:
        return "—"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} ч {minutes:02} мин"
    return f"{minutes} мин {rest:02} с" if minutes else f"{rest} с"


def grouped(number: int) -> str:
    """A number with its thousands apart: «12 345» (no-break spaces)."""
    return f"{number:,}".replace(",", "\u00a0")


def milliseconds(value: float) -> str:
    """Milliseconds as «350 мс» or «1,25 с»."""
    if value < 1000:
        return f"{value:.0f} мс"
    return f"{value / 1000:.2f} с".replace(".", ",")


def megabytes(size: int) -> str:
    """Bytes as «1,2 МБ»."""
    return f"{max(size / 1e6, 0.1):.1f} МБ".replace(".", ",")


def minutes(seconds: float) -> str:
    """Seconds of a recording as «1:05»."""
    whole, rest = divmod(int(seconds), 60)
    return f"{whole}:{rest:02}"


def plain(words: str) -> str:
    """The text with what is not seen, or turns its neighbours round, made visible.

    Control characters and the marks of text direction become U+FFFD, so a caller's number
    cannot rearrange the line it is shown in. Markup is the template's business.
    """
    return "".join("\ufffd" if _is_hidden(character) else character for character in words)


def _is_hidden(character: str) -> bool:
    kind = unicodedata.category(character)
    if kind == "Cf":
        return character != "\u00ad"  # a soft hyphen is only a place to break the line
    return kind in ("Cc", "Cs") and character not in "\n\t"


FILTERS = {
    "duration": duration,
    "grouped": grouped,
    "kind_name": kind_name,
    "local_time": local_time,
    "megabytes": megabytes,
    "milliseconds": milliseconds,
    "minutes": minutes,
    "plain": plain,
    "stage_name": stage_name,
    "status_colour": status_colour,
    "status_name": status_name,
}
