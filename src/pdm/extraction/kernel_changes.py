"""How a window moves from value to value: changes, crossings, peaks and lagged products."""

from __future__ import annotations

import numpy as np

from pdm.extraction.kernel_sums import Floats, Indices, Number, compiled, longest, pairwise_sum

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
    for i in range(m):
        x, y, z = v[a + i], v[a + i + lag], v[a + i + 2 * lag]
        scratch[i] = z * y * x if code == C3 else z * z * y - y * x * x
    return pairwise_sum(scratch, 0, m) / m


@compiled
def _peaks(v: Floats, a: Number, n: Number, support: Number) -> Number:
    count = 0
    for i in range(a + support, a + n - support):
        peak = True
        for k in range(1, support + 1):
            if not (v[i] > v[i - k] and v[i] > v[i + k]):
                peak = False
                break
        if peak:
            count += 1
    return float(count)


@compiled
def _centre(v: Floats, a: Number, n: Number, centred: Floats, scratch: Floats) -> Number:
    """Take the mean off, for all lags at once, and say the variance; NaN where nothing varies."""
    constant = True
    for i in range(a + 1, a + n):
        if v[i] != v[a]:
            constant = False
            break
    if constant:
        return np.nan
    mean = pairwise_sum(v, a, n) / n
    for i in range(n):
        centred[i] = v[a + i] - mean
        scratch[i] = centred[i] * centred[i]
    return pairwise_sum(scratch, 0, n) / n


@compiled
def _autocorrelation(centred: Floats, n: Number, lag: Number, var: Number, scratch: Floats) -> Number:
    """Unlike tsfresh, a small variance is no reason to say nothing: the answer must not depend on the unit."""
    if n <= lag or np.isnan(var):
        return np.nan
    for i in range(n - lag):
        scratch[i] = centred[i] * centred[i + lag]
    return pairwise_sum(scratch, 0, n - lag) / ((n - lag) * var)


@compiled
def run(
    values: Floats, starts: Indices, ends: Indices, min_rows: Number, codes: Indices, params: Floats, out: Floats
) -> None:
    """Fill `out[window, column]`; a window with fewer than `min_rows` values gets NaN throughout."""
    most = longest(starts, ends)
    scratch = np.empty(most, np.float64)
    centred = np.empty(most, np.float64)
    for w in range(starts.shape[0]):
        a, b = starts[w], ends[w]
        n = b - a
        if n < min_rows or n == 0:
            out[w, :] = np.nan
            continue
        var = -1.0  # not known yet
        for c in range(codes.shape[0]):
            code, p = codes[c], params[c, 0]
            value = np.nan
            if code == MEAN_CHANGE:
                if n > 1:
                    value = (values[b - 1] - values[a]) / (n - 1)
            elif code in (MEAN_ABS, ABS_SUM):
                for i in range(n - 1):
                    scratch[i] = abs(values[a + i + 1] - values[a + i])
                value = pairwise_sum(scratch, 0, n - 1)
                if code == MEAN_ABS:
                    value = value / (n - 1) if n > 1 else np.nan
            elif code == SECOND:
                if n > 2:
                    value = (values[b - 1] - values[b - 2] - values[a + 1] + values[a]) / (2 * (n - 2))
            elif code in (C3, REVERSAL):
                value = _lagged(values, a, n, int(p), code, scratch)
            elif code == CROSSING:
                count = 0
                for i in range(a + 1, b):
                    if (values[i] > p) != (values[i - 1] > p):
                        count += 1
                value = float(count)
            elif code == PEAKS:
                value = _peaks(values, a, n, int(p))
            elif code == AUTOCORRELATION:
                if var == -1.0:
                    var = _centre(values, a, n, centred, scratch)
                value = _autocorrelation(centred, n, int(p), var, scratch)
            out[w, c] = value
