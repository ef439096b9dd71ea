"""How a window moves while it stays within a corridor between two of its own quantiles (`change_quantiles`).

One sorted copy, which moves along with the window, serves all corridors; the steps inside a corridor are collected once for the
columns that share it.
"""

from __future__ import annotations

import numpy as np

from pdm.extraction.kernel_order import quantile_of, slide
from pdm.extraction.kernel_sums import Floats, Indices, Number, compiled, longest, pairwise_sum, squares

MEAN, VAR, STD = range(3)

OUTPUTS = {"change_quantiles.mean": MEAN, "change_quantiles.var": VAR, "change_quantiles.std": STD}


@compiled
def _steps_inside(v: Floats, a: Number, n: Number, low: Number, high: Number, steps: Floats, sizes: Floats) -> Number:
    """Collect the steps that begin and end within [low, high], and their sizes; how many there are."""
    window = v[a : a + n]
    count = 0
    before = low <= window[0] <= high
    for i in range(1, n):
        inside = low <= window[i] <= high
        step = window[i] - window[i - 1]
        steps[count] = step
        sizes[count] = abs(step)
        count += 1 if inside and before else 0
        before = inside
    return count


@compiled
def run(
    values: Floats, starts: Indices, ends: Indices, min_rows: Number, codes: Indices, params: Floats, out: Floats
) -> None:
    """Fill `out[window, column]`; a window with fewer than `min_rows` values gets NaN throughout."""
    most = longest(starts, ends)
    s = np.empty(most * 2 + 1, np.float64)
    steps, sizes = np.empty(most + 1, np.float64), np.empty(most + 1, np.float64)
    old_a = old_b = -1
    for w in range(starts.shape[0]):
        a, b = starts[w], ends[w]
        n = b - a
        if n < min_rows or n == 0:
            out[w, :] = np.nan
            continue
        slide(values, s, old_a, old_b, a, b)
        old_a, old_b = a, b
        count, mean, var, size, size_var = 0, 0.0, 0.0, 0.0, 0.0
        for c in range(codes.shape[0]):
            low, high = params[c, 0], params[c, 1]
            if c == 0 or low != params[c - 1, 0] or high != params[c - 1, 1]:
                count, mean, var, size, size_var = 0, 0.0, 0.0, 0.0, 0.0
                if low < high:
                    count = _steps_inside(values, a, n, quantile_of(s, n, low), quantile_of(s, n, high), steps, sizes)
                if count > 0:
                    mean, size = pairwise_sum(steps, 0, count) / count, pairwise_sum(sizes, 0, count) / count
                    var, size_var = squares(steps, 0, count, mean) / count, squares(sizes, 0, count, size) / count
            sized, code = params[c, 2] != 0.0, codes[c]
            if code == MEAN:
                out[w, c] = size if sized else mean
            else:
                spread = size_var if sized else var
                out[w, c] = spread if code == VAR else np.sqrt(spread)
