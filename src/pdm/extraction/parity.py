"""Where our values may differ from tsfresh's, and why: everywhere else the oracle tests hold both equal.

A feature's name is a promise of its value, so tsfresh's definitions stay, odd ones included. Only where its answer is made of
rounding errors, depends on the processor or on which other columns were asked for, ours is the right and reproducible one, and
has a test of its own against exact arithmetic.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def _constant(values: Floats) -> bool:
    """All the same, and of a value whose sums round: a multiple of 1/1024 adds up exactly, 0.1 does not."""
    return bool(values.min() == values.max()) and Fraction(float(values[0])).denominator > 1024


def _far(values: Floats) -> bool:
    return bool(abs(np.mean(values)) > 8.0 * np.std(values)) and bool(values.min() < values.max())


def _straight(values: Floats) -> bool:
    steps = np.diff(values)
    return len(values) > 2 and bool(np.ptp(steps) <= 1e-9 * np.abs(values).max()) and bool(steps[0] != 0.0)


def _explained(values: Floats) -> bool:
    """For any number of lagged steps that the test may try: all rows fitted exactly, or a level that is one with the rest."""
    n = len(values)
    if n < 4 or values.min() == values.max():
        return False
    level, steps = values[:-1] - values[0], np.diff(values)
    most = max(0, min(math.ceil(12.0 * (n / 100.0) ** 0.25), n // 2 - 2))
    for used in range(most + 1):
        # The number of lags is chosen on common rows, and the statistic then computed on all there are.
        for rows in {n - 1 - most, n - 1 - used}:
            lagged = [steps[n - 1 - rows - lag : n - 1 - lag] for lag in range(1, used + 1)]
            columns = np.column_stack([np.ones(rows), *lagged, level[-rows:]])
            rest = steps[-rows:] - columns @ np.linalg.lstsq(columns, steps[-rows:], rcond=None)[0]
            alone = columns[:, -1] - columns[:, :-1] @ np.linalg.lstsq(columns[:, :-1], columns[:, -1], rcond=None)[0]
            if min(np.abs(rest).max(), np.abs(alone).max()) <= 1e-9 * np.abs(values).max():
                return True
    return False


def _flat_chunks(values: Floats) -> bool:
    """For any chunk that the tests ask for: level up to rounding, or exactly level with a mean that rounds to another value."""
    n, greatest = len(values), float(np.abs(values).max())
    for size in (1, 5, 7, 10, 50):
        chunks = [values[i : i + size] for i in range(0, n, size)]
        levels = [np.array([condense(c) for c in chunks]) for condense in (np.mean, np.var, np.max, np.min)]
        if size < n and any(level.min() == level.max() != level.mean() for level in levels):
            return True
        for level, scale in ((levels[0], greatest), (levels[1], float(levels[1].max()))):
            if size < n and 0.0 < np.ptp(level) <= 1e-13 * scale:
                return True
    return False


def _impulse(values: Floats) -> bool:
    counts = np.unique(values, return_counts=True)[1]
    return len(counts) == 2 and bool(counts.min() == 1)


def _hard_powers(values: Floats) -> bool:
    levels = values[:-1]
    if len(levels) < 2 or levels.min() == levels.max():
        return False
    powers = np.vander(levels, 4)
    sizes = np.sqrt((powers * powers).sum(axis=0))
    singular = np.linalg.svd(powers / np.where(sizes > 0.0, sizes, 1.0), compute_uv=False)
    return bool(singular[-1] < 1e-4 * singular[0])


@dataclass(frozen=True)
class Kind:
    """A kind of window on which tsfresh's own value of some columns is no yardstick. words: what it is. holds: whether a window is one."""

    words: str
    holds: Callable[[Floats], bool]


KINDS: Mapping[str, Kind] = {
    "constant": Kind("all values the same, and their sum has to be rounded (0.1, not 5)", _constant),
    "far from zero": Kind("the mean lies more than 8 standard deviations from zero", _far),
    "straight": Kind("every step is the same, up to rounding", _straight),
    "explained": Kind(
        "every step follows exactly from the level and the steps before it, or that level from those steps", _explained
    ),
    "flat chunks": Kind(
        "its chunks differ by no more than the rounding of their sums, or not at all but their mean is rounded",
        _flat_chunks,
    ),
    "tiny": Kind("the variance is below 1e-8", lambda values: bool(np.var(values) < 1e-8)),
    "impulse": Kind("all values but one are the same", _impulse),
    "ties": Kind("some values are equal", lambda values: len(np.unique(values)) < len(values)),
    "hard powers": Kind(
        "the powers 0 to 3 of its values are nearly one (condition above 1e4): a level, spikes, few values",
        _hard_powers,
    ),
}


@dataclass(frozen=True)
class Deviation:
    """One way in which a calculator deviates.

    columns: a pattern of the names it concerns, after the kind. windows: one of `KINDS`. reason: a sentence for the documentation.
    """

    columns: str
    windows: str
    reason: str


_ROUNDED_MEAN = "the mean of equal values rounds to another value; here a constant window has no spread and lies nowhere above its mean"
_NOT_CENTRED = "tsfresh does not centre its columns and loses up to nine digits where the level dwarfs its movement"
_DRIFT = "friedrich_coefficients|max_langevin_fixed_point"

DEVIATIONS: tuple[Deviation, ...] = (
    Deviation(
        "standard_deviation|variation_coefficient|large_standard_deviation|ratio_beyond_r_sigma|"
        "count_above_mean|count_below_mean|longest_strike_above_mean|longest_strike_below_mean",
        "constant",
        _ROUNDED_MEAN,
    ),
    Deviation(
        "ar_coefficient",
        "constant",
        "of all fits of a constant to itself the smallest one; tsfresh inverts the rounding errors of its sums",
    ),
    Deviation(
        "linear_trend|linear_trend_timewise|agg_linear_trend|partial_autocorrelation|fourier_entropy",
        "constant",
        "a constant has neither a correlation with time nor a spectrum (NaN); tsfresh correlates the rounding of its mean",
    ),
    Deviation(
        "autocorrelation|agg_autocorrelation",
        "tiny",
        "tsfresh takes so small a variance for none (NaN), whatever the unit; here it depends on the values and not on their unit",
    ),
    Deviation("ar_coefficient", "far from zero", _NOT_CENTRED),
    Deviation("augmented_dickey_fuller", "far from zero", _NOT_CENTRED),
    Deviation(
        "augmented_dickey_fuller",
        "explained",
        "where nothing is left to explain there is no test statistic: NaN; tsfresh divides rounding errors",
    ),
    Deviation(
        _DRIFT,
        "hard powers",
        "cubes of the raw level cost tsfresh up to all of its digits; here the level is centred first, or taken with twice the digits",
    ),
    Deviation(
        _DRIFT,
        "straight",
        "a drift that is the same everywhere is a constant and has no fixed point (NaN); tsfresh finds the roots of rounding errors",
    ),
    Deviation(
        "max_langevin_fixed_point",
        "ties",
        "a leading coefficient that is exactly zero; tsfresh has its rounding error instead, and with it a root that does not exist",
    ),
    Deviation(
        "|".join(
            f'{calculator}__attr_"{attr}"'
            for calculator in ("linear_trend", "linear_trend_timewise", "agg_linear_trend")
            for attr in ("stderr", "pvalue")
        ),
        "straight",
        "tsfresh takes the root of 1 - r², half of whose digits are gone on a straight line; here it follows from the residuals",
    ),
    Deviation(
        "fourier_entropy",
        "impulse",
        "its second line is exactly half the first and so lies on the edge between two bins; rounding decides for tsfresh",
    ),
    Deviation(
        "agg_linear_trend",
        "flat chunks",
        "chunks that are alike lie on a level line without correlation (NaN); tsfresh draws one through the rounding errors of their sums",
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


def excepted(column: str, values: npt.ArrayLike) -> bool:
    """Whether tsfresh's value of a column is no yardstick on such a window.

    >>> excepted("s__permutation_entropy__dimension_3__tau_1", [1.0, 2.0, 2.0, 5.0])
    True
    """
    window = np.asarray(values, dtype=np.float64)
    name = column.partition("__")[2]
    # The calculator's name as a whole: `linear_trend` is not `linear_trend_timewise`.
    concerned = (d for d in DEVIATIONS if re.match(rf"(?:{d.columns})(?:__|$)", name))
    return any(_is_kind(deviation.windows, window.tobytes()) for deviation in concerned)


@lru_cache(maxsize=256)
def _is_kind(kind: str, window: bytes) -> bool:
    """Asked for some 800 columns of every window, and dear for long ones."""
    return KINDS[kind].holds(np.frombuffer(window))


COUNTS = frozenset(
    (
        "length",
        "has_duplicate",
        "has_duplicate_max",
        "has_duplicate_min",
        "variance_larger_than_standard_deviation",
        "large_standard_deviation",
        "symmetry_looking",
        "count_above_mean",
        "count_below_mean",
        "longest_strike_above_mean",
        "longest_strike_below_mean",
        "number_crossing_m",
        "number_peaks",
        "number_cwt_peaks",
        "range_count",
        "value_count",
    )
)
"""Calculators that count or say yes or no: there is no nearly."""

_BY_ENERGY = ("fft_coefficient", "cwt_coefficients")
_BY_ONE = ("fft_aggregated",)


def scale_words(calculator: str) -> str:
    """What `scale` measures by, in words."""
    if calculator in COUNTS:
        return "exact"
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

    Counts and yes-or-no must be equal.
    An angle turns by as much as its coefficient is uncertain (1e-9 of the scale, seen from the coefficient), and 360 is 0.
    """
    if math.isnan(mine) or math.isnan(reference) or math.isinf(reference):
        return (math.isnan(mine) and math.isnan(reference)) or mine == reference
    if column.split("__")[1] in COUNTS or 'attr_"usedlag"' in column:
        return mine == reference
    if 'attr_"angle"' in column and "fft_coefficient" in column:
        size = abs(np.fft.rfft(values)[int(column.rpartition("_")[2])])
        turn = abs((mine - reference + 180.0) % 360.0 - 180.0)
        return bool(turn <= 1e-9 * max(360.0, math.degrees(scale(column, values) / max(size, 1e-300))))
    return abs(mine - reference) <= 1e-9 * max(abs(reference), scale(column, values))
