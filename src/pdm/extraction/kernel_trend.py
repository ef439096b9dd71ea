"""The straight line through a window, value against row number: slope, intercept, correlation, standard error, p-value."""

from __future__ import annotations

import numpy as np
from scipy.special import betainc

from pdm.extraction.kernel_sums import Floats, Indices, Number, compiled, longest, pairwise_sum

SLOPE, INTERCEPT, RVALUE, STDERR, PVALUE = range(5)

OUTPUTS = {
    "linear_trend.slope": SLOPE,
    "linear_trend.intercept": INTERCEPT,
    "linear_trend.rvalue": RVALUE,
    "linear_trend.stderr": STDERR,
    "linear_trend.pvalue": PVALUE,
}

_TINY = 1e-20


@compiled
def run(
    values: Floats,
    starts: Indices,
    ends: Indices,
    min_rows: Number,
    codes: Indices,
    params: Floats,  # noqa: ARG001  all families are called alike
    out: Floats,
) -> None:
    """Fill `out[window, column]`; the p-value's column gets r, which `finish` turns into a probability."""
    scratch = np.empty(longest(starts, ends), np.float64)
    for w in range(starts.shape[0]):
        a, b = starts[w], ends[w]
        n = b - a
        out[w, :] = np.nan
        if n < min_rows or n == 0:
            continue
        low = high = values[a]
        for i in range(a + 1, b):
            low = min(low, values[i])
            high = max(high, values[i])
        constant = low == high
        mean = low if constant else pairwise_sum(values, a, n) / n
        middle = (n - 1) / 2.0
        sxy = 0.0
        for i in range(n):
            d = values[a + i] - mean
            sxy += (i - middle) * d
            scratch[i] = d * d
        ssx = (n * n - 1.0) / 12.0
        ssy = 0.0 if constant else pairwise_sum(scratch, 0, n) / n
        sxy = 0.0 if constant else sxy / n
        slope = sxy / ssx if n > 1 else np.nan
        r = np.nan if constant else min(1.0, max(-1.0, sxy / np.sqrt(ssx * ssy)))
        for c in range(codes.shape[0]):
            code = codes[c]
            if n == 1:
                out[w, c] = np.nan
            elif code == SLOPE:
                out[w, c] = slope
            elif code == INTERCEPT:
                out[w, c] = mean - slope * middle
            elif code == STDERR:
                out[w, c] = 0.0 if n == 2 else np.sqrt((1.0 - r * r) * ssy / ssx / (n - 2.0))
            elif code == PVALUE and n == 2:
                out[w, c] = 0.0 if constant else 1.0
            else:
                out[w, c] = r


def finish(out: Floats, codes: Indices, counts: Indices) -> None:
    """Turn r into the two-sided p-value of Student's t with n - 2 degrees of freedom; two points give 0, or 1 when equal."""
    for column in np.flatnonzero(codes == PVALUE):
        r = out[:, column]
        freedom = np.maximum(counts - 2, 1)
        t2 = r * r * (freedom / ((1.0 - r + _TINY) * (1.0 + r + _TINY)))
        p = betainc(freedom / 2.0, 0.5, freedom / (freedom + t2))
        out[:, column] = np.where(counts == 2, 1.0 - r, p)
