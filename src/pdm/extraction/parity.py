"""Where our values may differ from tsfresh's, and why: everywhere else the oracle tests hold both equal.

A feature's name is a promise of its value, so tsfresh's definitions stay, odd ones included. Only where its answer is made of
rounding errors, depends on the processor or on which other columns were asked for, ours is the right and reproducible one, and
has a test of its own against exact arithmetic.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Deviation:
    """One way in which a calculator deviates.

    columns: a pattern of the names it concerns, after the kind. windows: a pattern of the kinds of window ("ramp", "constant",
    "far from zero" ...) on which tsfresh's own value cannot be the yardstick. reason: a sentence for the documentation.
    """

    columns: str
    windows: str
    reason: str


DEVIATIONS: tuple[Deviation, ...] = (
    Deviation(
        "ar_coefficient",
        "far from zero",
        "tsfresh does not centre its columns and loses up to nine digits where the level dwarfs its movement",
    ),
    Deviation(
        "augmented_dickey_fuller",
        "far from zero",
        "tsfresh does not centre its columns and loses up to nine digits where the level dwarfs its movement",
    ),
    Deviation(
        "augmented_dickey_fuller",
        "ramp",
        "where nothing is left to explain (a straight ramp, a pure sine) there is no test statistic: NaN; tsfresh divides rounding errors",
    ),
    Deviation(
        "friedrich_coefficients|max_langevin_fixed_point",
        "far from zero",
        "cubes of the raw level leave tsfresh no digits; here the level is centred first, and the answer is NaN where that cannot help",
    ),
    Deviation(
        "max_langevin_fixed_point",
        "ramp",
        "a drift that is the same everywhere has no fixed point (NaN); tsfresh finds the roots of rounding errors",
    ),
    Deviation(
        'linear_trend_timewise__attr_"stderr"|agg_linear_trend__attr_"stderr"',
        "ramp",
        "tsfresh takes the root of 1 - r², half of whose digits are gone on a straight line; here it follows from the residuals",
    ),
    Deviation(
        "permutation_entropy",
        "ties",
        "tsfresh orders equal values by an unstable sort that depends on the processor; here the earlier counts as the smaller",
    ),
    Deviation(
        "number_cwt_peaks",
        "ties",
        "where two neighbours of the transform are equal, tsfresh lets their rounding errors decide whether one is a peak; here none is",
    ),
)


def excepted(column: str, window: str) -> bool:
    """Whether tsfresh's value of a column is no yardstick on such a window.

    >>> excepted("s__mean", "ramp, 30")
    False
    """
    name = column.partition("__")[2]
    return any(re.match(d.columns, name) and re.match(d.windows, window) for d in DEVIATIONS)


_BY_ENERGY = ("fft_coefficient", "cwt_coefficients")
_BY_ONE = ("fft_aggregated",)


def scale_words(calculator: str) -> str:
    """What `scale` measures by, in words."""
    if calculator in _BY_ENERGY:
        return "root sum of squares"
    return "1" if calculator in _BY_ONE else "spread"


def scale(column: str, values: npt.NDArray[np.float64]) -> float:
    """What an error of this column is measured by, where the value itself is near zero.

    A coefficient of a transform adds up all values: its scale is their root sum of squares. The shape of a spectrum counts in steps
    of frequency: 1. Everything else: the window's standard deviation, at most 1 (1 for a constant window).
    """
    calculator = column.split("__")[1]
    if calculator in _BY_ENERGY:
        return float(np.sqrt(np.sum(values * values))) or 1.0
    return 1.0 if calculator in _BY_ONE else min(1.0, float(np.std(values))) or 1.0


def agree(column: str, values: npt.NDArray[np.float64], mine: float, reference: float) -> bool:
    """Whether two values of a column are the same: |a - b| <= 1e-9 max(|b|, scale), NaN only with NaN, infinities alike.

    An angle turns by as much as its coefficient is uncertain (1e-9 of the scale, seen from the coefficient), and 360 is 0.
    """
    if math.isnan(mine) or math.isnan(reference) or math.isinf(reference):
        return (math.isnan(mine) and math.isnan(reference)) or mine == reference
    if 'attr_"angle"' in column and "fft_coefficient" in column:
        size = abs(np.fft.rfft(values)[int(column.rpartition("_")[2])])
        turn = abs((mine - reference + 180.0) % 360.0 - 180.0)
        return bool(turn <= 1e-9 * max(360.0, math.degrees(scale(column, values) / max(size, 1e-300))))
    return abs(mine - reference) <= 1e-9 * max(abs(reference), scale(column, values))
