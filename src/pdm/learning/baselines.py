"""What a model has to beat: the average, and age alone.

The age-only model is a Weibull distribution fitted to lives with left truncation (an asset may be older than the data)
and right censoring. A model that is not better than this has learnt nothing from the sensors.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pdm.learning.model import Floats
from pdm.learning.targets import Bools, Labels

_SHORTEST = 1e-6


@dataclass(frozen=True)
class Weibull:
    """P(life > t) = exp(-(t / scale) ** shape)."""

    shape: float
    scale: float

    def failure_within(self, age: Floats, horizon: float) -> Floats:
        """P(failure within `horizon`) of a life that has reached `age`."""
        start = np.maximum(age, 0.0) / self.scale
        end = (np.maximum(age, 0.0) + horizon) / self.scale
        return -np.expm1(start**self.shape - end**self.shape)

    def mean_remaining(self, age: Floats, cap: float) -> Floats:
        """The mean of min(remaining life, cap) at `age`."""
        steps = np.linspace(0.0, cap, 41)
        alive = np.column_stack([1.0 - self.failure_within(age, step) for step in steps])
        return np.asarray((alive[:, 1:] + alive[:, :-1]) / 2 @ np.diff(steps), dtype=np.float64)


def fit_weibull(entry: Floats, end: Floats, failed: Bools) -> Weibull:
    """The most likely Weibull: lives seen from age `entry` to age `end`, which ended in failure or were censored.

    >>> random = np.random.default_rng(1)
    >>> lives = 100 * random.weibull(2.0, 4000)
    >>> found = fit_weibull(np.zeros(4000), lives, np.ones(4000, dtype=bool))
    >>> round(found.shape, 1), round(found.scale / 10)
    (2.0, 10)
    """
    from scipy.optimize import minimize

    end = np.maximum(end, entry + _SHORTEST)
    unit = float(end.mean())
    entry, end = entry / unit, end / unit

    def cost(parameters: Floats) -> float:
        shape, scale = np.exp(parameters)
        hazard = np.log(shape / scale) + (shape - 1) * np.log(end[failed] / scale)
        lived = (end / scale) ** shape - (entry / scale) ** shape
        return float(lived.sum() - hazard.sum()) / len(end)

    start = np.log([1.0, max(float((end - entry).sum()) / max(int(failed.sum()), 1), _SHORTEST)])
    best = minimize(cost, start, method="L-BFGS-B", bounds=[(-1.6, 2.3), (-9.0, 9.0)]).x
    return Weibull(float(np.exp(best[0])), float(np.exp(best[1])) * unit)


def age_only(labels: Labels, rows: Bools) -> Weibull:
    """The Weibull of the lives seen in these rows: each from the first row's age to its end."""
    rows = rows & labels.kept
    _, index = np.unique(labels.life[rows], return_inverse=True)
    age, remaining = labels.age[rows], labels.remaining[rows]
    entry = np.full(index.max() + 1, np.inf)
    np.minimum.at(entry, index, age)
    end, failed = np.zeros_like(entry), np.zeros(len(entry), dtype=bool)
    np.maximum.at(end, index, age + remaining)
    np.logical_or.at(failed, index, labels.observed[rows])
    return fit_weibull(np.maximum(entry, 0.0), end, failed)
