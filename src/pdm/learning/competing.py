"""Several ways to fail race each other: the chance that this one comes first.

A mode's own model treats the other modes as censoring and so answers "if nothing else happened". Where something else can happen,
1 - Kaplan-Meier overstates every mode, and the stated chances add up to more than the chance of failing at all. The cumulative
incidence does not: with cause-specific hazards H_k over an interval, mode k takes the share H_k / sum(H) of what fails in it
(Kalbfleisch and Prentice 1980; for counted lives Aalen and Johansen 1978).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from pdm.learning.model import Floats
from pdm.learning.targets import Ints

_MOST = 1 - 1e-12


def first_to_fail(alone: Mapping[str, Floats]) -> dict[str, Floats]:
    """P(failure of this mode comes first within h), from P(failure within h) of every mode alone; arrays [n] or [n, horizons].

    Over several rising horizons hazards are taken interval by interval.

    >>> both = first_to_fail({"wear": np.array([0.5]), "leak": np.array([0.5])})
    >>> [round(float(chance[0]), 3) for chance in both.values()]
    [0.375, 0.375]
    """
    names = list(alone)
    curves = [np.asarray(alone[name], dtype=np.float64) for name in names]
    flat = curves[0].ndim == 1
    stacked = np.stack([curve[:, None] if flat else curve for curve in curves])
    hazard = -np.log1p(-np.minimum(np.maximum.accumulate(stacked, axis=2), _MOST))
    steps = np.diff(hazard, axis=2, prepend=0.0)
    total = steps.sum(axis=0)
    alive = np.exp(-np.cumsum(total, axis=1))
    before = np.hstack([np.ones((alive.shape[0], 1)), alive[:, :-1]])
    share = np.divide(steps, total, out=np.zeros_like(steps), where=total > 0)
    incidence = np.cumsum(share * (before - alive), axis=2)
    return {name: incidence[place, :, 0] if flat else incidence[place] for place, name in enumerate(names)}


def aalen_johansen(duration: Floats, cause: Ints, horizon: float) -> dict[int, float]:
    """The share of lives that ended of each cause within `horizon`, with censored lives counted while they were seen.

    duration: how long each life was seen [lives]. cause: what ended it, 0 where it was censored.

    >>> aalen_johansen(np.array([1.0, 2.0, 3.0, 4.0]), np.array([1, 2, 0, 1]), 10.0)
    {1: 0.75, 2: 0.25}
    """
    found = incidence_seen(duration, cause, np.array([horizon]), np.ones(len(duration)))
    return {name: float(shares[0]) for name, shares in found.items()}


def incidence_seen(duration: Floats, cause: Ints, horizons: Floats, weight: Floats) -> dict[int, Floats]:
    """Aalen and Johansen's estimate at several horizons, [h] per cause; weight: how much each life counts [lives]."""
    moments, place = np.unique(duration, return_inverse=True)
    size = len(moments)
    left = np.cumsum(np.bincount(place, weight, size)[::-1])[::-1]
    failing = {
        int(name): np.bincount(place[cause == name], weight[cause == name], size) for name in np.unique(cause) if name
    }
    every = np.sum(list(failing.values()), axis=0) if failing else np.zeros(size)
    rate = np.divide(every, left, out=np.zeros(size), where=left > 0)
    alive = np.concatenate([[1.0], np.cumprod(1.0 - np.minimum(rate, 1.0))])
    reached = np.searchsorted(moments, horizons, side="right")
    found = {}
    for name, here in failing.items():
        come = np.cumsum(alive[:-1] * np.divide(here, left, out=np.zeros(size), where=left > 0))
        found[name] = np.concatenate([[0.0], come])[reached]
    return found
