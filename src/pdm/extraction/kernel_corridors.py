"""How a window moves while it stays within a corridor between two of its own quantiles (`change_quantiles`).

One sorted copy, which moves along with the window, serves all corridors; the steps inside a corridor are collected once for the
columns that share it.
"""

from __future__ import annotations

import numpy as np

from pdm.extraction.kernel_order import quantile_of, slide
from pdm.extraction.kernel_sums import Floats, Indices, Number, compiled, longest

MEAN, VAR, STD = range(3)

OUTPUTS = {"change_quantiles.mean": MEAN, "change_quantiles.var": VAR, "change_quantiles.std": STD}


@compiled
def _steps_inside(v: Floats, a: Number, b: Number, low: Number, high: Number, steps: Floats) -> Number:
    """Collect the steps that begin and end within [low, high]; how many there are."""
    count = 0
    before = low <= v[a] <= high
    for i in range(a + 1, b):
        inside = low <= v[i] <= high
        steps[count] = v[i] - v[i - 1]
        count += 1 if inside and before else 0
        before = inside
    return count


@compiled
def _summary(steps: Floats, count: Number, absolute: Number, code: Number) -> Number:
    if count == 0:
        return 0.0
    mean = 0.0
    for i in range(count):
        mean += abs(steps[i]) if absolute else steps[i]
    mean /= count
    if code == MEAN:
        return mean
    squares = 0.0
    for i in range(count):
        d = (abs(steps[i]) if absolute else steps[i]) - mean
        squares += d * d
    return squares / count if code == VAR else np.sqrt(squares / count)


@compiled
def run(
    values: Floats, starts: Indices, ends: Indices, min_rows: Number, codes: Indices, params: Floats, out: Floats
) -> None:
    """Fill `out[window, column]`; a window with fewer than `min_rows` values gets NaN throughout."""
    most = longest(starts, ends)
    s = np.empty(most * 2 + 1, np.float64)
    steps = np.empty(most + 1, np.float64)
    old_a = old_b = -1
    for w in range(starts.shape[0]):
        a, b = starts[w], ends[w]
        n = b - a
        if n < min_rows or n == 0:
            out[w, :] = np.nan
            continue
        slide(values, s, old_a, old_b, a, b)
        old_a, old_b = a, b
        count = 0
        for c in range(codes.shape[0]):
            low, high = params[c, 0], params[c, 1]
            if c == 0 or low != params[c - 1, 0] or high != params[c - 1, 1]:
                count = 0
                if low < high:
                    count = _steps_inside(values, a, b, quantile_of(s, n, low), quantile_of(s, n, high), steps)
            out[w, c] = _summary(steps, count, params[c, 2] != 0.0, codes[c])
