"""How a window moves from value to value: changes, crossings, peaks and lagged products."""

from __future__ import annotations

import numpy as np

from pdm.extraction.kernel_sums import Floats, Indices, Number, compiled, extremes, longest, pairwise_sum, products

MEAN_CHANGE, MEAN_ABS, ABS_SUM, SECOND, C3, REVERSAL, CROSSING, PEAKS, AUTOCORRELATION = range(9)

OUTPUTS = {
    "mean_change": MEAN_CHANGE,
    "mean_abs_change": MEAN_ABS,
    "absolute_sum_of_changes": ABS_SUM,
    "mean_second_derivative_central": SECOND,
    "c3": C3,
    "time_reversal_asymmetry_statistic": REVERSAL,
    "number_crossing_m": CROSSING,
    "number_peaks": PEAKS,
    "autocorrelation": AUTOCORRELATION,
}


@compiled
def _lagged(v: Floats, a: Number, n: Number, lag: Number, code: Number, scratch: Floats) -> Number:
    m = n - 2 * lag
    if m <= 0:
        return 0.0
    first, second, third = v[a : a + m], v[a + lag : a + lag + m], v[a + 2 * lag : a + n]
    if code == C3:
        for i in range(m):
            scratch[i] = third[i] * second[i] * first[i]
    else:
        for i in range(m):
            x, y, z = first[i], second[i], third[i]
            scratch[i] = z * z * y - y * x * x
    return pairwise_sum(scratch, 0, m) / m


@compiled
def _stands_out(v: Floats, i: Number, support: Number) -> bool:
    k = 1
    while k <= support and v[i] > v[i - k] and v[i] > v[i + k]:
        k += 1
    return bool(k > support)


@compiled
def _count(
    v: Floats, first: Number, last: Number, crossing: bool, p: Number, tally: Indices, counted: Indices
) -> Number:
    """Crossings or peaks among places `first` to `last`, from a tally that goes on from window to window.

    tally[i]: how many lie before place i, as far as `counted` (from, to) says. Whole numbers, so a difference of two is exact, and
    a place is judged by its own neighbours alone: the answer is that of a window counted afresh.
    """
    if first >= last:
        return 0.0
    if first < counted[0] or first > counted[1]:
        counted[0] = counted[1] = first
        tally[first] = 0
    for i in range(counted[1], last):
        found = (v[i] > p) != (v[i - 1] > p) if crossing else _stands_out(v, i, int(p))
        tally[i + 1] = tally[i] + (1 if found else 0)
    counted[1] = max(counted[1], last)
    return float(tally[last] - tally[first])


@compiled
def _centre(v: Floats, a: Number, n: Number, centred: Floats) -> Number:
    """Take the mean off, for all lags at once, and say the variance; NaN where nothing varies."""
    low, high = extremes(v, a, n)
    if low == high:
        return np.nan
    mean = pairwise_sum(v, a, n) / n
    window = v[a : a + n]
    for i in range(n):
        centred[i] = window[i] - mean
    return products(centred, 0, centred, 0, n) / n


@compiled
def _autocorrelation(centred: Floats, n: Number, lag: Number, var: Number) -> Number:
    """Unlike tsfresh, a small variance is no reason to say nothing: the answer must not depend on the unit."""
    if n <= lag or np.isnan(var):
        return np.nan
    return products(centred, 0, centred, lag, n - lag) / ((n - lag) * var)


@compiled
def run(
    values: Floats, starts: Indices, ends: Indices, min_rows: Number, codes: Indices, params: Floats, out: Floats
) -> None:
    """Fill `out[window, column]`; a window with fewer than `min_rows` values gets NaN throughout."""
    most, columns = longest(starts, ends), codes.shape[0]
    scratch = np.empty(most, np.float64)
    centred = np.empty(most, np.float64)
    slots, tallied = np.zeros(columns, np.int64), 0
    for c in range(columns):
        if codes[c] == CROSSING or codes[c] == PEAKS:
            slots[c] = tallied
            tallied += 1
    tallies = np.empty((tallied, values.shape[0] + 1 if tallied else 0), np.int64)
    counted = np.full((tallied, 2), -1)
    for w in range(starts.shape[0]):
        a, b = starts[w], ends[w]
        n = b - a
        if n < min_rows or n == 0:
            out[w, :] = np.nan
            continue
        var = total = -1.0  # not known yet
        for c in range(columns):
            code, p = codes[c], params[c, 0]
            value = np.nan
            if code == MEAN_CHANGE:
                if n > 1:
                    value = (values[b - 1] - values[a]) / (n - 1)
            elif code in (MEAN_ABS, ABS_SUM):
                if total == -1.0:
                    window, following = values[a : b - 1], values[a + 1 : b]
                    for i in range(n - 1):
                        scratch[i] = abs(following[i] - window[i])
                    total = pairwise_sum(scratch, 0, n - 1)
                value = total
                if code == MEAN_ABS:
                    value = total / (n - 1) if n > 1 else np.nan
            elif code == SECOND:
                if n > 2:
                    value = (values[b - 1] - values[b - 2] - values[a + 1] + values[a]) / (2 * (n - 2))
            elif code in (C3, REVERSAL):
                value = _lagged(values, a, n, int(p), code, scratch)
            elif code == CROSSING:
                value = _count(values, a + 1, b, True, p, tallies[slots[c]], counted[slots[c]])
            elif code == PEAKS:
                support = int(p)
                value = _count(values, a + support, b - support, False, p, tallies[slots[c]], counted[slots[c]])
            elif code == AUTOCORRELATION:
                if var == -1.0:
                    var = _centre(values, a, n, centred)
                value = _autocorrelation(centred, n, int(p), var)
            out[w, c] = value
