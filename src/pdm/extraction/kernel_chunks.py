"""The straight line through a window that was first condensed chunk by chunk: maxima, minima, means or spreads against chunk number."""

from __future__ import annotations

import numpy as np

from pdm.extraction.kernel_line import INTERCEPT, PVALUE, RVALUE, SLOPE, STDERR, fit_line
from pdm.extraction.kernel_sums import Floats, Indices, Number, compiled, longest, pairwise_sum

OUTPUTS = {
    "agg_linear_trend.slope": SLOPE,
    "agg_linear_trend.intercept": INTERCEPT,
    "agg_linear_trend.rvalue": RVALUE,
    "agg_linear_trend.stderr": STDERR,
    "agg_linear_trend.pvalue": PVALUE,
}

MAX, MIN, MEAN, VAR, STD, SUM = range(6)


@compiled
def _condense(v: Floats, a: Number, n: Number, kind: Number, scratch: Floats) -> Number:
    low = high = v[a]
    for i in range(a + 1, a + n):
        low, high = min(low, v[i]), max(high, v[i])
    if kind == MAX:
        return high
    if kind == MIN:
        return low
    total = pairwise_sum(v, a, n)
    if kind == SUM:
        return total
    mean = low if low == high else total / n
    if kind == MEAN:
        return mean
    for i in range(n):
        scratch[i] = (v[a + i] - mean) * (v[a + i] - mean)
    var = pairwise_sum(scratch, 0, n) / n
    return var if kind == VAR else np.sqrt(var)


@compiled
def run(
    values: Floats, starts: Indices, ends: Indices, min_rows: Number, codes: Indices, params: Floats, out: Floats
) -> None:
    """Fill `out[window, column]`; NaN with fewer than `min_rows` values, or when a chunk is as long as the window."""
    most, columns = longest(starts, ends), codes.shape[0]
    scratch, place, level = np.empty(most), np.arange(most).astype(np.float64), np.empty(most)
    answers = np.empty((columns, 5))
    first = np.arange(columns)  # columns that differ only in the attribute share one line
    for c in range(columns):
        for earlier in range(c):
            if params[earlier, 0] == params[c, 0] and params[earlier, 1] == params[c, 1]:
                first[c] = earlier
                break
    for w in range(starts.shape[0]):
        a, n = starts[w], ends[w] - starts[w]
        for c in range(columns):
            size = int(params[c, 0])
            if n < min_rows or size >= n:
                out[w, c] = np.nan
                continue
            if first[c] == c:
                chunks = (n + size - 1) // size
                for i in range(chunks):
                    level[i] = _condense(values, a + i * size, min(size, n - i * size), int(params[c, 1]), scratch)
                fit_line(place, level, chunks, scratch, answers[c])
            out[w, c] = answers[first[c], codes[c]]
