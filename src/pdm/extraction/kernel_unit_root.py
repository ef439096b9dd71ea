"""Does a window wander off for good? The augmented Dickey-Fuller test, as statsmodels' `adfuller` with a constant does it.

The number of lagged changes is chosen by the information criterion over one common set of rows; one triangle gives the rest sum of
squares for every number of lags at once. It comes from sums of products where these keep their digits, else from the columns
themselves (see `kernel_solve`). Where a line of lagged changes explains every change exactly (a ramp), or the level
cannot be told from them, there is no test statistic: NaN.

Source of the p-value: J. G. MacKinnon (1994), Approximate asymptotic distribution functions for unit-root and cointegration tests,
Journal of Business & Economic Statistics 12(2), 167-176, one variable with a constant.
"""

from __future__ import annotations

import math

import numpy as np

from pdm.extraction.kernel_solve import APART, EPS, cholesky, lagged_products, triangle
from pdm.extraction.kernel_sums import Floats, Indices, Number, compiled, extremes, longest, pairwise_sum, products

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
def _set_out(v: Floats, a: Number, n: Number, series: Floats) -> None:
    """series[0]: the window about its mean; series[1]: its changes about theirs. The test has a constant, so shifts are immaterial."""
    mean, slope = pairwise_sum(v, a, n) / n, (v[a + n - 1] - v[a]) / (n - 1)
    window, level, change = v[a : a + n], series[0], series[1]
    change[0] = 0.0
    for i in range(n):
        level[i] = window[i] - mean
    for i in range(1, n):
        change[i] = (window[i] - window[i - 1]) - slope


@compiled
def _regress(series: Floats, n: Number, lags: Number, level_at: Number, upper: Floats, spare: Floats) -> Number:
    """The triangle of the regression from sums of products. Columns: the changes up to `lags` rows before, with the level before the
    change put in at `level_at` (0 or `lags`), then the change itself. Returns its sum of squares about its mean; -1: undecided.
    """
    rows, last, shift = n - 1 - lags, lags + 1, 0 if level_at == 0 else 1
    level, change, sums, moved = series[0], series[1], upper[lags + 2], spare[lags + 2]
    lagged_products(change, lags + 1, rows, lags, 0, spare, sums)
    moved[level_at], moved[last] = pairwise_sum(level, lags, rows), sums[0]
    upper[level_at, level_at] = products(level, lags, level, lags, rows)
    upper[level_at, last] = products(change, lags + 1, level, lags, rows)
    upper[last, last] = spare[0, 0]
    for i in range(1, lags + 1):
        here = i - shift
        moved[here], upper[here, last] = sums[i], spare[0, i]
        with_level = products(change, lags + 1 - i, level, lags, rows)
        if shift == 0:
            upper[level_at, here] = with_level
        else:
            upper[here, level_at] = with_level
        for j in range(i, lags + 1):
            upper[here, j - shift] = spare[i, j]
    total = upper[last, last] - moved[last] * (moved[last] / rows)
    if not total >= APART * upper[last, last] or total == 0.0:
        return -1.0
    return total if cholesky(upper, moved, rows, lags + 1, lags + 2) else -1.0


@compiled
def _best_lag(
    v: Floats,
    a: Number,
    n: Number,
    most: Number,
    method: Number,
    fuzz: Number,
    series: Floats,
    upper: Floats,
    spare: Floats,
    work: Floats,
    place: Indices,
) -> Number:
    rows = n - 1 - most
    floor = fuzz * np.sqrt(rows)
    target = work[most + 1]
    total = left = _regress(series, n, most, 0, upper, spare)
    for c in range(most + 1):
        left -= upper[c, most + 1] * upper[c, most + 1]
    from_products = total > 0.0 and left >= APART * total and left > floor * floor
    if from_products:
        left = total
        for c in range(most + 1):
            place[c], target[c] = c, upper[c, most + 1]
    else:
        _column(v, a, most, rows, -1, work[0])
        for lag in range(1, most + 1):
            _column(v, a, most, rows, lag, work[lag])
        _column(v, a, most, rows, 0, target)
        triangle(work, rows, most + 1, 1, floor, place)
    best, lowest, rank = 0, np.inf, 1
    for lag in range(most + 1):
        if place[lag] >= 0:
            rank += 1
            left -= target[place[lag]] * target[place[lag]]
        rest = left if from_products else _rest(target, rank - 1, rows)
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
def _statistic(
    v: Floats,
    a: Number,
    n: Number,
    lags: Number,
    fuzz: Number,
    series: Floats,
    upper: Floats,
    spare: Floats,
    work: Floats,
    place: Indices,
) -> Number:
    """The level comes last, so that its coefficient stands alone in the last row."""
    rows, rank = n - 1 - lags, lags + 1
    floor = fuzz * np.sqrt(rows)
    if rows > rank + 1:
        total = rest = _regress(series, n, lags, lags, upper, spare)
        for c in range(rank):
            rest -= upper[c, rank] * upper[c, rank]
        if total > 0.0 and rest >= APART * total and rest > floor * floor:
            return upper[lags, rank] / np.sqrt(rest / (rows - rank - 1))
    for lag in range(1, lags + 1):
        _column(v, a, lags, rows, lag, work[lag - 1])
    _column(v, a, lags, rows, -1, work[lags])
    _column(v, a, lags, rows, 0, work[lags + 1])
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
    series, upper, spare = np.empty((2, length)), np.empty((widest + 1, widest + 1)), np.empty((widest + 1, widest + 1))
    statistic, used, done = np.empty(4), np.empty(4), np.empty(4, np.bool_)
    for w in range(starts.shape[0]):
        a, n = starts[w], ends[w] - starts[w]
        for c in range(codes.shape[0]):
            out[w, c] = np.nan
        if n < min_rows or n < 4:
            continue
        low, high = extremes(values, a, n)
        if low == high:
            continue
        _set_out(values, a, n, series)
        fuzz = 32.0 * EPS * max(abs(low), abs(high))
        most = min(n // 2 - 2, int(np.ceil(12.0 * np.power(n / 100.0, 0.25))))
        for method in range(4):
            done[method] = False
        for c in range(codes.shape[0]):
            method = int(params[c, 0])
            if not done[method]:
                done[method] = True
                lags = most
                if method != ALL_LAGS:
                    lags = _best_lag(values, a, n, most, method, fuzz, series, upper, spare, work, place)
                used[method] = lags
                statistic[method] = _statistic(values, a, n, lags, fuzz, series, upper, spare, work, place)
            if codes[c] == LAG:
                out[w, c] = used[method]
            else:
                out[w, c] = statistic[method] if codes[c] == STATISTIC else _probability(statistic[method])
