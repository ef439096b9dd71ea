"""Level, spread and shape of a window: everything that follows from its mean and its central moments, in one visit."""

from __future__ import annotations

import numpy as np

from pdm.extraction.kernel_sums import Floats, Indices, Number, compiled, longest, pairwise_sum

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
def _count(v: Floats, a: Number, b: Number, mean: Number, sign: Number) -> Number:
    count = 0
    for i in range(a, b):
        if (sign > 0 and v[i] > mean) or (sign < 0 and v[i] < mean):
            count += 1
    return float(count)


@compiled
def _cid(v: Floats, a: Number, b: Number, mean: Number, std: Number, normalize: Number, scratch: Floats) -> Number:
    if normalize != 0.0 and std == 0.0:
        return 0.0
    for i in range(a, b - 1):
        step = (v[i + 1] - mean) / std - (v[i] - mean) / std if normalize != 0.0 else v[i + 1] - v[i]
        scratch[i - a] = step * step
    return np.sqrt(pairwise_sum(scratch, 0, b - a - 1))


@compiled
def _shape(v: Floats, a: Number, b: Number, mean: Number, code: Number, scratch: Floats) -> Number:
    """Skewness or excess kurtosis, bias-corrected as pandas does it, with the residual of the mean taken off first."""
    n = b - a
    for i in range(a, b):
        scratch[i - a] = v[i] - mean
    residual = pairwise_sum(scratch, 0, n) / n
    m2 = m3 = m4 = 0.0
    for i in range(n):
        d = scratch[i] - residual
        d2 = d * d
        m2 += d2
        m3 += d2 * d
        m4 += d2 * d2
    if m2 == 0.0:
        return np.nan
    if code == SKEW:
        return n * np.sqrt(n - 1.0) / (n - 2.0) * (m3 / (m2 * np.sqrt(m2)))
    adjustment = 3.0 * (n - 1.0) ** 2 / ((n - 2.0) * (n - 3.0))
    return n * (n + 1.0) * (n - 1.0) / ((n - 2.0) * (n - 3.0)) * (m4 / m2 / m2) - adjustment


@compiled
def run(
    values: Floats, starts: Indices, ends: Indices, min_rows: Number, codes: Indices, params: Floats, out: Floats
) -> None:
    """Fill `out[window, column]`; a window with fewer than `min_rows` values gets NaN throughout."""
    scratch = np.empty(longest(starts, ends), np.float64)
    for w in range(starts.shape[0]):
        a, b = starts[w], ends[w]
        n = b - a
        if n < min_rows or n == 0:
            out[w, :] = np.nan
            continue
        low = high = values[a]
        for i in range(a + 1, b):
            low = min(low, values[i])
            high = max(high, values[i])
        total = pairwise_sum(values, a, n)
        # A constant window has no spread, whatever rounding says about its mean.
        constant = low == high
        mean = low if constant else total / n
        var = 0.0
        if not constant:
            for i in range(n):
                d = values[a + i] - mean
                scratch[i] = d * d
            var = pairwise_sum(scratch, 0, n) / n
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
                for i in range(n):
                    scratch[i] = values[a + i] * values[a + i]
                value = pairwise_sum(scratch, 0, n)
                if code == RMS:
                    value = np.sqrt(value / n)
            elif code == VARIATION:
                if mean != 0.0:
                    value = std / mean
            elif code == VAR_LARGER:
                value = 1.0 if var > std else 0.0
            elif code == SKEW:
                if n > 2 and not constant:
                    value = _shape(values, a, b, mean, SKEW, scratch)
            elif code == KURT:
                if n > 3 and not constant:
                    value = _shape(values, a, b, mean, KURT, scratch)
            elif code == ABOVE_MEAN:
                value = _count(values, a, b, mean, 1)
            elif code == BELOW_MEAN:
                value = _count(values, a, b, mean, -1)
            elif code == BEYOND_SIGMA:
                count = 0
                for i in range(a, b):
                    if abs(values[i] - mean) > p * std:
                        count += 1
                value = count / n
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
                value = _cid(values, a, b, mean, std, p, scratch)
            out[w, c] = value
