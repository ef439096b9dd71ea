"""The drift of a window with twice the digits, for the few windows whose readings leave sixteen of them no say.

Such are spikes (levels that nearly coincide, seen from one far away), levels of which there are fewer than coefficients, and
readings on a coarse grid, whose highest coefficient is exactly zero and must not become the rounding error that makes up a root.
"""

from __future__ import annotations

import numpy as np

from pdm.extraction.kernel_double import add, divide, multiply, solve_pairs, sum_of
from pdm.extraction.kernel_order import quantile_of
from pdm.extraction.kernel_polynomial import greatest_root, spread_out
from pdm.extraction.kernel_sums import Floats, Number, compiled

_DECIDED = 1e-26
"""Least pivot of the pairs' equations as a share of the greatest; below it their digits are gone too."""
_NOTHING = 1e-13
"""A coefficient no larger than this share of the greatest is the rounding of the readings."""


@compiled
def _points(v: Floats, a: Number, n: Number, bins: Number, ordered: Floats, points: Floats) -> None:
    """The points of `_groups` as pairs: points[g, 0:2] is the level less the first reading, points[g, 2:4] the change."""
    groups, m = 0, n - 1
    edge = ordered[0]
    for b in range(1, bins + 1):
        share = b * (1.0 / bins) if b < bins else 1.0
        upper = quantile_of(ordered, m, share * 100.0 / 100.0)
        x = x_low = y = y_low = 0.0
        count = 0
        for i in range(a, a + m):
            if v[i] <= upper and (v[i] > edge or (b == 1 and v[i] == edge)):
                d, d_low = sum_of(v[i], -v[a])
                x, x_low = add(x, x_low, d, d_low)
                d, d_low = sum_of(v[i + 1], -v[i])
                y, y_low = add(y, y_low, d, d_low)
                count += 1
        if count > 0:
            points[groups, 0], points[groups, 1] = divide(x, x_low, float(count), 0.0)
            points[groups, 2], points[groups, 3] = divide(y, y_low, float(count), 0.0)
            groups += 1
        edge = upper


@compiled
def careful_fit(
    v: Floats, a: Number, n: Number, degree: Number, bins: Number, groups: Number, ordered: Floats, answer: Floats
) -> None:
    """The fit with twice the digits: for points that nearly coincide, for a highest power that may be none, and for fewer points
    than coefficients. Of those many polynomials it is the one that is smallest with scaled powers, as numpy's `polyfit` chooses.
    """
    unknowns = degree + 1
    points, powers = np.empty((groups, 4)), np.empty((groups, unknowns, 2))
    _points(v, a, n, bins, ordered, points)
    few = groups < unknowns
    # Powers of the level itself where they are compared with each other, else of what the level differs by from the first reading.
    base, unit = v[a] if few else 0.0, 1.0
    for g in range(groups):
        while not few and abs(points[g, 0]) > unit:
            unit *= 2.0
    while not few and unit > 1e-300 and _widest(points, groups) <= unit / 2.0:
        unit /= 2.0
    for g in range(groups):
        x, x_low = add(points[g, 0] / unit, points[g, 1] / unit, base, 0.0)
        powers[g, degree, 0], powers[g, degree, 1] = 1.0, 0.0
        for k in range(degree - 1, -1, -1):
            powers[g, k, 0], powers[g, k, 1] = multiply(powers[g, k + 1, 0], powers[g, k + 1, 1], x, x_low)
    shape = np.zeros((unknowns, 2))
    decided = (
        _smallest(points, powers, groups, unknowns, shape) if few else _least(points, powers, groups, unknowns, shape)
    )
    if not decided:
        return
    if few:
        for k in range(unknowns):
            answer[1 + k] = shape[k, 0]
        for stop in range(unknowns, 1, -1):  # to powers of what the level differs by, by Horner
            for k in range(1, stop):
                t, t_low = multiply(shape[k - 1, 0], shape[k - 1, 1], v[a], 0.0)
                shape[k, 0], shape[k, 1] = add(shape[k, 0], shape[k, 1], t, t_low)
    greatest, plain = np.abs(shape[:, 0]).max(), np.empty(unknowns)
    for k in range(unknowns):
        plain[k] = shape[k, 0] if few or abs(shape[k, 0]) > _NOTHING * greatest else 0.0
    if not few:
        spread_out(plain, degree, v[a], unit, answer[1:])
    answer[0] = greatest_root(plain, degree) * unit + v[a]


@compiled
def _widest(points: Floats, groups: Number) -> Number:
    widest = 0.0
    for g in range(groups):
        widest = max(widest, abs(points[g, 0]))
    return widest


@compiled
def _least(points: Floats, powers: Floats, groups: Number, unknowns: Number, shape: Floats) -> Number:
    """Least squares by the normal equations, which twice the digits can afford. Returns whether the points decide."""
    system = np.zeros((unknowns, unknowns + 1, 2))
    for i in range(unknowns):
        for j in range(unknowns + 1):
            for g in range(groups):
                right, right_low = points[g, 2], points[g, 3]
                if j < unknowns:
                    right, right_low = powers[g, j, 0], powers[g, j, 1]
                t, t_low = multiply(powers[g, i, 0], powers[g, i, 1], right, right_low)
                system[i, j, 0], system[i, j, 1] = add(system[i, j, 0], system[i, j, 1], t, t_low)
    decided = solve_pairs(system, unknowns) > _DECIDED
    for k in range(unknowns):
        shape[k, 0], shape[k, 1] = system[k, unknowns, 0], system[k, unknowns, 1]
    return decided


@compiled
def _smallest(points: Floats, powers: Floats, groups: Number, unknowns: Number, shape: Floats) -> Number:
    """The smallest solution through all points, every power scaled by its size. Returns whether the points decide."""
    sizes, system = np.zeros((unknowns, 2)), np.zeros((groups, groups + 1, 2))
    for k in range(unknowns):
        for g in range(groups):
            t, t_low = multiply(powers[g, k, 0], powers[g, k, 1], powers[g, k, 0], powers[g, k, 1])
            sizes[k, 0], sizes[k, 1] = add(sizes[k, 0], sizes[k, 1], t, t_low)
    for g in range(groups):
        for h in range(groups):
            for k in range(unknowns):
                if sizes[k, 0] > 0.0:
                    t, t_low = multiply(powers[g, k, 0], powers[g, k, 1], powers[h, k, 0], powers[h, k, 1])
                    t, t_low = divide(t, t_low, sizes[k, 0], sizes[k, 1])
                    system[g, h, 0], system[g, h, 1] = add(system[g, h, 0], system[g, h, 1], t, t_low)
        system[g, groups, 0], system[g, groups, 1] = points[g, 2], points[g, 3]
    decided = solve_pairs(system, groups) > _DECIDED
    for k in range(unknowns):
        if sizes[k, 0] > 0.0:
            for g in range(groups):
                t, t_low = multiply(system[g, groups, 0], system[g, groups, 1], powers[g, k, 0], powers[g, k, 1])
                shape[k, 0], shape[k, 1] = add(shape[k, 0], shape[k, 1], t, t_low)
            shape[k, 0], shape[k, 1] = divide(shape[k, 0], shape[k, 1], sizes[k, 0], sizes[k, 1])
    return decided
