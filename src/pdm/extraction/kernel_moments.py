"""Level, spread and shape of a window: everything that follows from its mean and its central moments, in one visit."""

from __future__ import annotations

import numpy as np

from pdm.extraction.kernel_lanes import shape_lanes
from pdm.extraction.kernel_sums import (
    Floats,
    Indices,
    Number,
    compiled,
    extremes,
    longest,
    pairwise_squares,
    pairwise_sum,
)

SUM, MEAN, LENGTH, STD, VAR, RMS, ENERGY, VARIATION, VAR_LARGER, SKEW, KURT = range(11)
ABOVE_MEAN, BELOW_MEAN, BEYOND_SIGMA, LARGE_STD, MAX, MIN, ABS_MAX, STRIKE_ABOVE, STRIKE_BELOW, CID = range(11, 21)

OUTPUTS = {
    "sum_values": SUM,
    "mean": MEAN,
    "length": LENGTH,
    "standard_deviation": STD,
    "variance": VAR,
    "root_mean_square": RMS,
    "abs_energy": ENERGY,
    "variation_coefficient": VARIATION,
    "variance_larger_than_standard_deviation": VAR_LARGER,
    "skewness": SKEW,
    "kurtosis": KURT,
    "count_above_mean": ABOVE_MEAN,
    "count_below_mean": BELOW_MEAN,
    "ratio_beyond_r_sigma": BEYOND_SIGMA,
    "large_standard_deviation": LARGE_STD,
    "maximum": MAX,
    "minimum": MIN,
    "absolute_maximum": ABS_MAX,
    "longest_strike_above_mean": STRIKE_ABOVE,
    "longest_strike_below_mean": STRIKE_BELOW,
    "cid_ce": CID,
}


@compiled
def _strike(v: Floats, a: Number, b: Number, mean: Number, sign: Number) -> Number:
    best = 0
    run = 0
    for i in range(a, b):
        above = v[i] > mean if sign > 0 else v[i] < mean
        run = run + 1 if above else 0
        best = max(best, run)
    return float(best)


@compiled
def _count(window: Floats, n: Number, mean: Number, sign: Number) -> Number:
    count = 0
    if sign > 0:
        for i in range(n):
            count += 1 if window[i] > mean else 0
    else:
        for i in range(n):
            count += 1 if window[i] < mean else 0
    return float(count)


@compiled
def _beyond(window: Floats, n: Number, mean: Number, limit: Number) -> Number:
    count = 0
    for i in range(n):
        count += 1 if abs(window[i] - mean) > limit else 0
    return float(count)


@compiled
def _cid(window: Floats, n: Number, mean: Number, std: Number, normalize: Number, scratch: Floats) -> Number:
    if normalize != 0.0:
        if std == 0.0:
            return 0.0
        for i in range(n - 1):
            step = (window[i + 1] - mean) / std - (window[i] - mean) / std
            scratch[i] = step * step
    else:
        for i in range(n - 1):
            step = window[i + 1] - window[i]
            scratch[i] = step * step
    return np.sqrt(pairwise_sum(scratch, 0, n - 1))


@compiled
def _shape(v: Floats, a: Number, n: Number, mean: Number, moments: Floats) -> None:
    """moments[0:3]: sums of the second to fourth powers about the mean, from which its own rounding is taken off."""
    whole = n - n % 8
    s1, s2, s3, s4 = shape_lanes(v, a, whole // 8, mean)
    for i in range(a + whole, a + n):
        d = v[i] - mean
        s1 += d
        s2 += d * d
        s3 += d * d * d
        s4 += d * d * (d * d)
    r = s1 / n
    moments[0] = s2 - n * r * r
    moments[1] = s3 - 3.0 * r * s2 + 2.0 * n * r * r * r
    moments[2] = s4 - 4.0 * r * s3 + 6.0 * r * r * s2 - 3.0 * n * r * r * r * r


@compiled
def _skewness(moments: Floats, n: Number) -> Number:
    """Bias-corrected as pandas does it."""
    if moments[0] <= 0.0:
        return np.nan
    return n * np.sqrt(n - 1.0) / (n - 2.0) * (moments[1] / (moments[0] * np.sqrt(moments[0])))


@compiled
def _kurtosis(moments: Floats, n: Number) -> Number:
    """Excess, bias-corrected as pandas does it."""
    if moments[0] <= 0.0:
        return np.nan
    adjustment = 3.0 * (n - 1.0) ** 2 / ((n - 2.0) * (n - 3.0))
    return n * (n + 1.0) * (n - 1.0) / ((n - 2.0) * (n - 3.0)) * (moments[2] / moments[0] / moments[0]) - adjustment


@compiled
def run(
    values: Floats, starts: Indices, ends: Indices, min_rows: Number, codes: Indices, params: Floats, out: Floats
) -> None:
    """Fill `out[window, column]`; a window with fewer than `min_rows` values gets NaN throughout."""
    scratch, moments = np.empty(longest(starts, ends), np.float64), np.empty(3)
    for w in range(starts.shape[0]):
        a, b = starts[w], ends[w]
        n = b - a
        if n < min_rows or n == 0:
            out[w, :] = np.nan
            continue
        low, high = extremes(values, a, n)
        window = values[a:b]
        shaped = False
        total = pairwise_sum(values, a, n)
        # A constant window has no spread, whatever rounding says about its mean.
        constant = low == high
        mean = low if constant else total / n
        var = 0.0
        if not constant:
            var = pairwise_squares(values, a, n, mean, scratch) / n
        std = np.sqrt(var)
        for c in range(codes.shape[0]):
            code, p = codes[c], params[c, 0]
            value = np.nan
            if code == SUM:
                value = total
            elif code == MEAN:
                value = mean
            elif code == LENGTH:
                value = float(n)
            elif code == STD:
                value = std
            elif code == VAR:
                value = var
            elif code in (RMS, ENERGY):
                value = pairwise_squares(values, a, n, 0.0, scratch)
                if code == RMS:
                    value = np.sqrt(value / n)
            elif code == VARIATION:
                if mean != 0.0:
                    value = std / mean
            elif code == VAR_LARGER:
                value = 1.0 if var > std else 0.0
            elif code in (SKEW, KURT):
                if not shaped:
                    _shape(values, a, n, mean, moments)
                    shaped = True
                if code == SKEW and n > 2 and not constant:
                    value = _skewness(moments, n)
                elif code == KURT and n > 3 and not constant:
                    value = _kurtosis(moments, n)
            elif code == ABOVE_MEAN:
                value = _count(window, n, mean, 1)
            elif code == BELOW_MEAN:
                value = _count(window, n, mean, -1)
            elif code == BEYOND_SIGMA:
                value = _beyond(window, n, mean, p * std) / n
            elif code == LARGE_STD:
                value = 1.0 if std > p * (high - low) else 0.0
            elif code == MAX:
                value = high
            elif code == MIN:
                value = low
            elif code == ABS_MAX:
                value = max(abs(low), abs(high))
            elif code == STRIKE_ABOVE:
                value = _strike(values, a, b, mean, 1)
            elif code == STRIKE_BELOW:
                value = _strike(values, a, b, mean, -1)
            elif code == CID:
                value = _cid(window, n, mean, std, p, scratch)
            out[w, c] = value
