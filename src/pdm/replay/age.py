"""Age replacement: the cheapest age at which an item is replaced whether or not it shows anything, from lives that were observed."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def cheapest_age(
    entry: Floats, leave: Floats, failed: npt.NDArray[np.bool_], unplanned: float, planned: float
) -> float:
    """The replacement age with the lowest cost per unit of time, infinite when letting run is cheapest (Barlow and Hunter 1960).

    cost(T) = (unplanned F(T) + planned S(T)) / integral of S from 0 to T, with S the Kaplan-Meier survival of lives that came
    under observation at age `entry` and left it at age `leave`.

    >>> every = np.array([1.0, 1.0, 1.0, 1.0])
    >>> cheapest_age(np.zeros(4), every, every > 0, unplanned=10.0, planned=1.0)  # all fail at age 1: replace just before
    0.999
    """
    times = np.unique(leave[failed])
    at_risk = ((entry[:, None] < times) & (leave[:, None] >= times)).sum(axis=0)
    died = ((leave[:, None] == times) & failed[:, None]).sum(axis=0)
    survival = np.cumprod(1.0 - died / np.maximum(at_risk, 1))
    # Just before each failure age the risk of all earlier ones has been run, and nothing more of life can be had for it.
    before = np.concatenate([[1.0], survival[:-1]])
    lived = np.cumsum(before * np.diff(times, prepend=0.0))
    rate = (unplanned * (1.0 - before) + planned * before) / lived
    run = unplanned * (1.0 - survival[-1]) / lived[-1]
    rate[at_risk < 2] = np.inf  # the last survivor's age is an accident
    best = int(np.argmin(rate))
    return float(times[best] * 0.999) if rate[best] < run else float("inf")
