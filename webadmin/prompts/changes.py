"""What two prompts files do differently, field by field, as a page shows it."""

from collections.abc import Mapping
from difflib import unified_diff
from typing import Any

from bot.releases.comparing import PROMPTS_NAME, Difference
from bot.releases.record import ReleaseRecord
from webadmin.difference import ShownDifference, shown
from webadmin.prompts.fields import title_of
from webadmin.prompts.merging import by_places, changed_places

_CONTEXT_LINES = 2


def shown_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[ShownDifference]:
    """The fields that differ, each with its lines."""
    before, after = by_places(old), by_places(new)
    return [
        shown(Difference(_title(place), _diff(before.get(place), after.get(place))))
        for place in changed_places(dict(old), dict(new))
    ]


def told_changes(record: ReleaseRecord) -> list[str]:
    """What a release changed in the prompts, by the names that operators know."""
    beginning = f"{PROMPTS_NAME}: "
    found = (line.removeprefix(beginning) for line in record.changes if line.startswith(beginning))
    return [title_of(name) for names in found for name in names.split(", ")]


def _title(place: str) -> str:
    if place.endswith(".answer"):
        return f"{title_of(place)}, ответ"
    if place.endswith(".phrases"):
        return f"{title_of(place)}, фразы"
    return title_of(place)


def _diff(old: object, new: object) -> tuple[str, ...]:
    lines = unified_diff(
        _lines(old), _lines(new), "было", "стало", n=_CONTEXT_LINES, lineterm=""
    )  # fmt: skip
    return tuple(lines)


def _lines(value: object) -> list[str]:
    if isinstance(value, list):
        return [str(line) for line in value]
    return [] if value is None else str(value).splitlines()
