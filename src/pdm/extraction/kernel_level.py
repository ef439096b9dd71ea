"""The sums behind level, spread and shape, for all windows: alone, or eight side by side where windows begin one row apart."""

from __future__ import annotations

from pdm.extraction.kernel_beside import extremes_beside, half_of, powers_beside, squares_beside, sums_beside
from pdm.extraction.kernel_lanes import shape_lanes
from pdm.extraction.kernel_sums import (
    Floats,
    Indices,
    Number,
    compiled,
    extremes,
    pairwise_squares,
    pairwise_sum,
)

LOW, HIGH, TOTAL, MEAN, VAR, ENERGY, SECOND, THIRD, FOURTH = range(9)
"""What is known of a window: extremes, sum, mean, variance, sum of squares, sums of powers about the mean."""

SPREAD, SQUARES, SHAPE = 1, 2, 4
"""What may be asked for beyond extremes, sum and mean: `VAR`; `ENERGY`; `SECOND` to `FOURTH`."""

ROWS = FOURTH + 2
_SIDES = 8


@compiled
def shape_sums(s1: Number, s2: Number, s3: Number, s4: Number, n: Number) -> tuple[Number, Number, Number]:
    """Sums of the second to fourth powers about the mean, from which the mean's own rounding is taken off."""
    r = s1 / n
    second = s2 - n * r * r
    third = s3 - 3.0 * r * s2 + 2.0 * n * r * r * r
    fourth = s4 - 4.0 * r * s3 + 6.0 * r * r * s2 - 3.0 * n * r * r * r * r
    return second, third, fourth


@compiled
def _powers(v: Floats, a: Number, n: Number, mean: Number) -> tuple[Number, Number, Number, Number]:
    """Sums of the first four powers of `v[a:a + n] - mean`."""
    whole = n - n % 8
    s1, s2, s3, s4 = shape_lanes(v, a, whole // 8, mean)
    for i in range(a + whole, a + n):
        d = v[i] - mean
        s1 += d
        s2 += d * d
        s3 += d * d * d
        s4 += d * d * (d * d)
    return s1, s2, s3, s4


@compiled
def _alone(v: Floats, a: Number, n: Number, w: Number, asked: Number, facts: Floats, scratch: Floats) -> None:
    low, high = extremes(v, a, n)
    total = pairwise_sum(v, a, n)
    # A constant window has no spread, whatever rounding says about its mean.
    constant = low == high
    mean = low if constant else total / n
    facts[LOW, w], facts[HIGH, w], facts[TOTAL, w], facts[MEAN, w] = low + 0.0, high + 0.0, total, mean + 0.0
    if asked & SPREAD:
        facts[VAR, w] = 0.0 if constant else pairwise_squares(v, a, n, mean, scratch) / n
    if asked & SQUARES:
        facts[ENERGY, w] = pairwise_squares(v, a, n, 0.0, scratch)
    if asked & SHAPE:
        half = max(half_of(n), 0)
        s1, s2, s3, s4 = _powers(v, a + half, n - half, mean)
        if half > 0:
            t1, t2, t3, t4 = _powers(v, a, half, mean)
            s1, s2, s3, s4 = t1 + s1, t2 + s2, t3 + s3, t4 + s4
        facts[SECOND, w], facts[THIRD, w], facts[FOURTH, w] = shape_sums(s1, s2, s3, s4, n)


@compiled
def _beside(v: Floats, a: Number, n: Number, w: Number, count: Number, asked: Number, facts: Floats) -> None:
    """`count` windows from `w` on, eight or more, that begin at `a`, `a + 1` ...; behind the facts is a row to write on."""
    end = w + count
    lows, highs, totals, means = facts[LOW][w:end], facts[HIGH][w:end], facts[TOTAL][w:end], facts[MEAN][w:end]
    spare = facts[ROWS - 1][w:end]
    extremes_beside(v, a, n, count, lows, highs)
    sums_beside(v, a, n, count, totals)
    for k in range(count):
        means[k] = (lows[k] if lows[k] == highs[k] else totals[k] / n) + 0.0
    spreads, seconds = facts[VAR][w:end], facts[SECOND][w:end]
    thirds, fourths = facts[THIRD][w:end], facts[FOURTH][w:end]
    if asked & SHAPE:
        powers_beside(v, a, n, count, means, spare, seconds, thirds, fourths)
    if asked & SPREAD:
        if asked & SHAPE:
            spreads[:] = seconds
        else:
            squares_beside(v, a, n, count, means, spreads)
        for k in range(count):
            spreads[k] = 0.0 if lows[k] == highs[k] else spreads[k] / n
    if asked & SHAPE:
        for k in range(count):
            seconds[k], thirds[k], fourths[k] = shape_sums(spare[k], seconds[k], thirds[k], fourths[k], n)
    if asked & SQUARES:
        spare[:] = 0.0
        squares_beside(v, a, n, count, spare, facts[ENERGY][w:end])
    for k in range(count):
        lows[k] += 0.0
        highs[k] += 0.0


@compiled
def gather(
    values: Floats,
    starts: Indices,
    ends: Indices,
    min_rows: Number,
    asked: Number,
    facts: Floats,
    scratch: Floats,
) -> None:
    """Fill `facts[LOW]` to `facts[FOURTH]`; with nothing in particular for a window with fewer than `min_rows` values.

    facts: [`ROWS`, windows at least]. scratch: as long as the longest window.
    """
    count = starts.shape[0]
    w = 0
    while w < count:
        a, n = starts[w], ends[w] - starts[w]
        if n < max(min_rows, 1):
            w += 1
            continue
        row = 1
        while w + row < count and starts[w + row] == a + row and ends[w + row] == a + n + row:
            row += 1
        if row < _SIDES or half_of(n) < 0:
            for k in range(row):
                _alone(values, a + k, n, w + k, asked, facts, scratch)
        else:
            _beside(values, a, n, w, row, asked, facts)
        w += row
