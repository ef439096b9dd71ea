"""How a window resembles itself some readings ago: statistics of the autocorrelation, and partial autocorrelation."""

from __future__ import annotations

import numpy as np

from pdm.extraction.kernel_order import sort
from pdm.extraction.kernel_sums import (
    Floats,
    Indices,
    Number,
    compiled,
    extremes,
    longest,
    pairwise_sum,
    products,
    squares,
)

MEAN, MEDIAN, VAR, STD, MAX, MIN, PARTIAL = range(7)

OUTPUTS = {
    "agg_autocorrelation.mean": MEAN,
    "agg_autocorrelation.median": MEDIAN,
    "agg_autocorrelation.var": VAR,
    "agg_autocorrelation.std": STD,
    "agg_autocorrelation.max": MAX,
    "agg_autocorrelation.min": MIN,
    "partial_autocorrelation": PARTIAL,
}


@compiled
def _covariances(v: Floats, a: Number, n: Number, lags: Number, centred: Floats, cov: Floats) -> None:
    """cov[l]: mean product of values `l` readings apart, about the window's mean; 0 throughout for a constant window."""
    for lag in range(lags + 1):
        cov[lag] = 0.0
    low, high = extremes(v, a, n)
    if low == high:
        return
    mean = pairwise_sum(v, a, n) / n
    window = v[a : a + n]
    for i in range(n):
        centred[i] = window[i] - mean
    for lag in range(lags + 1):
        cov[lag] = products(centred, 0, centred, lag, n - lag) / (n - lag)


@compiled
def _summary(cov: Floats, lags: Number, code: Number, r: Floats) -> Number:
    """One statistic of the autocorrelation at lags 1 to `lags`."""
    if lags < 1:
        return np.nan
    for lag in range(lags):
        r[lag] = cov[lag + 1] / cov[0] if cov[0] != 0.0 else 0.0
    if code in (MAX, MIN):
        low, high = extremes(r, 0, lags)
        return high if code == MAX else low
    if code == MEDIAN:
        sort(r, lags)
        return (r[lags // 2] + r[(lags - 1) // 2]) / 2.0
    mean = pairwise_sum(r, 0, lags) / lags
    if code == MEAN:
        return mean
    var = squares(r, 0, lags, mean) / lags
    return var if code == VAR else np.sqrt(var)


@compiled
def _partials(cov: Floats, lags: Number, phi: Floats, previous: Floats, partial: Floats) -> None:
    """Levinson and Durbin's recursion; NaN from where nothing is left to explain."""
    for k in range(1, lags + 1):
        partial[k] = np.nan
    partial[0] = 1.0
    left = cov[0]
    for k in range(1, lags + 1):
        if left == 0.0:
            return
        explained = 0.0
        for j in range(1, k):
            explained += previous[j] * cov[k - j]
        phi[k] = (cov[k] - explained) / left
        for j in range(1, k):
            phi[j] = previous[j] - phi[k] * previous[k - j]
        left *= 1.0 - phi[k] * phi[k]
        partial[k] = phi[k]
        for j in range(1, k + 1):
            previous[j] = phi[j]


@compiled
def run(
    values: Floats, starts: Indices, ends: Indices, min_rows: Number, codes: Indices, params: Floats, out: Floats
) -> None:
    """Fill `out[window, column]`; a window with fewer than `min_rows` values gets NaN throughout.

    A constant window correlates with nothing (0). Partial autocorrelation knows lags below half the window.
    """
    most = longest(starts, ends)
    furthest = furthest_partial = 0
    for c in range(codes.shape[0]):
        furthest = max(furthest, int(min(params[c, 0], most)))
        if codes[c] == PARTIAL:
            furthest_partial = max(furthest_partial, int(min(params[c, 0], most)))
    centred, scratch, cov = np.empty(most), np.empty(most), np.empty(furthest + 1)
    phi, previous, partial = np.empty(furthest + 1), np.empty(furthest + 1), np.empty(furthest + 1)
    for w in range(starts.shape[0]):
        a, n = starts[w], ends[w] - starts[w]
        if n < min_rows or n == 0:
            for c in range(codes.shape[0]):
                out[w, c] = np.nan
            continue
        _covariances(values, a, n, min(furthest, n - 1), centred, cov)
        half = min(n // 2 - 1, furthest_partial)
        if half >= 0:
            _partials(cov, half, phi, previous, partial)
        for c in range(codes.shape[0]):
            lag = int(min(params[c, 0], most))
            if codes[c] != PARTIAL:
                out[w, c] = 0.0 if n == 1 else _summary(cov, min(lag, n - 1), codes[c], scratch)
            else:
                out[w, c] = partial[lag] if n > 3 and lag <= half else np.nan
