"""The loop over every reading of every life, compiled: what is left to live, given how the wear has run so far.

Sums are carried from reading to reading, so a whole life costs as much as its last answer would alone. They add in the order of the
rows: a reading gets the same bits alone at the end of its life and among all.
"""

from __future__ import annotations

import numpy as np

from pdm.extraction.kernel_sums import compiled
from pdm.learning.model import Floats
from pdm.learning.targets import Bools, Ints

STEEPEST = 8.0
"""Wear has grown by at most exp(8) = 3,000 times its first amount: nothing real bends further before it ends."""


@compiled
def posterior(
    y: Floats,
    at: Floats,
    counts: Bools,
    begins: Floats,
    first: Ints,
    rate: Floats,
    shape: float,
    scores: Floats,
    means: Floats,
    precisions: Floats,
    ends: Floats,
    sizes: Floats,
    left: Floats,
    shares: Floats,
    trust: float,
    bounds: Floats,
) -> Floats:
    """Mean and spread of remaining life up to a cap, log rate, chance of an end within two horizons, chance of the first ending: [n, 6].

    y: [n, k], in units of noise. at: position [n]. counts: rows that say something. begins, first: where the life began as known at
    each row, and its first row. rate: [t]; x = exp(rate * age ** shape) - 1 and y = level + gain * x.
    scores: [q, t] log prior plus normalisation; means, precisions: of (level, gain), [q, t, 2k] and [q, 2k, 2k].
    ends: [q, k] direction in which a life ends; sizes: [q, 2] where it ends, and the variance of that.
    left: remaining lives [g] that are weighed, shares: the log width of each. trust: weight of one reading.
    bounds: (cap, first horizon, second horizon).
    """
    rows, k = y.shape
    modes, rates = scores.shape
    grid, d = len(left), 2 * k
    sx, sxx, sxy, sy, count = np.zeros(rates), np.zeros(rates), np.zeros((rates, k)), np.zeros(k), 0.0
    pulls = np.empty((modes, rates, d))
    for mode in range(modes):
        for t in range(rates):
            for r in range(d):
                total = 0.0
                for c in range(d):
                    total += precisions[mode, r, c] * means[mode, t, c]
                pulls[mode, t, r] = total
    logs, found = np.empty((modes, rates, grid)), np.empty((rows, 6))
    lower, v = np.empty((d, d)), np.empty(d)
    u, w = np.empty(d), np.empty(d)
    x_end, steep = np.empty((rates, grid)), np.empty((rates, grid))
    log_rate, log_slope = np.log(rate), np.log(rate * shape)
    known = -1
    for i in range(rows):
        begin = i
        if first[i] != known:
            # Another life, or one that is known by now to have begun elsewhere: its rows are gone through anew.
            known, begin, count = first[i], first[i], 0.0
            sx[:], sxx[:], sxy[:], sy[:] = 0.0, 0.0, 0.0, 0.0
        for j in range(begin, i + 1):
            if not counts[j]:
                continue
            count += 1.0
            age = max(at[j] - begins[i], 0.0)
            for c in range(k):
                sy[c] += y[j, c]
            old = age**shape
            for t in range(rates):
                x = np.exp(min(rate[t] * old, STEEPEST)) - 1.0
                sx[t] += x
                sxx[t] += x * x
                for c in range(k):
                    sxy[t, c] += x * y[j, c]
        age = max(at[i] - begins[i], 0.0)
        for g in range(grid):
            end = age + left[g]
            far, flat = end**shape, (shape - 1.0) * np.log(end)
            for t in range(rates):
                grown = min(rate[t] * far, STEEPEST)
                x_end[t, g] = np.exp(grown) - 1.0
                steep[t, g] = grown + log_slope[t] + flat
        best = -np.inf
        for t in range(rates):
            for mode in range(modes):
                for r in range(d):
                    for c in range(r + 1):
                        lower[r, c] = precisions[mode, r, c]
                for c in range(k):
                    lower[c, c] += trust * count
                    lower[k + c, c] += trust * sx[t]
                    lower[k + c, k + c] += trust * sxx[t]
                    v[c] = pulls[mode, t, c] + trust * sy[c]
                    v[k + c] = pulls[mode, t, k + c] + trust * sxy[t, c]
                    u[c], u[k + c] = ends[mode, c], 0.0
                    w[c], w[k + c] = 0.0, ends[mode, c]
                size = 0.0
                fit = 0.0
                level, gain = 0.0, 0.0
                var_level, cross, var_gain = 0.0, 0.0, 0.0
                # Cholesky's factor, and the three right sides solved along with it.
                for r in range(d):
                    pivot = lower[r, r]
                    for c in range(r):
                        pivot -= lower[r, c] * lower[r, c]
                    pivot = np.sqrt(pivot)
                    lower[r, r] = pivot
                    size += np.log(pivot)
                    for below in range(r + 1, d):
                        value = lower[below, r]
                        for c in range(r):
                            value -= lower[below, c] * lower[r, c]
                        lower[below, r] = value / pivot
                    for c in range(r):
                        v[r] -= lower[r, c] * v[c]
                        u[r] -= lower[r, c] * u[c]
                        w[r] -= lower[r, c] * w[c]
                    v[r] /= pivot
                    u[r] /= pivot
                    w[r] /= pivot
                    fit += v[r] * v[r]
                    level += u[r] * v[r]
                    gain += w[r] * v[r]
                    var_level += u[r] * u[r]
                    cross += u[r] * w[r]
                    var_gain += w[r] * w[r]
                evidence = scores[mode, t] - size + 0.5 * fit
                for g in range(grid):
                    x = x_end[t, g]
                    off = level + gain * x - sizes[mode, 0]
                    spread = var_level + 2.0 * cross * x + var_gain * x * x + sizes[mode, 1]
                    value = evidence - 0.5 * np.log(spread) - 0.5 * off * off / spread + steep[t, g] + shares[g]
                    logs[mode, t, g] = value
                    best = max(best, value)
        total, mean, square, pace, soon, later, one = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
        for mode in range(modes):
            for t in range(rates):
                for g in range(grid):
                    p = np.exp(logs[mode, t, g] - best)
                    r_left = min(left[g], bounds[0])
                    total += p
                    mean += p * r_left
                    square += p * r_left * r_left
                    pace += p * log_rate[t]
                    if left[g] <= bounds[1]:
                        soon += p
                    if left[g] <= bounds[2]:
                        later += p
                    if mode == 0:
                        one += p
        mean /= total
        found[i, 0] = mean
        found[i, 1] = np.sqrt(max(square / total - mean * mean, 0.0))
        found[i, 2] = pace / total
        found[i, 3] = soon / total
        found[i, 4] = later / total
        found[i, 5] = one / total
    return found
