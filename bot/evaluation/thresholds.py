"""The least that is accepted of each figure (``kb/golden.toml``)."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeGuard

from bot.errors import KnowledgeError
from bot.evaluation.figures import Figure
from bot.evaluation.measures import BY_NAME

THRESHOLDS_PATH = Path("kb/golden.toml")
_AT_MOST = "_max"


@dataclass(frozen=True)
class Threshold:
    """What one measure must come to: at least ``value``, or ``at_most``."""

    measure: str
    value: float
    at_most: bool


@dataclass(frozen=True)
class Verdict:
    """A threshold and what was reached; ``figure`` is ``None`` when no question measures it."""

    threshold: Threshold
    figure: Figure | None

    @property
    def met(self) -> bool:
        """Whether it is reached; what was not measured is not."""
        if self.figure is None:
            return False
        value, limit = self.figure.value, self.threshold.value
        return value <= limit if self.threshold.at_most else value >= limit


def read_thresholds(path: Path = THRESHOLDS_PATH) -> tuple[Threshold, ...]:
    """The thresholds of a file, in its order.

    Raises :class:`KnowledgeError` for a file that cannot be read, a measure that does not
    exist, and a value that no figure can be compared with.
    """
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise KnowledgeError(f"{path}: cannot be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise KnowledgeError(f"{path}: is not TOML: {error}") from error
    return tuple(_threshold(path, name, value) for name, value in rows.items())


def judge_thresholds(
    thresholds: Sequence[Threshold], figures: Mapping[str, Figure]
) -> list[Verdict]:
    """Each threshold with the figure it is about."""
    return [Verdict(one, figures.get(one.measure)) for one in thresholds]


def _threshold(path: Path, name: str, value: object) -> Threshold:
    measure = BY_NAME.get(name.removesuffix(_AT_MOST))
    if measure is None or measure.lower_is_better != name.endswith(_AT_MOST):
        known = ", ".join(
            one.name + (_AT_MOST if one.lower_is_better else "") for one in BY_NAME.values()
        )
        raise KnowledgeError(f"{path}: {name}: there is no such threshold, only {known}")
    if not _can_be_reached(value, is_count=measure.is_count):
        wanted = "a count" if measure.is_count else "a share from 0 to 1"
        raise KnowledgeError(f"{path}: {name}: must be {wanted}")
    return Threshold(measure.name, float(value), measure.lower_is_better)


def _can_be_reached(value: object, *, is_count: bool) -> TypeGuard[float]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return value >= 0 and (is_count or value <= 1)
