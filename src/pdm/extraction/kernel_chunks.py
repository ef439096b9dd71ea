"""The straight line through a window that was first condensed chunk by chunk: maxima, minima, means or spreads against chunk number."""

from __future__ import annotations

import numpy as np

from pdm.extraction.kernel_line import INTERCEPT, PVALUE, RVALUE, SLOPE, STDERR, fit_steps
from pdm.extraction.kernel_sums import Floats, Indices, Number, compiled, extremes, longest, pairwise_sum, squares

OUTPUTS = {
    "agg_linear_trend.slope": SLOPE,
    "agg_linear_trend.intercept": INTERCEPT,
    "agg_linear_trend.rvalue": RVALUE,
    "agg_linear_trend.stderr": STDERR,
    "agg_linear_trend.pvalue": PVALUE,
}

MAX, MIN, MEAN, VAR, STD, SUM = range(6)

_ROUNDING = 3.6e-15
"""Sixteen units in the last place: what the sums of a chunk may be off by."""


@compiled
def _condense(v: Floats, a: Number, n: Number, into: Floats) -> None:
    """Fill `into` with what each kind of `MAX` to `SUM` makes of `v[a:a + n]`."""
    low, high = extremes(v, a, n)
    total = pairwise_sum(v, a, n)
    mean = low if low == high else total / n
    var = squares(v, a, n, mean) / n
    into[MAX], into[MIN], into[MEAN] = high, low, mean
    into[VAR], into[STD], into[SUM] = var, np.sqrt(var), total


@compiled
def _settle(level: Floats, chunks: Number, v: Floats, a: Number, n: Number, kind: Number, size: Number) -> None:
    """Chunks that differ only by the rounding of their sums are level: a line through rounding errors would say that they rise."""
    low, high = extremes(level, 0, chunks)
    if low == high:
        return
    greatest = max(abs(low), abs(high))
    if kind in (MEAN, SUM):
        least, most = extremes(v, a, n)
        greatest = max(abs(least), abs(most)) * (size if kind == SUM else 1)
    if high - low <= _ROUNDING * greatest:
        for i in range(chunks):
            level[i] = low


@compiled
def run(
    values: Floats, starts: Indices, ends: Indices, min_rows: Number, codes: Indices, params: Floats, out: Floats
) -> None:
    """Fill `out[window, column]`; NaN with fewer than `min_rows` values, or when a chunk is as long as the window.

    Overlapping windows share chunks: what a whole chunk comes down to is kept by the place where it begins, once per series. It
    is made of the chunk's own values alone, so a window that has to work it out afresh gets the same bits.
    """
    most, columns = longest(starts, ends), codes.shape[0]
    scratch, level, answers = np.empty(most), np.empty(most), np.empty((columns, 5))
    first, with_p = (
        np.arange(columns),
        np.zeros(columns, np.bool_),
    )  # columns that differ only in the attribute share one line
    sized, sizes = (
        np.arange(columns),
        0,
    )  # which column first asked for a chunk of this size, and how many sizes there are
    slots = np.zeros(columns, np.int64)
    for c in range(columns):
        for earlier in range(c - 1, -1, -1):
            if params[earlier, 0] == params[c, 0]:
                sized[c] = sized[earlier]
                if params[earlier, 1] == params[c, 1]:
                    first[c] = first[earlier]
        slots[c] = slots[sized[c]] if sized[c] < c else sizes
        sizes += 1 if sized[c] == c else 0
        with_p[first[c]] = with_p[first[c]] or codes[c] == PVALUE
    known = np.zeros((sizes, values.shape[0]), np.bool_)
    kept = np.empty((sizes, values.shape[0], 6))
    last = np.empty((sizes, 6))
    for w in range(starts.shape[0]):
        a, n = starts[w], ends[w] - starts[w]
        for c in range(columns):
            size = int(min(params[c, 0], most))
            if n < min_rows or size >= n:
                out[w, c] = np.nan
                continue
            chunks, slot = (n + size - 1) // size, slots[c]
            if sized[c] == c:
                for i in range(n // size):
                    at = a + i * size
                    if not known[slot, at]:
                        _condense(values, at, size, kept[slot, at])
                        known[slot, at] = True
                if n % size:
                    _condense(values, a + n - n % size, n % size, last[slot])
            if first[c] == c:
                kind = int(params[c, 1])
                for i in range(n // size):
                    level[i] = kept[slot, a + i * size, kind]
                if n % size:
                    level[chunks - 1] = last[slot, kind]
                if kind >= MEAN:
                    _settle(level, chunks, values, a, n, kind, size)
                fit_steps(level, chunks, scratch, answers[c], with_p[c])
            out[w, c] = answers[first[c], codes[c]]
