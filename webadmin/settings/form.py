"""The settings as the form has them: what was typed, and what is wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import ValidationError

from bot.livesettings import LiveSettings
from bot.wrongfield import wrong_fields
from webadmin.settings.explained import EXPLAINED, TITLES

THRESHOLD = "kb_fallback_threshold"
LONGEST = 200
"""Characters of a field that are looked at; what is longer is refused."""


@dataclass(frozen=True)
class SettingsForm:
    """The fields of the form.

    ``values`` are texts as typed, ``based_on`` is the release whose settings the operator saw.
    """

    values: Mapping[str, str]
    based_on: int
    problems: Mapping[str, str] = field(default_factory=dict)
    """What is wrong with a field, by its name."""


@dataclass(frozen=True)
class Change:
    """A setting that differs, with both values as operators read them."""

    title: str
    before: str
    after: str


def texts_of(live: LiveSettings) -> dict[str, str]:
    """Settings as the form's fields have them."""
    return {name: in_words(value) for name, value in live.model_dump().items()}


def in_words(value: object) -> str:
    """A value as a Russian reader writes it: 0,2."""
    return f"{value:g}".replace(".", ",") if isinstance(value, float) else str(value)


def typed(fields: Mapping[str, str], unsaid: Mapping[str, str]) -> dict[str, str]:
    """The form's fields, cut at a length nobody means; ``unsaid`` for those that are missing."""
    return {
        name: fields.get(name, unsaid[name]).strip()[: LONGEST + 1]
        for name in LiveSettings.model_fields
    }


def parsed(values: Mapping[str, str]) -> tuple[LiveSettings | None, dict[str, str]]:
    """The settings that the texts mean, or what is wrong with fields, in the page's order."""
    plain = {
        one.name: values[one.name] if one.kind == "model" else values[one.name].replace(",", ".")
        for one in EXPLAINED
    }
    try:
        return LiveSettings.model_validate(plain), {}
    except ValidationError as error:
        wrong = wrong_fields(error)
        return None, {name: wrong[name] for name in TITLES if name in wrong}


def threshold_of(values: Mapping[str, str], live: LiveSettings) -> float:
    """The threshold in the form, whatever its other fields say; if it is none, the present one."""
    wanted, _ = parsed(texts_of(live) | {THRESHOLD: values[THRESHOLD]})
    return (wanted or live).kb_fallback_threshold


def changes_between(before: LiveSettings, after: LiveSettings) -> list[Change]:
    """The settings that differ, in the order of the page."""
    old, new = texts_of(before), texts_of(after)
    return [
        Change(title, old[name], new[name])
        for name, title in TITLES.items()
        if old[name] != new[name]
    ]


def carried_over(
    values: Mapping[str, str], seen: LiveSettings, now: LiveSettings
) -> dict[str, str]:
    """The form over settings that somebody else has changed meanwhile.

    What the operator has not touched follows the others; what they typed stays.
    """
    old, new = texts_of(seen), texts_of(now)
    return {name: new[name] if values[name] == old[name] else values[name] for name in values}
