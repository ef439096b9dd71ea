"""A straight line through points, for the compiled kernels: what scipy's `linregress` gives, without leaving compiled code."""

from __future__ import annotations

import math

import numpy as np

from pdm.extraction.kernel_sums import Floats, Number, compiled, extremes, pairwise_sum, squares

SLOPE, INTERCEPT, RVALUE, STDERR, PVALUE = range(5)

_TINY = 1e-20
_SMALLEST = 1e-300


@compiled
def _beta_fraction(a: Number, b: Number, x: Number) -> Number:
    """Continued fraction of the incomplete beta function, by Lentz's method (Numerical Recipes 6.4)."""
    c = 1.0
    d = 1.0 - (a + b) * x / (a + 1.0)
    d = 1.0 / (d if abs(d) > _SMALLEST else _SMALLEST)
    result = d
    for m in range(1, 500):
        for odd in range(2):
            if odd == 0:
                step = m * (b - m) * x / ((a + 2 * m - 1.0) * (a + 2 * m))
            else:
                step = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1.0))
            d = 1.0 + step * d
            d = 1.0 / (d if abs(d) > _SMALLEST else _SMALLEST)
            c = 1.0 + step / c
            c = c if abs(c) > _SMALLEST else _SMALLEST
            result *= c * d
        if abs(c * d - 1.0) < 1e-16:
            break
    return result


@compiled
def _beta_share(a: Number, b: Number, x: Number, rest: Number) -> Number:
    """The regularised incomplete beta function at x; rest: 1 - x, which has digits where x has none left."""
    if x <= 0.0 or rest <= 0.0:
        return 0.0 if x <= 0.0 else 1.0
    factor = np.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * np.log(x) + b * np.log(rest))
    if x < (a + 1.0) / (a + b + 2.0):
        return factor * _beta_fraction(a, b, x) / a
    return 1.0 - factor * _beta_fraction(b, a, rest) / b


@compiled
def chance(r: Number, n: Number) -> Number:
    """Two-sided p-value of a correlation of `n` points: Student's t with n - 2 degrees of freedom; two points give 0, or 1 when equal."""
    if n == 2:
        return 1.0 if np.isnan(r) else 0.0
    if np.isnan(r):
        return np.nan
    freedom = n - 2.0
    t2 = r * r * (freedom / ((1.0 - r + _TINY) * (1.0 + r + _TINY)))
    return _beta_share(freedom / 2.0, 0.5, freedom / (freedom + t2), t2 / (freedom + t2))


@compiled
def fit_line(x: Floats, y: Floats, n: Number, scratch: Floats, answer: Floats, with_p: bool) -> None:
    """Fill `answer` with slope, intercept, r, standard error and p-value of `y[:n]` against `x[:n]`; NaN when all x are one.

    with_p: the p-value costs more than all the rest; without it stays NaN.

    Values that are all the same have slope 0 and no correlation, whatever rounding says about their mean.
    """
    for k in range(5):
        answer[k] = np.nan
    if n < 2:
        return
    low, high = extremes(y, 0, n)
    left, right = extremes(x, 0, n)
    if left == right:
        return
    middle = pairwise_sum(x, 0, n) / n
    mean = low if low == high else pairwise_sum(y, 0, n) / n
    for i in range(n):
        scratch[i] = (x[i] - middle) * (y[i] - mean)
    sxy = pairwise_sum(scratch, 0, n) / n
    ssx, ssy = squares(x, 0, n, middle) / n, squares(y, 0, n, mean) / n
    slope = sxy / ssx
    # From the residuals: 1 - r² would lose half the digits where the line fits well.
    for i in range(n):
        left_over = (y[i] - mean) - slope * (x[i] - middle)
        scratch[i] = left_over * left_over
    _tell(slope, mean, middle, ssx, ssy, sxy, pairwise_sum(scratch, 0, n) / n, n, low == high, answer, with_p)


@compiled
def fit_steps(y: Floats, n: Number, scratch: Floats, answer: Floats, with_p: bool) -> None:
    """`fit_line` against 0, 1, 2 ..., whose mean and spread need no sums."""
    for k in range(5):
        answer[k] = np.nan
    if n < 2:
        return
    low, high = extremes(y, 0, n)
    middle, ssx = (n - 1) / 2.0, (n * n - 1.0) / 12.0
    mean = low if low == high else pairwise_sum(y, 0, n) / n
    ssy = squares(y, 0, n, mean) / n
    for i in range(n):
        scratch[i] = (i - middle) * (y[i] - mean)
    sxy = pairwise_sum(scratch, 0, n) / n
    slope = sxy / ssx
    for i in range(n):
        left_over = (y[i] - mean) - slope * (i - middle)
        scratch[i] = left_over * left_over
    _tell(slope, mean, middle, ssx, ssy, sxy, pairwise_sum(scratch, 0, n) / n, n, low == high, answer, with_p)


@compiled
def _tell(
    slope: Number,
    mean: Number,
    middle: Number,
    ssx: Number,
    ssy: Number,
    sxy: Number,
    rest: Number,
    n: Number,
    constant: bool,
    answer: Floats,
    with_p: bool,
) -> None:
    r = np.nan
    if not constant and ssx * ssy > 0.0:
        r = min(1.0, max(-1.0, sxy / np.sqrt(ssx * ssy)))
    answer[SLOPE] = slope
    answer[INTERCEPT] = mean - slope * middle
    answer[RVALUE] = r
    answer[STDERR] = 0.0 if n == 2 else (np.nan if np.isnan(r) else np.sqrt(rest / ssx / (n - 2.0)))
    if with_p:
        answer[PVALUE] = chance(r, n)
