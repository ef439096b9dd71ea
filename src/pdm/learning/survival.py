"""The distribution of remaining life from P(failure within h) on a grid of horizons: mean, quantiles, conformal bounds.

One object answers every question: the chance of failing before the next shutdown, the expected remaining life, and an
interval for it. Only numpy, because scoring uses it too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pdm.learning.model import Floats, RemainingLifeArrays

LOW, HIGH = 0.05, 0.95
BAND_SHARES = (0.16, 0.32, 0.64, 0.88)
"""Where the bands of predicted remaining life end, as shares of the cap: 20, 40, 80 and 110 of 125 cycles."""


def monotone(probabilities: Floats) -> Floats:
    """P(failure within h) [n, g] made non-decreasing in h by the cumulative maximum.

    >>> monotone(np.array([[0.1, 0.05, 0.4]])).tolist()
    [[0.1, 0.1, 0.4]]
    """
    return np.maximum.accumulate(probabilities, axis=1)


def mean_life(grid: Floats, probabilities: Floats, cap: float) -> Floats:
    """The mean of min(remaining life, cap): the integral of 1 - P from 0 to the cap, P linear between grid horizons.

    >>> mean_life(np.array([10.0]), np.array([[0.0], [1.0]]), 20.0).tolist()
    [20.0, 5.0]
    """
    points, curve = _with_ends(grid, probabilities, cap)
    alive = 1.0 - curve
    # A sum per row, not a matrix product: one row must get the same answer alone and among others, to the last bit.
    return np.asarray(((alive[:, 1:] + alive[:, :-1]) / 2 * np.diff(points)).sum(axis=1), dtype=np.float64)


def quantile(grid: Floats, probabilities: Floats, cap: float, level: float) -> Floats:
    """The horizon by which failure has come with probability `level`; the cap where it never gets that likely."""
    points, curve = _with_ends(grid, probabilities, cap)
    reached = curve >= level
    after = np.argmax(reached, axis=1)
    rows = np.arange(len(curve))
    low, high = curve[rows, np.maximum(after - 1, 0)], curve[rows, after]
    share = np.divide(level - low, high - low, out=np.zeros_like(low), where=high > low)
    left = points[np.maximum(after - 1, 0)]
    return np.where(reached.any(axis=1), left + share * (points[after] - left), cap)


def remaining_life(
    grid: Floats,
    probabilities: Floats,
    point: Floats | None,
    cap: float,
    conformal: Sequence[Mapping[str, float]] | None = None,
) -> RemainingLifeArrays:
    """Remaining life from the curve P(failure within h) and the point forecast.

    mean: average of the curve's mean and the point forecast, where there is one.
    low, high: 5 % and 95 % quantiles of the curve, conformally corrected; they always enclose mean and median.
    """
    mean = mean_life(grid, probabilities, cap)
    if point is not None:
        mean = np.clip((mean + point) / 2, 0.0, cap)
    median, low, high = (quantile(grid, probabilities, cap, level) for level in (0.5, LOW, HIGH))
    if conformal:
        low, high = widen(low, high, mean, cap, conformal)
    return enclosing(mean, median, low, high, cap)


def enclosing(mean: Floats, median: Floats, low: Floats, high: Floats, cap: float) -> RemainingLifeArrays:
    """The arrays with bounds that hold mean and median between them."""
    return RemainingLifeArrays(
        mean, median, np.minimum.reduce([low, mean, median]), np.maximum.reduce([high, mean, median]), cap
    )


def band(predicted: Floats, cap: float) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Number of the band in which each predicted remaining life lies."""
    return np.searchsorted(np.array(BAND_SHARES) * cap, predicted, side="right").astype(np.int64)


def widen(
    low: Floats, high: Floats, predicted: Floats, cap: float, conformal: Sequence[Mapping[str, float]]
) -> tuple[Floats, Floats]:
    """The bounds corrected by band of the prediction and clipped to [0, cap]."""
    bands = band(predicted, cap)
    lower = np.array([entry["lower"] for entry in conformal])[bands]
    upper = np.array([entry["upper"] for entry in conformal])[bands]
    return np.clip(low - lower, 0.0, cap), np.clip(high + upper, 0.0, cap)


def _with_ends(grid: Floats, probabilities: Floats, cap: float) -> tuple[Floats, Floats]:
    """The curve from (0, 0) to the cap, flat after the last grid horizon."""
    points = np.concatenate([[0.0], grid, [cap]])
    zero = np.zeros((len(probabilities), 1))
    return points, np.hstack([zero, probabilities, probabilities[:, -1:]])
