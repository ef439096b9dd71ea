"""Least squares for the compiled kernels: Householder's triangles where the data decide, the smallest solution where they do not.

Matrices are stored column by column (`columns[c, row]`), because every step walks down a column.
"""

from __future__ import annotations

import numpy as np

from pdm.extraction.kernel_sums import Floats, Indices, Number, compiled

EPS = 2.220446049250313e-16

_SWEEPS = 60


@compiled
def triangle(columns: Floats, rows: Number, wanted: Number, extra: Number, floor: Number, place: Indices) -> Number:
    """Turn `columns[:wanted]` into a triangle in place, and rotate the `extra` columns after them alike. Returns the rank.

    floor: a column whose rest is no longer than this depends on those before it. place[c]: the row of its diagonal, or -1.
    """
    rank = 0
    for c in range(wanted):
        length = 0.0
        for i in range(rank, rows):
            length += columns[c, i] * columns[c, i]
        length = np.sqrt(length)
        if length <= floor:
            place[c] = -1
            continue
        place[c] = rank
        head = columns[c, rank]
        diagonal = -length if head > 0.0 else length
        columns[c, rank] = head - diagonal
        weight = length * (length + abs(head))  # half the squared length of the mirror's normal
        for d in range(c + 1, wanted + extra):
            shadow = 0.0
            for i in range(rank, rows):
                shadow += columns[c, i] * columns[d, i]
            shadow /= weight
            for i in range(rank, rows):
                columns[d, i] -= shadow * columns[c, i]
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
