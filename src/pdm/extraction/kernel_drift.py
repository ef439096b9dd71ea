"""Where a window is drawn to: the drift of its readings as a polynomial of their level (Langevin's dynamics), and its fixed point.

Source: R. Friedrich et al. (2000), Extracting model equations from experimental data, Physics Letters A 271, 217-222.
The mean change is taken within quantiles of the level, and a polynomial is fitted through these points, on a level that is first
centred and scaled: about a million, the cubes of raw readings would leave no digits for what matters.
"""

from __future__ import annotations

import numpy as np

from pdm.extraction.kernel_drift_exact import careful_fit
from pdm.extraction.kernel_order import quantile_of, slide
from pdm.extraction.kernel_polynomial import greatest_root, spread_out
from pdm.extraction.kernel_solve import EPS, back_substitute, triangle
from pdm.extraction.kernel_sums import Floats, Indices, Number, compiled, extremes, longest

COEFFICIENT, FIXED_POINT = range(2)

OUTPUTS = {"friedrich_coefficients": COEFFICIENT, "max_langevin_fixed_point": FIXED_POINT}


_STEEP = 1e-4
"""Below this share of the first diagonal, or of the greatest coefficient, sixteen digits are not enough: then it is done with 32."""


@compiled
def _groups(
    v: Floats, a: Number, n: Number, bins: Number, ordered: Floats, place: Indices, x: Floats, y: Floats
) -> Number:
    """Mean level (less the first reading) and mean change of each quantile with readings in it; -1 when two edges coincide.

    All readings are compared with one edge after the other: many comparisons, but eight at a time and none that has to be guessed.
    """
    m = n - 1
    window, following = v[a : a + m], v[a + 1 : a + n]
    sums, counts = np.zeros((2, bins)), np.zeros(bins, np.int64)
    for i in range(m):
        place[i] = 0
    edge = ordered[0]
    for b in range(1, bins + 1):
        share = b * (1.0 / bins) if b < bins else 1.0
        upper = quantile_of(ordered, m, share * 100.0 / 100.0)
        if upper == edge:
            return -1
        if b < bins:
            for i in range(m):
                place[i] += 1 if window[i] > upper else 0
        edge = upper
    levels, changes = sums[0], sums[1]
    for i in range(m):
        k = place[i]
        levels[k] += window[i] - window[0]
        changes[k] += following[i] - window[i]
        counts[k] += 1
    groups = 0
    for k in range(bins):
        if counts[k] > 0:
            x[groups], y[groups] = levels[k] / counts[k], changes[k] / counts[k]
            groups += 1
    return groups


@compiled
def _fit(
    v: Floats,
    a: Number,
    n: Number,
    degree: Number,
    bins: Number,
    ordered: Floats,
    groups_at: Indices,
    points: Floats,
    work: Floats,
    answer: Floats,
) -> None:
    """answer[0]: the fixed point; answer[1 + k]: the coefficient of power degree - k. ordered: all readings but the last, sorted."""
    for k in range(degree + 2):
        answer[k] = np.nan
    x, y = points[0], points[1]
    groups = _groups(v, a, n, bins, ordered, groups_at, x, y)
    if groups < 1:
        return
    shape, unknowns = np.zeros(degree + 1), degree + 1
    centre, unit, place = 0.0, 0.0, np.empty(unknowns, np.int64)
    low = high = y[0]
    for g in range(groups):
        centre += x[g] / groups
        low, high = min(low, y[g]), max(high, y[g])
    for g in range(groups):
        unit = max(unit, abs(x[g] - centre))
    least, most = extremes(v, a, n)
    greatest = max(abs(least), abs(most))
    if high - low <= 8.0 * EPS * greatest:  # the same drift everywhere, up to rounding, has no fixed point
        for k in range(1, unknowns):
            answer[k] = 0.0
        answer[unknowns] = low
        return
    if groups < unknowns:
        careful_fit(v, a, n, degree, bins, groups, ordered, answer)
        return
    for g in range(groups):
        power = 1.0
        for k in range(degree, -1, -1):
            work[k, g] = power
            power *= (x[g] - centre) / unit
        work[unknowns, g] = y[g]
    decided = triangle(work, groups, unknowns, 1, EPS * groups, place) == unknowns
    if decided:
        back_substitute(work, unknowns, shape)
        for k in range(unknowns):
            decided = decided and abs(work[k, k]) > _STEEP * abs(work[0, 0]) and abs(shape[0]) > _STEEP * abs(shape[k])
    if not decided:
        careful_fit(v, a, n, degree, bins, groups, ordered, answer)
        return
    spread_out(shape, degree, centre + v[a], unit, answer[1:])
    answer[0] = greatest_root(shape, degree) * unit + centre + v[a]


@compiled
def run(
    values: Floats, starts: Indices, ends: Indices, min_rows: Number, codes: Indices, params: Floats, out: Floats
) -> None:
    """Fill `out[window, column]`; params: degree, quantiles, coefficient. NaN where two quantiles of the level coincide."""
    columns, length = codes.shape[0], longest(starts, ends)
    first, highest, finest = np.arange(columns), 1, 1
    for c in range(columns):
        highest, finest = max(highest, int(params[c, 0])), max(finest, int(params[c, 1]))
        for earlier in range(c):
            if params[earlier, 0] == params[c, 0] and params[earlier, 1] == params[c, 1]:
                first[c] = earlier
                break
    side = max(highest + 2, finest)
    points, work, answers = np.empty((2, side)), np.empty((side, side)), np.empty((columns, highest + 2))
    ordered, groups_at = np.empty(2 * length + 1), np.empty(length, np.int64)
    old_a = old_b = -1
    for w in range(starts.shape[0]):
        a, n = starts[w], ends[w] - starts[w]
        if n >= min_rows and n >= 3:
            slide(values, ordered, old_a, old_b, a, a + n - 1)
            old_a, old_b = a, a + n - 1
        for c in range(columns):
            degree, coefficient = int(params[c, 0]), int(params[c, 2])
            if n < min_rows or n < 3:
                out[w, c] = np.nan
                continue
            if first[c] == c:
                into = answers[c, : degree + 2]
                _fit(values, a, n, degree, int(params[c, 1]), ordered, groups_at, points, work, into)
            if codes[c] == FIXED_POINT:
                out[w, c] = answers[first[c], 0]
            else:
                out[w, c] = answers[first[c], 1 + coefficient] if coefficient <= degree else np.nan
