"""How varied a window is: orders of neighbouring values, substrings never seen before, leading digits, bins.

What belongs to one sample alone, whichever window it lies in (its leading digit, the order of it and its followers), is worked
out once per sample and not once per window: windows overlap.
"""

from __future__ import annotations

import numpy as np

from pdm.extraction.kernel_histogram import bins_below, entropy_of_bins, x_log_x
from pdm.extraction.kernel_order import sort
from pdm.extraction.kernel_sums import Floats, Indices, Number, compiled, extremes, longest

PERMUTATION, LEMPEL_ZIV, BENFORD, BINNED, UNASKED = range(5)

OUTPUTS = {
    "permutation_entropy": PERMUTATION,
    "lempel_ziv_complexity": LEMPEL_ZIV,
    "benford_correlation": BENFORD,
    "binned_entropy": BINNED,
    "query_similarity_count": UNASKED,
}

_LOWEST_POWER = -324
# The double that "3e-7" stands for is the smallest whose shortest decimal form begins with a 3 there: no digit is ever printed.
_LEADING = np.array([[float(f"{digit}e{power}") for digit in range(1, 10)] for power in range(_LOWEST_POWER, 309)])
_BENFORD = np.log10(1.0 + 1.0 / np.arange(1, 10)) - np.log10(10.0) / 9.0
_TABLED = 7


@compiled
def _leading_digit(x: Number) -> Number:
    x = abs(x)
    if x == 0.0:
        return 0
    power = int(np.floor(np.log10(x)))
    row = min(max(power - _LOWEST_POWER, 0), 632)
    if x < _LEADING[row, 0] and row > 0:
        row -= 1
    elif row < 632 and x >= _LEADING[row + 1, 0]:
        row += 1
    for digit in range(9, 0, -1):
        if x >= _LEADING[row, digit - 1]:
            return digit
    return 1


@compiled
def _benford(digits: Indices, a: Number, b: Number) -> Number:
    """Correlation of the shares of leading digits with Benford's; NaN when all nine are equally frequent."""
    counts = np.zeros(10, np.int64)
    for i in range(a, b):
        counts[digits[i]] += 1
    total = b - a - counts[0]
    cross = own = theirs = 0.0
    equal = True
    for k in range(9):
        equal = equal and counts[k + 1] == counts[1]
        share = counts[k + 1] - total / 9.0
        cross += share * _BENFORD[k]
        own += share * share
        theirs += _BENFORD[k] * _BENFORD[k]
    if equal:
        return np.nan
    return min(1.0, max(-1.0, cross / np.sqrt(own * theirs)))


@compiled
def _order(v: Floats, i: Number, dimension: Number) -> Number:
    """The order of `dimension` values as one number (Lehmer's code); of equal values the earlier counts as the smaller."""
    code = 0
    for p in range(dimension):
        smaller = 0
        for q in range(p + 1, dimension):
            smaller += 1 if v[i + q] < v[i + p] else 0
        code = code * (dimension - p) + smaller
    return code


@compiled
def _permutations(
    orders: Indices,
    a: Number,
    n: Number,
    tau: Number,
    dimension: Number,
    table: Indices,
    scratch: Floats,
    xlogx: Floats,
) -> Number:
    if n < dimension:
        return np.nan
    chunks = (n - dimension) // tau + 1
    total = 0.0
    if dimension <= _TABLED:
        for k in range(chunks):
            table[orders[a + k * tau]] += 1
        for k in range(chunks):
            order = orders[a + k * tau]
            total += xlogx[table[order]]
            table[order] = 0
    else:
        for k in range(chunks):
            scratch[k] = orders[a + k * tau]
        sort(scratch, chunks)
        same = 1
        for k in range(1, chunks + 1):
            if k < chunks and scratch[k] == scratch[k - 1]:
                same += 1
            else:
                total += xlogx[same]
                same = 1
    return max(0.0, (xlogx[chunks] - total) / chunks)


@compiled
def _lempel_ziv(
    v: Floats,
    a: Number,
    n: Number,
    bins: Number,
    low: Number,
    high: Number,
    symbols: Indices,
    keys: Indices,
    nodes: Indices,
    base: Number,
) -> Number:
    """Distinct substrings per value. They form a tree (every prefix of one is another), kept as (parent, symbol) -> child.

    keys, nodes: may hold what earlier calls left behind. base: above all keys of theirs, so that nothing needs to be cleared; this
    call's keys lie below `base + (n + 1) * bins`.
    """
    size = 16
    while size < 2 * n:
        size *= 2
    window, step = v[a : a + n], (high - low) / bins
    for i in range(n):
        symbols[i] = 0
    if step > 0.0:
        per_unit = min(1e300, 1.0 / step)
        for i in range(n):
            symbols[i] = bins_below(window[i], low, step, per_unit, bins)
    found = node = 0
    for i in range(n):
        key = base + node * bins + symbols[i]
        place = ((key - base) * 40503 ^ (key - base) >> 7) & (size - 1)
        while keys[place] >= base and keys[place] != key:
            place = (place + 1) & (size - 1)
        if keys[place] == key:
            node = nodes[place]
        else:
            found += 1
            keys[place] = key
            nodes[place] = found
            node = 0
    return found / n


@compiled
def run(
    values: Floats, starts: Indices, ends: Indices, min_rows: Number, codes: Indices, params: Floats, out: Floats
) -> None:
    """Fill `out[window, column]`; a window with fewer than `min_rows` values gets NaN throughout."""
    most = longest(starts, ends)
    xlogx = x_log_x(most)
    widest = 1
    for c in range(codes.shape[0]):
        if codes[c] == BINNED:
            widest = max(widest, int(params[c, 0]))
    counts = np.empty(widest, np.int64)
    table = np.zeros(5040, np.int64)
    scratch = np.empty(most, np.float64)
    keys = np.zeros(4 * most + 16, np.int64)
    nodes = np.empty(4 * most + 16, np.int64)
    symbols, base = np.empty(most, np.int64), 1
    for c in range(codes.shape[0]):
        code, p = codes[c], int(params[c, 0])
        dimension = int(params[c, 1])
        known = np.empty(values.shape[0] if code in (PERMUTATION, BENFORD) else 0, np.int64)
        first = last = -1  # known[first:last] is worked out already
        for w in range(starts.shape[0]):
            a, b = starts[w], ends[w]
            n = b - a
            out[w, c] = np.nan
            if n < min_rows or n == 0 or code == UNASKED:
                continue
            if code in (PERMUTATION, BENFORD):
                if a < first or a > last:
                    first = last = a
                until = b if code == BENFORD else b - dimension + 1
                for i in range(last, until):
                    known[i] = _leading_digit(values[i]) if code == BENFORD else _order(values, i, dimension)
                last = max(last, until)
            if code == PERMUTATION:
                out[w, c] = _permutations(known, a, n, p, dimension, table, scratch, xlogx)
            elif code == BENFORD:
                out[w, c] = _benford(known, a, b)
            elif code == BINNED:
                out[w, c] = entropy_of_bins(values, a, n, p, counts, xlogx)
            elif code == LEMPEL_ZIV:
                low, high = extremes(values, a, n)
                out[w, c] = _lempel_ziv(values, a, n, p, low, high, symbols, keys, nodes, base)
                base += (n + 1) * p
