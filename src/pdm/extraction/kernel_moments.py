"""Level, spread and shape of a window: everything that follows from its mean and its central moments."""

from __future__ import annotations

import numpy as np

from pdm.extraction import kernel_level as level
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

_TOGETHER = 512
"""Windows whose sums stay in the nearest cache until every column has read them."""


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
def _skewness(second: Number, third: Number, n: Number) -> Number:
    """Bias-corrected as pandas does it."""
    return n * np.sqrt(n - 1.0) / (n - 2.0) * (third / (second * np.sqrt(second)))


@compiled
def _kurtosis(second: Number, fourth: Number, n: Number) -> Number:
    """Excess, bias-corrected as pandas does it."""
    adjustment = 3.0 * (n - 1.0) ** 2 / ((n - 2.0) * (n - 3.0))
    return n * (n + 1.0) * (n - 1.0) / ((n - 2.0) * (n - 3.0)) * (fourth / second / second) - adjustment


@compiled
def _from_sums(code: Number, p: Number, counts: Floats, facts: Floats, out: Floats) -> None:
    """One column, window by window: without a branch inside, the processor does several windows at once."""
    lows, highs, totals, means = facts[level.LOW], facts[level.HIGH], facts[level.TOTAL], facts[level.MEAN]
    spreads, energies, seconds = facts[level.VAR], facts[level.ENERGY], facts[level.SECOND]
    thirds, fourths = facts[level.THIRD], facts[level.FOURTH]
    windows = range(out.shape[0])
    if code == SUM:
        for w in windows:
            out[w] = totals[w]
    elif code == MEAN:
        for w in windows:
            out[w] = means[w]
    elif code == LENGTH:
        for w in windows:
            out[w] = counts[w]
    elif code == STD:
        for w in windows:
            out[w] = np.sqrt(spreads[w])
    elif code == VAR:
        for w in windows:
            out[w] = spreads[w]
    elif code == RMS:
        for w in windows:
            out[w] = np.sqrt(energies[w] / counts[w])
    elif code == ENERGY:
        for w in windows:
            out[w] = energies[w]
    elif code == VARIATION:
        for w in windows:
            out[w] = np.sqrt(spreads[w]) / means[w] if means[w] != 0.0 else np.nan
    elif code == VAR_LARGER:
        for w in windows:
            out[w] = 1.0 if spreads[w] > np.sqrt(spreads[w]) else 0.0
    elif code == SKEW:
        for w in windows:
            known = counts[w] > 2.0 and lows[w] != highs[w] and seconds[w] > 0.0
            out[w] = _skewness(seconds[w], thirds[w], counts[w]) if known else np.nan
    elif code == KURT:
        for w in windows:
            known = counts[w] > 3.0 and lows[w] != highs[w] and seconds[w] > 0.0
            out[w] = _kurtosis(seconds[w], fourths[w], counts[w]) if known else np.nan
    elif code == LARGE_STD:
        for w in windows:
            out[w] = 1.0 if np.sqrt(spreads[w]) > p * (highs[w] - lows[w]) else 0.0
    elif code == MAX:
        for w in windows:
            out[w] = highs[w]
    elif code == MIN:
        for w in windows:
            out[w] = lows[w]
    elif code == ABS_MAX:
        for w in windows:
            out[w] = max(abs(lows[w]), abs(highs[w]))


@compiled
def _from_values(
    code: Number,
    p: Number,
    values: Floats,
    starts: Indices,
    ends: Indices,
    min_rows: Number,
    facts: Floats,
    scratch: Floats,
    out: Floats,
) -> None:
    """One column that looks at every value of a window once more."""
    for w in range(out.shape[0]):
        a, b = starts[w], ends[w]
        n = b - a
        if n < max(min_rows, 1):
            continue
        window, mean, std = values[a:b], facts[level.MEAN, w], np.sqrt(facts[level.VAR, w])
        if code == ABOVE_MEAN:
            out[w] = _count(window, n, mean, 1)
        elif code == BELOW_MEAN:
            out[w] = _count(window, n, mean, -1)
        elif code == BEYOND_SIGMA:
            out[w] = _beyond(window, n, mean, p * std) / n
        elif code == STRIKE_ABOVE:
            out[w] = _strike(values, a, b, mean, 1)
        elif code == STRIKE_BELOW:
            out[w] = _strike(values, a, b, mean, -1)
        elif code == CID:
            out[w] = _cid(window, n, mean, std, p, scratch)


@compiled
def run(
    values: Floats, starts: Indices, ends: Indices, min_rows: Number, codes: Indices, params: Floats, out: Floats
) -> None:
    """Fill `out[window, column]`; a window with fewer than `min_rows` values gets NaN throughout."""
    asked = 0
    for code in codes:
        if code in (STD, VAR, VARIATION, VAR_LARGER, LARGE_STD, BEYOND_SIGMA, CID):
            asked |= level.SPREAD
        elif code in (RMS, ENERGY):
            asked |= level.SQUARES
        elif code in (SKEW, KURT):
            asked |= level.SHAPE
    scratch, facts, counts = np.empty(longest(starts, ends)), np.empty((level.ROWS, _TOGETHER)), np.empty(_TOGETHER)
    for first in range(0, starts.shape[0], _TOGETHER):
        last = min(first + _TOGETHER, starts.shape[0])
        begins, stops = starts[first:last], ends[first:last]
        level.gather(values, begins, stops, min_rows, asked, facts, scratch)
        for w in range(last - first):
            counts[w] = stops[w] - begins[w]
        for c in range(codes.shape[0]):
            code, p, column = codes[c], params[c, 0], out[first:last, c]
            if code in (ABOVE_MEAN, BELOW_MEAN, BEYOND_SIGMA, STRIKE_ABOVE, STRIKE_BELOW, CID):
                _from_values(code, p, values, begins, stops, min_rows, facts, scratch, column)
            else:
                _from_sums(code, p, counts, facts, column)
    for w in range(starts.shape[0]):
        if ends[w] - starts[w] < max(min_rows, 1):
            out[w, :] = np.nan
