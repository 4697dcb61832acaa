"""A small logistic regression that keeps near a prior and never turns a sign round."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

_STEPS = 2000
_SMALLEST = 1e-6


@dataclass(frozen=True)
class Curve:
    """P(true) = 1 / (1 + exp(-(offset + weights · (x - means) / deviations)))."""

    means: tuple[float, ...]
    deviations: tuple[float, ...]
    weights: tuple[float, ...]
    offset: float


def fit_curve(true: Numbers, false: Numbers, prior: Numbers, strength: float) -> Curve:
    """The curve between two samples, one row for each example and a column for each sign.

    Both samples weigh the same however many rows they have, so 0.5 means even chances, and
    together no more than twice the smaller: of few examples little is learnt. Weights are for
    standardised signs and at least nought; ``strength`` / 2 is what leaving the ``prior`` by
    one costs, in examples. Nesterov's accelerated gradient with steps of 1 / L, L the largest
    curvature possible (Nesterov 2004, 2.2.4).
    """
    rows, sizes = np.concatenate([true, false]), [len(true), len(false)]
    share = np.repeat([0.5 / size for size in sizes], sizes)
    means = share @ rows
    deviations = np.maximum(np.sqrt(share @ (rows - means) ** 2), _SMALLEST)
    x = np.hstack([(rows - means) / deviations, np.ones((len(rows), 1))])
    target, weight = np.repeat([1.0, 0.0], sizes), share * 2 * min(sizes)
    start, pull = np.append(prior, 0.0), np.append(np.full(len(prior), strength), 0.0)
    step = 1 / (0.25 * float(np.linalg.norm((x.T * weight) @ x, 2)) + strength)
    found, ahead = start, start
    for turn in range(_STEPS):
        p = 1 / (1 + np.exp(-np.clip(x @ ahead, -50, 50)))
        following = ahead - step * (x.T @ (weight * (p - target)) + pull * (ahead - start))
        following[:-1] = np.maximum(following[:-1], 0.0)
        ahead = following + turn / (turn + 3) * (following - found)
        found = following
    return Curve(_tuple(means), _tuple(deviations), _tuple(found[:-1]), float(found[-1]))


def _tuple(values: Numbers) -> tuple[float, ...]:
    return tuple(float(value) for value in values)
