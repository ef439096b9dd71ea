"""How often a window repeats itself: sample entropy and approximate entropy, over all pairs of positions (quadratic in the length)."""

from __future__ import annotations

import numpy as np

from pdm.extraction.kernel_sums import Floats, Indices, Number, compiled, longest, pairwise_sum

SAMPLE, APPROXIMATE = range(2)

OUTPUTS = {"sample_entropy": SAMPLE, "approximate_entropy": APPROXIMATE}


@compiled
def _spread(v: Floats, a: Number, n: Number, scratch: Floats) -> Number:
    """Standard deviation with numpy's bits, because distances are compared with it; 0 for a constant window."""
    constant = True
    mean = pairwise_sum(v, a, n) / n
    for i in range(n):
        constant = constant and v[a + i] == v[a]
        scratch[i] = (v[a + i] - mean) * (v[a + i] - mean)
    return 0.0 if constant else np.sqrt(pairwise_sum(scratch, 0, n) / n)


@compiled
def _sample_entropy(v: Floats, a: Number, n: Number, tolerance: Number) -> Number:
    """-log of how many pairs of places that match over two values still match over three.

    For each distance between the places, one walk from the end counts for how many values they go on matching.
    """
    two = three = 0
    for lag in range(1, n):
        run = 0
        for i in range(a + n - lag - 1, a - 1, -1):
            run = run + 1 if abs(v[i + lag] - v[i]) <= tolerance else 0
            two += 1 if run >= 2 else 0
            three += 1 if run >= 3 else 0
    if two == 0:
        return np.nan
    return np.inf if three == 0 else np.log(two / three)


@compiled
def _approximate_entropy(v: Floats, a: Number, n: Number, m: Number, tolerance: Number, near: Indices) -> Number:
    """|phi(m) - phi(m + 1)|, phi(m) being the mean log share of places that match a place over m values, itself included."""
    if n <= m + 1:
        return 0.0
    near[:, :n] = 1
    for lag in range(1, n):
        run = 0
        for i in range(n - lag - 1, -1, -1):
            run = run + 1 if abs(v[a + i + lag] - v[a + i]) <= tolerance else 0
            short = 1 if run >= m else 0
            long = 1 if run > m else 0
            near[0, i] += short
            near[0, i + lag] += short
            near[1, i] += long
            near[1, i + lag] += long
    phi = np.zeros(2)
    for k in range(2):
        places = n - m - k + 1
        for i in range(places):
            phi[k] += np.log(near[k, i] / places)
        phi[k] /= places
    return abs(phi[0] - phi[1])


@compiled
def run(
    values: Floats, starts: Indices, ends: Indices, min_rows: Number, codes: Indices, params: Floats, out: Floats
) -> None:
    """Fill `out[window, column]`; a window with fewer than `min_rows` values gets NaN throughout."""
    most = longest(starts, ends)
    scratch = np.empty(most, np.float64)
    near = np.empty((2, most), np.int64)
    for w in range(starts.shape[0]):
        a, n = starts[w], ends[w] - starts[w]
        if n < min_rows or n == 0:
            out[w, :] = np.nan
            continue
        std = _spread(values, a, n, scratch)
        for c in range(codes.shape[0]):
            if codes[c] == SAMPLE:
                out[w, c] = _sample_entropy(values, a, n, 0.2 * std)
            else:
                out[w, c] = _approximate_entropy(values, a, n, int(params[c, 0]), params[c, 1] * std, near)
