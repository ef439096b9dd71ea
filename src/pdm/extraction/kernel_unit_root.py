"""Does a window wander off for good? The augmented Dickey-Fuller test, as statsmodels' `adfuller` with a constant does it.

The number of lagged changes is chosen by the information criterion over one common set of rows; one triangle gives the rest sum of
squares for every number of lags at once. Where a line of lagged changes explains every change exactly (a ramp), or the level
cannot be told from them, there is no test statistic: NaN.

Source of the p-value: J. G. MacKinnon (1994), Approximate asymptotic distribution functions for unit-root and cointegration tests,
Journal of Business & Economic Statistics 12(2), 167-176, one variable with a constant.
"""

from __future__ import annotations

import math

import numpy as np

from pdm.extraction.kernel_solve import EPS, triangle
from pdm.extraction.kernel_sums import Floats, Indices, Number, compiled, longest

STATISTIC, PVALUE, LAG = range(3)

OUTPUTS = {
    "augmented_dickey_fuller.teststat": STATISTIC,
    "augmented_dickey_fuller.pvalue": PVALUE,
    "augmented_dickey_fuller.usedlag": LAG,
}

AIC, BIC, T_STAT, ALL_LAGS = range(4)

_SURE_BELOW, _SURE_ABOVE, _BEND = -18.83, 2.74, -1.61
_LEFT = (2.1659, 1.4412, 0.038269)
_RIGHT = (1.7339, 0.93202, -0.12745, -0.010368)
_SIGNIFICANT = 1.6448536269514722


@compiled
def _probability(t: Number) -> Number:
    if np.isnan(t):
        return np.nan
    if t > _SURE_ABOVE:
        return 1.0
    if t < _SURE_BELOW:
        return 0.0
    left = _LEFT[0] + t * (_LEFT[1] + t * _LEFT[2])
    right = _RIGHT[0] + t * (_RIGHT[1] + t * (_RIGHT[2] + t * _RIGHT[3]))
    z = left if t <= _BEND else right
    return 0.5 * math.erfc(-z / math.sqrt(2.0))


@compiled
def _column(v: Floats, a: Number, first: Number, rows: Number, lag: Number, into: Floats) -> None:
    """The changes `lag` rows earlier (lag -1: the level before each change), centred."""
    total = 0.0
    for i in range(rows):
        at = a + first + i
        into[i] = v[at] - v[a] if lag < 0 else v[at - lag + 1] - v[at - lag]
        total += into[i]
    for i in range(rows):
        into[i] -= total / rows


@compiled
def _rest(v: Floats, row: Number, rows: Number) -> Number:
    total = 0.0
    for i in range(row, rows):
        total += v[i] * v[i]
    return total


@compiled
def _best_lag(
    v: Floats, a: Number, n: Number, most: Number, method: Number, fuzz: Number, work: Floats, place: Indices
) -> Number:
    rows = n - 1 - most
    _column(v, a, most, rows, -1, work[0])
    for lag in range(1, most + 1):
        _column(v, a, most, rows, lag, work[lag])
    _column(v, a, most, rows, 0, work[most + 1])
    floor = fuzz * np.sqrt(rows)
    triangle(work, rows, most + 1, 1, floor, place)
    target = work[most + 1]
    best, lowest, rank = 0, np.inf, 1
    for lag in range(most + 1):
        if place[lag] >= 0:
            rank += 1
        rest = _rest(target, rank - 1, rows)
        if rest <= floor * floor:  # nothing is left to explain
            if method != T_STAT:
                return lag
            best = lag
        elif method == T_STAT:
            share = target[place[lag]] if place[lag] >= 0 else 0.0
            if share * share >= _SIGNIFICANT * _SIGNIFICANT * rest / (rows - rank):
                best = lag
        else:
            value = rows * np.log(rest / rows) + rank * (2.0 if method == AIC else np.log(rows))
            if value < lowest:
                best, lowest = lag, value
    return best


@compiled
def _statistic(v: Floats, a: Number, n: Number, lags: Number, fuzz: Number, work: Floats, place: Indices) -> Number:
    rows = n - 1 - lags
    for lag in range(1, lags + 1):
        _column(v, a, lags, rows, lag, work[lag - 1])
    _column(v, a, lags, rows, -1, work[lags])  # last, so that its coefficient stands alone in the last row
    _column(v, a, lags, rows, 0, work[lags + 1])
    floor = fuzz * np.sqrt(rows)
    rank = triangle(work, rows, lags + 1, 1, floor, place)
    row = place[lags]
    rest = _rest(work[lags + 1], rank, rows)
    if row < 0 or rest <= floor * floor or rows <= rank + 1:
        return np.nan
    t = work[lags + 1, row] / np.sqrt(rest / (rows - rank - 1))
    return t if work[lags, row] > 0.0 else -t


@compiled
def run(
    values: Floats, starts: Indices, ends: Indices, min_rows: Number, codes: Indices, params: Floats, out: Floats
) -> None:
    """Fill `out[window, column]`; params: how the lag is chosen. NaN below `min_rows` or 4 values, and for a constant window."""
    length = longest(starts, ends)
    widest = int(np.ceil(12.0 * np.power(length / 100.0, 0.25))) + 2
    work, place = np.empty((widest, length)), np.empty(widest, np.int64)
    statistic, used, done = np.empty(4), np.empty(4), np.empty(4, np.bool_)
    for w in range(starts.shape[0]):
        a, n = starts[w], ends[w] - starts[w]
        for c in range(codes.shape[0]):
            out[w, c] = np.nan
        if n < min_rows or n < 4:
            continue
        low = high = values[a]
        for i in range(a + 1, a + n):
            low, high = min(low, values[i]), max(high, values[i])
        if low == high:
            continue
        fuzz = 32.0 * EPS * max(abs(low), abs(high))
        most = min(n // 2 - 2, int(np.ceil(12.0 * np.power(n / 100.0, 0.25))))
        for method in range(4):
            done[method] = False
        for c in range(codes.shape[0]):
            method = int(params[c, 0])
            if not done[method]:
                done[method] = True
                lags = most if method == ALL_LAGS else _best_lag(values, a, n, most, method, fuzz, work, place)
                used[method] = lags
                statistic[method] = _statistic(values, a, n, lags, fuzz, work, place)
            if codes[c] == LAG:
                out[w, c] = used[method]
            else:
                out[w, c] = statistic[method] if codes[c] == STATISTIC else _probability(statistic[method])
