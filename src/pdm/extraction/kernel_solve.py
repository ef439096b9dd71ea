"""Least squares for the compiled kernels: products where they keep their digits, Householder's triangles where the data decide, the
smallest solution where they do not.

Columns that are one series shifted against itself need few products: each differs from its neighbour's by what enters and what
leaves. Products square the condition of the problem, so they serve only where `cholesky` finds every column well apart from those
before it (its rest at least `APART` of it, which leaves some eleven digits); else the triangle does, with the columns themselves.

Matrices are stored column by column (`columns[c, row]`), because every step walks down a column.
"""

from __future__ import annotations

import numpy as np

from pdm.extraction.kernel_sums import Floats, Indices, Number, compiled, pairwise_sum, products

EPS = 2.220446049250313e-16

APART = 1e-4

_SWEEPS = 60


@compiled
def lagged_products(
    x: Floats, first: Number, rows: Number, lags: Number, at: Number, into: Floats, sums: Floats
) -> None:
    """into[at + i, at + j]: sum of `x[t - i] * x[t - j]` for t from `first` to `first + rows`, i and j from 0 to `lags`.

    sums[at + i]: sum of `x[t - i]`. Needs `first >= lags`. Only j >= i is filled.
    """
    end = first + rows - 1
    sums[at] = pairwise_sum(x, first, rows)
    for j in range(lags + 1):
        into[at, at + j] = products(x, first, x, first - j, rows)
    for i in range(lags):
        sums[at + i + 1] = sums[at + i] + x[first - 1 - i] - x[end - i]
        for j in range(i, lags):
            enters, leaves = x[first - 1 - i] * x[first - 1 - j], x[end - i] * x[end - j]
            into[at + i + 1, at + j + 1] = into[at + i, at + j] + (enters - leaves)


@compiled
def cholesky(upper: Floats, sums: Floats, rows: Number, wanted: Number, size: Number) -> bool:
    """Take the means out of products of `size` columns and turn those of the first `wanted` into a triangle, in place.

    upper[i, j]: product of columns i and j >= i; the columns after the wanted ones are rotated alike. sums: of each column.
    Returns whether each wanted column has enough left that its mean and the columns before it do not explain.
    """
    for i in range(wanted):
        row, whole = upper[i, :size], upper[i, i]
        mean = sums[i] / rows
        for j in range(i, size):
            row[j] -= mean * sums[j]
        for k in range(i):
            above = upper[k, :size]
            factor = above[i]
            for j in range(i, size):
                row[j] -= factor * above[j]
        if not row[i] >= APART * whole or whole == 0.0:
            return False
        diagonal = np.sqrt(row[i])
        for j in range(i, size):
            row[j] /= diagonal
    return True


@compiled
def triangle(columns: Floats, rows: Number, wanted: Number, extra: Number, floor: Number, place: Indices) -> Number:
    """Turn `columns[:wanted]` into a triangle in place, and rotate the `extra` columns after them alike. Returns the rank.

    floor: a column whose rest is no longer than this depends on those before it. place[c]: the row of its diagonal, or -1.
    """
    rank = 0
    for c in range(wanted):
        mirror = columns[c, rank:rows]
        count = rows - rank
        length = np.sqrt(products(mirror, 0, mirror, 0, count))
        if length <= floor:
            place[c] = -1
            continue
        place[c] = rank
        head = columns[c, rank]
        diagonal = -length if head > 0.0 else length
        columns[c, rank] = head - diagonal
        weight = length * (length + abs(head))  # half the squared length of the mirror's normal
        for d in range(c + 1, wanted + extra):
            other = columns[d, rank:rows]
            shadow = products(mirror, 0, other, 0, count) / weight
            for i in range(count):
                other[i] -= shadow * mirror[i]
        columns[c, rank] = diagonal
        rank += 1
    return rank


@compiled
def back_substitute(columns: Floats, wanted: Number, answer: Floats) -> None:
    """Solve the triangle of full rank against the column after it."""
    for c in range(wanted - 1, -1, -1):
        value = columns[wanted, c]
        for d in range(c + 1, wanted):
            value -= columns[d, c] * answer[d]
        answer[c] = value / columns[c, c]


@compiled
def _make_orthogonal(columns: Floats, count: Number, rows: Number, turns: Floats) -> None:
    """Rotate pairs of columns until all are orthogonal (one-sided Jacobi: Hestenes 1958); `turns` collects the rotations."""
    for c in range(count):
        for d in range(count):
            turns[c, d] = 1.0 if c == d else 0.0
    for _ in range(_SWEEPS):
        rotated = False
        for c in range(count - 1):
            for d in range(c + 1, count):
                cc = dd = cd = 0.0
                for i in range(rows):
                    cc += columns[c, i] * columns[c, i]
                    dd += columns[d, i] * columns[d, i]
                    cd += columns[c, i] * columns[d, i]
                if abs(cd) <= 1e-15 * np.sqrt(cc * dd) or cd == 0.0:
                    continue
                rotated = True
                zeta = (dd - cc) / (2.0 * cd)
                tangent = (1.0 if zeta >= 0.0 else -1.0) / (abs(zeta) + np.sqrt(1.0 + zeta * zeta))
                cosine = 1.0 / np.sqrt(1.0 + tangent * tangent)
                sine = cosine * tangent
                for i in range(rows):
                    old = columns[c, i]
                    columns[c, i] = cosine * old - sine * columns[d, i]
                    columns[d, i] = sine * old + cosine * columns[d, i]
                for i in range(count):
                    old = turns[c, i]
                    turns[c, i] = cosine * old - sine * turns[d, i]
                    turns[d, i] = sine * old + cosine * turns[d, i]
        if not rotated:
            return


@compiled
def _length(column: Floats, rows: Number) -> Number:
    total = 0.0
    for i in range(rows):
        total += column[i] * column[i]
    return np.sqrt(total)


@compiled
def smallest_solution(
    columns: Floats, count: Number, rows: Number, target: Floats, cut: Number, turns: Floats, answer: Floats
) -> None:
    """Of all least-squares solutions the one of smallest norm, as the pseudo-inverse gives it. Destroys `columns`.

    cut: singular values below this share of the greatest count as zero. Needs at least as many rows as columns.
    """
    _make_orthogonal(columns, count, rows, turns)
    for c in range(count):
        answer[c] = 0.0
    most = 0.0
    for c in range(count):
        most = max(most, _length(columns[c], rows))
    for c in range(count):
        size = _length(columns[c], rows)
        if size == 0.0 or size <= cut * most:
            continue
        share = 0.0
        for i in range(rows):
            share += columns[c, i] / size * target[i]
        for d in range(count):
            answer[d] += turns[c, d] * share / size
