"""What two releases do differently, in the operators' words."""

import difflib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.releases.content import Content, parsed_json
from bot.retrieval import BASES, Base

BASE_NAMES: dict[Base, str] = {"general": "общая база", "tech": "техническая база"}
PROMPTS_NAME = "подсказки"
SETTINGS_NAME = "настройки"
_UNSET = "как в окружении"


@dataclass(frozen=True)
class Difference:
    """One part of two releases that differs: its name in Russian and the lines of a diff."""

    part: str
    lines: tuple[str, ...]


def differences(old: Content, new: Content) -> list[Difference]:
    """The parts that differ: unified diffs of texts, old and new values of settings."""
    found = [Difference(BASE_NAMES[kb], _diff(old.bases[kb], new.bases[kb])) for kb in BASES]
    found.append(Difference(PROMPTS_NAME, _diff(_laid_out(old.prompts), _laid_out(new.prompts))))
    found.append(Difference(SETTINGS_NAME, tuple(_settings(old.settings, new.settings))))
    return [difference for difference in found if difference.lines]


def summary(old: Content, new: Content) -> tuple[str, ...]:
    """The same in short, a line for each part that differs."""
    return tuple(_short(difference, old, new) for difference in differences(old, new))


def _short(difference: Difference, old: Content, new: Content) -> str:
    if difference.part == SETTINGS_NAME:
        return f"{SETTINGS_NAME}: {', '.join(difference.lines)}"
    if difference.part == PROMPTS_NAME and (names := _changed_prompts(old, new)):
        return f"{PROMPTS_NAME}: {', '.join(names)}"
    added = sum(line.startswith("+") for line in difference.lines[2:])
    removed = sum(line.startswith("-") for line in difference.lines[2:])
    return f"{difference.part}: строк +{added} −{removed}"


def _changed_prompts(old: Content, new: Content) -> list[str]:
    before, after = parsed_json(old.prompts), parsed_json(new.prompts)
    if not isinstance(before, dict) or not isinstance(after, dict):
        return []
    return [name for name in {**before, **after} if before.get(name) != after.get(name)]


def _laid_out(prompts: str) -> str:
    """A prompts file as all of them are laid out, so that only what it says is compared."""
    parsed = parsed_json(prompts)
    return prompts if isinstance(parsed, str) else json.dumps(parsed, ensure_ascii=False, indent=2)


def _diff(old: str, new: str) -> tuple[str, ...]:
    if old == new:
        return ()
    lines = difflib.unified_diff(
        old.splitlines(), new.splitlines(), "было", "стало", n=2, lineterm=""
    )
    return tuple(lines)


def _settings(old: Mapping[str, object], new: Mapping[str, object]) -> Iterator[str]:
    for name in sorted({*old, *new}):
        before, after = old.get(name, _UNSET), new.get(name, _UNSET)
        if before != after:
            yield f"{name} {before} → {after}"
