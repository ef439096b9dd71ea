"""Features of the whole life so far, in one pass that starts at the life's first reading and never looks ahead.

Means, variance and slope are updated value by value (Welford), so nothing large is ever subtracted from something large.
"""

from __future__ import annotations

import numpy as np

from pdm.extraction.kernel_sums import Floats, Indices, compiled


@compiled
def run(values: Floats, places: Floats, starts: Indices, ends: Indices, alphas: Floats, out: Floats) -> None:
    """Fill `out[row] = mean, std, slope, ewm(alpha_0), ewm(alpha_1) ...` of `values[starts[row]:ends[row]]`.

    places: where each value lies, in native units. ends ascend; a row whose start differs from the one before begins anew.
    """
    level = np.zeros(alphas.shape[0])
    weight = np.zeros(alphas.shape[0])
    start = done = -1
    n, x_mean, y_mean, sxx, syy, sxy = 0, 0.0, 0.0, 0.0, 0.0, 0.0
    for row in range(starts.shape[0]):
        if starts[row] != start:
            start = done = starts[row]
            n, x_mean, y_mean, sxx, syy, sxy = 0, 0.0, 0.0, 0.0, 0.0, 0.0
            level[:] = 0.0
            weight[:] = 0.0
        for i in range(done, ends[row]):
            n += 1
            dx = places[i] - places[start] - x_mean
            dy = values[i] - y_mean
            x_mean += dx / n
            y_mean += dy / n
            sxx += dx * (places[i] - places[start] - x_mean)
            sxy += dx * (values[i] - y_mean)
            syy += dy * (values[i] - y_mean)
            for k in range(alphas.shape[0]):
                level[k] = level[k] * (1.0 - alphas[k]) + values[i] * alphas[k]
                weight[k] = weight[k] * (1.0 - alphas[k]) + alphas[k]
        done = max(done, ends[row])
        out[row, :] = np.nan
        if n > 0:
            out[row, 0] = y_mean
            out[row, 1] = np.sqrt(max(syy, 0.0) / n)
            for k in range(alphas.shape[0]):
                out[row, 3 + k] = level[k] / weight[k]
        if sxx > 0.0:
            out[row, 2] = sxy / sxx
