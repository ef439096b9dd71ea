"""The straight line through a window against the clock, in hours since its first reading: for irregular times."""

from __future__ import annotations

import numpy as np

from pdm.extraction.kernel_line import INTERCEPT, PVALUE, RVALUE, SLOPE, STDERR, fit_line
from pdm.extraction.kernel_sums import Floats, Indices, Number, compiled, longest

OUTPUTS = {
    "linear_trend_timewise.slope": SLOPE,
    "linear_trend_timewise.intercept": INTERCEPT,
    "linear_trend_timewise.rvalue": RVALUE,
    "linear_trend_timewise.stderr": STDERR,
    "linear_trend_timewise.pvalue": PVALUE,
}


@compiled
def run_at(
    values: Floats,
    ticks: Indices,
    starts: Indices,
    ends: Indices,
    min_rows: Number,
    codes: Indices,
    params: Floats,  # noqa: ARG001  all families are called alike
    out: Floats,
) -> None:
    """Fill `out[window, column]`; ticks: microseconds. NaN with fewer than `min_rows` values, with one, or all at one moment."""
    most = longest(starts, ends)
    hours, level, scratch, answer = np.empty(most), np.empty(most), np.empty(most), np.empty(5)
    for w in range(starts.shape[0]):
        a, n = starts[w], ends[w] - starts[w]
        for c in range(codes.shape[0]):
            out[w, c] = np.nan
        if n < min_rows or n < 2:
            continue
        for i in range(n):
            hours[i] = (ticks[a + i] - ticks[a]) / 1e6 / 3600.0
            level[i] = values[a + i]
        fit_line(hours, level, n, scratch, answer, True)
        for c in range(codes.shape[0]):
            out[w, c] = answer[codes[c]]
