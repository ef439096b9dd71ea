"""Each reading explained by those before it: coefficients of an autoregression, by least squares on centred columns.

Centring keeps all digits where the level is a million times the movement. Where the readings do not decide the coefficients
(a constant, a straight ramp), the smallest solution is the answer, as statsmodels' pseudo-inverse has it.
"""

from __future__ import annotations

import numpy as np

from pdm.extraction.kernel_solve import EPS, back_substitute, cholesky, lagged_products, smallest_solution, triangle
from pdm.extraction.kernel_sums import Floats, Indices, Number, compiled, longest, pairwise_sum

OUTPUTS = {"ar_coefficient": 0}

_CUT = 1e-13


@compiled
def _by_products(v: Floats, a: Number, n: Number, k: Number, work: Floats, upper: Floats, fit: Floats) -> bool:
    """The fit from sums of products alone; False where they would cost digits."""
    rows = n - k
    middle = pairwise_sum(v, a, n) / n
    backwards, sums = work[0], work[1]  # so that column i is lag k - i, and what is to be explained comes last
    for i in range(n):
        backwards[i] = v[a + n - 1 - i] - middle
    lagged_products(backwards, k, rows, k, 0, upper, sums)
    if not cholesky(upper, sums, rows, k, k + 1):
        return False
    rest, together = sums[k] / rows, 0.0
    for c in range(k - 1, -1, -1):
        slope = upper[c, k]
        for d in range(c + 1, k):
            slope -= upper[c, d] * fit[k - d]
        slope /= upper[c, c]
        fit[k - c] = slope
        rest -= slope * (sums[c] / rows)
        together += slope
    fit[0] = rest + middle * (1.0 - together)
    return True


@compiled
def _fit(v: Floats, a: Number, n: Number, k: Number, work: Floats, turns: Floats, place: Indices, fit: Floats) -> None:
    """Fill fit[0] with the intercept and fit[lag] with the coefficients; n - k >= k + 1."""
    if _by_products(v, a, n, k, work, turns, fit):
        return
    rows = n - k
    pivot = v[a]
    greatest = 0.0
    for i in range(a, a + n):
        greatest = max(greatest, abs(v[i]))
    means = np.empty(k + 1)
    for c in range(k + 1):  # column c holds lag c + 1, the last one what is to be explained
        lag = c + 1 if c < k else 0
        total = 0.0
        for i in range(rows):
            work[c, i] = v[a + k + i - lag] - pivot
            total += work[c, i]
        means[c] = total / rows
        for i in range(rows):
            work[c, i] -= means[c]
    if triangle(work, rows, k, 1, 32.0 * EPS * np.sqrt(rows) * greatest, place) == k:
        slopes = fit[1:]
        back_substitute(work, k, slopes)
        rest, together = means[k], 0.0
        for c in range(k):
            rest -= slopes[c] * means[c]
            together += slopes[c]
        fit[0] = rest + pivot * (1.0 - together)
        return
    for i in range(rows):
        work[0, i] = 1.0
        for lag in range(1, k + 1):
            work[lag, i] = v[a + k + i - lag]
    smallest_solution(work, k + 1, rows, v[a + k : a + n], _CUT, turns, fit)


@compiled
def run(
    values: Floats, starts: Indices, ends: Indices, min_rows: Number, codes: Indices, params: Floats, out: Floats
) -> None:
    """Fill `out[window, column]`; params: coefficient, lags.

    With fewer than 2 lags + 1 values there is no fit: NaN, but 0 for the last coefficient, as tsfresh has it.
    """
    columns = codes.shape[0]
    first = np.arange(columns)
    most = 1
    for c in range(columns):
        most = max(most, int(min(params[c, 1], longest(starts, ends))))
        for earlier in range(c):
            if params[earlier, 1] == params[c, 1]:
                first[c] = earlier
                break
    fits = np.empty((columns, most + 1))
    work, turns = np.empty((most + 1, longest(starts, ends))), np.empty((most + 1, most + 1))
    place = np.empty(most + 1, np.int64)
    for w in range(starts.shape[0]):
        a, n = starts[w], ends[w] - starts[w]
        for c in range(columns):
            coefficient, k = int(params[c, 0]), int(params[c, 1])
            if n < min_rows or n == 0 or coefficient > k:
                out[w, c] = np.nan
            elif n < 2 * k + 1:
                out[w, c] = 0.0 if coefficient == k else np.nan
            else:
                if first[c] == c:
                    _fit(values, a, n, k, work, turns, place, fits[c])
                out[w, c] = fits[first[c], coefficient]
