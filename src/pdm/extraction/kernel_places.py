"""Where in a window something lies and how often it occurs: locations, counts in ranges, shares of mass and energy."""

from __future__ import annotations

import numpy as np

from pdm.extraction.kernel_sums import Floats, Indices, Number, compiled, longest, pairwise_sum

FIRST_MAX, LAST_MAX, FIRST_MIN, LAST_MIN, TWO_MAX, TWO_MIN, ABOVE, BELOW, RANGE, COUNT, MASS, ENERGY = range(12)

OUTPUTS = {
    "first_location_of_maximum": FIRST_MAX,
    "last_location_of_maximum": LAST_MAX,
    "first_location_of_minimum": FIRST_MIN,
    "last_location_of_minimum": LAST_MIN,
    "has_duplicate_max": TWO_MAX,
    "has_duplicate_min": TWO_MIN,
    "count_above": ABOVE,
    "count_below": BELOW,
    "range_count": RANGE,
    "value_count": COUNT,
    "index_mass_quantile": MASS,
    "energy_ratio_by_chunks": ENERGY,
}


@compiled
def _add_up(v: Floats, a: Number, n: Number, so_far: Floats, scratch: Floats) -> Number:
    """The absolute values added up from the left, for all quantiles at once, and their sum."""
    running = 0.0
    for i in range(n):
        scratch[i] = abs(v[a + i])
        running += scratch[i]
        so_far[i] = running
    return pairwise_sum(scratch, 0, n)


@compiled
def _mass(so_far: Floats, total: Number, n: Number, q: Number) -> Number:
    if total == 0.0:
        return np.nan
    low, high = 0, n
    while low < high:
        middle = (low + high) // 2
        if so_far[middle] / total >= q:
            high = middle
        else:
            low = middle + 1
    return (low + 1) / n if low < n else 1 / n  # tsfresh's answer when rounding keeps the sum below q


@compiled
def _energy(squares: Floats, total: Number, n: Number, segments: Number, focus: Number) -> Number:
    if total == 0.0:
        return np.nan
    size, longer = n // segments, n % segments
    start = focus * size + min(focus, longer)
    return pairwise_sum(squares, start, size + (1 if focus < longer else 0)) / total


@compiled
def _count(v: Floats, a: Number, b: Number, code: Number, p: Number, q: Number) -> Number:
    count = 0
    for i in range(a, b):
        x = v[i]
        if (
            (code == ABOVE and x >= p)
            or (code == BELOW and x <= p)
            or (code == RANGE and x >= p and x < q)
            or (code == COUNT and x == p)
        ):
            count += 1
    return float(count)


@compiled
def run(
    values: Floats, starts: Indices, ends: Indices, min_rows: Number, codes: Indices, params: Floats, out: Floats
) -> None:
    """Fill `out[window, column]`; a window with fewer than `min_rows` values gets NaN throughout."""
    most = longest(starts, ends)
    so_far = np.empty(most, np.float64)
    squares = np.empty(most, np.float64)
    for w in range(starts.shape[0]):
        a, b = starts[w], ends[w]
        n = b - a
        if n < min_rows or n == 0:
            out[w, :] = np.nan
            continue
        first_max = last_max = first_min = last_min = a
        for i in range(a + 1, b):
            x = values[i]
            if x > values[first_max]:
                first_max = i
            if x >= values[last_max]:
                last_max = i
            if x < values[first_min]:
                first_min = i
            if x <= values[last_min]:
                last_min = i
        total = energy = -1.0  # not known yet
        for c in range(codes.shape[0]):
            code = codes[c]
            if code == FIRST_MAX:
                out[w, c] = (first_max - a) / n
            elif code == LAST_MAX:
                out[w, c] = 1.0 - (b - 1 - last_max) / n
            elif code == FIRST_MIN:
                out[w, c] = (first_min - a) / n
            elif code == LAST_MIN:
                out[w, c] = 1.0 - (b - 1 - last_min) / n
            elif code == TWO_MAX:
                out[w, c] = 1.0 if first_max != last_max else 0.0
            elif code == TWO_MIN:
                out[w, c] = 1.0 if first_min != last_min else 0.0
            elif code == MASS:
                if total == -1.0:
                    total = _add_up(values, a, n, so_far, squares)
                    energy = -1.0  # the squares made room
                out[w, c] = _mass(so_far, total, n, params[c, 0])
            elif code == ENERGY:
                if energy == -1.0:
                    for i in range(n):
                        squares[i] = values[a + i] * values[a + i]
                    energy = pairwise_sum(squares, 0, n)
                out[w, c] = _energy(squares, energy, n, int(params[c, 0]), int(params[c, 1]))
            else:
                count = _count(values, a, b, code, params[c, 0], params[c, 1])
                out[w, c] = count / n if code in (ABOVE, BELOW) else count
