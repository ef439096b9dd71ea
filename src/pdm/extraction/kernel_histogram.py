"""Counts per bin, as numpy bins them, and the entropy of the counts: shared by the kernels that need it.

A value belongs to the bin whose edges surround it, and the edges are `numpy.linspace`'s bit for bit, so that a value on an edge
falls to the same side as in numpy.
"""

from __future__ import annotations

import numpy as np

from pdm.extraction.kernel_sums import Floats, Indices, Number, compiled


@compiled
def bins_below(x: Number, low: Number, step: Number, per_unit: Number, bins: Number) -> Number:
    """How many of the edges `linspace(low, high, bins + 1)[1:]` lie below `x`, which lies from `low` to `high`.

    step: `(high - low) / bins`. per_unit: its reciprocal, good enough to begin with.
    """
    k = min(bins - 1, int((x - low) * per_unit))
    while k > 0 and low + k * step >= x:
        k -= 1
    while k < bins - 1 and low + (k + 1) * step < x:
        k += 1
    return k


@compiled
def entropy_of_bins(v: Floats, start: Number, n: Number, bins: Number, counts: Indices, xlogx: Floats) -> Number:
    """Entropy (in nats) of `v[start:start + n]` in `bins` bins of equal width between its smallest and its largest value.

    counts: at least `bins` long, overwritten. xlogx: `c log c` for c from 0 to n.
    """
    low = high = v[start]
    for i in range(start + 1, start + n):
        low = min(low, v[i])
        high = max(high, v[i])
    if low == high:
        return 0.0
    step = (high - low) / bins
    for k in range(bins):
        counts[k] = 0
    for i in range(start, start + n):
        x = v[i]
        k = min(bins - 1, int((x - low) / (high - low) * bins))
        while k > 0 and low + k * step > x:
            k -= 1
        while k < bins - 1 and low + (k + 1) * step <= x:
            k += 1
        counts[k] += 1
    total = 0.0
    for k in range(bins):
        total += xlogx[counts[k]]
    return max(0.0, (xlogx[n] - total) / n)


@compiled
def x_log_x(most: Number) -> Floats:
    """`c log c` for c from 0 to `most`; 0 for 0."""
    table = np.zeros(most + 1)
    for c in range(2, most + 1):
        table[c] = c * np.log(c)
    return table
