"""Percentiles, and one line of the benchmark's table."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np


class NotMetError(Exception):
    """A caller was not greeted, or not answered: what was to be measured did not happen."""


@dataclass(frozen=True)
class Figure:
    """One measured quantity; ``target`` is the issue's, empty when it is only reported."""

    name: str
    unit: str
    p50: float
    p95: float
    count: int
    target: str = ""
    met: bool | None = None

    def as_json(self) -> dict[str, object]:
        return asdict(self)

    def row(self) -> str:
        """A row of a Markdown table."""
        verdict = "" if self.met is None else ("yes" if self.met else "**no**")
        return (
            f"| {self.name} | {self.p50:.4g} {self.unit} | {self.p95:.4g} {self.unit} "
            f"| {self.count} | {self.target} | {verdict} |"
        )


def figure(
    name: str,
    unit: str,
    values: Sequence[float],
    *,
    p50_at_most: float | None = None,
    p95_at_most: float | None = None,
) -> Figure:
    """The figure of ``values`` against its target, if it has one."""
    p50, p95 = (float(value) for value in np.percentile(list(values), (50, 95)))
    if p50_at_most is not None:
        return Figure(
            name, unit, p50, p95, len(values), f"p50 ≤ {p50_at_most:g} {unit}", p50 <= p50_at_most
        )
    if p95_at_most is not None:
        return Figure(
            name, unit, p50, p95, len(values), f"p95 ≤ {p95_at_most:g} {unit}", p95 <= p95_at_most
        )
    return Figure(name, unit, p50, p95, len(values))


def failed(name: str, error: NotMetError) -> Figure:
    """The row of a behaviour that could not be measured, as it was not there."""
    return Figure(f"{name}: {error}", "", 0.0, 0.0, 0, "", met=False)


HEADER = "| figure | p50 | p95 | n | target | met |\n|---|---|---|---|---|---|"
