"""Peaks that stand out at several widths (`number_cwt_peaks`): ridges of maxima in the wavelet transform, counted as scipy's
`find_peaks_cwt` counts them with its default settings.

The window is smoothed with a Ricker wavelet of each width from `n` down to 1. Maxima of neighbouring widths at nearly the same
place form a ridge, which may miss one width. A ridge counts when it is long enough and its last point stands out from the noise:
the 10 % quantile of the narrowest transform around it.
"""

from __future__ import annotations

import numpy as np

from pdm.extraction.kernel_order import slide
from pdm.extraction.kernel_sums import Floats, Indices, Number, compiled, longest

OUTPUTS = {"number_cwt_peaks": 0}

_COLUMN, _ROW, _LENGTH, _GAP = range(4)
_MOST_MISSED = 1
_ROUNDING = 16 * float(np.finfo(np.float64).eps)
"""Neighbours that differ by less, next to the window's largest value, are equal: neither is a maximum."""


@compiled
def _ricker(points: Number, width: Number, wave: Floats) -> None:
    height = 2.0 / (np.sqrt(3.0 * width) * np.pi**0.25)
    for i in range(points):
        x = i - (points - 1.0) / 2.0
        wave[i] = height * (1.0 - x * x / (width * width)) * np.exp(-x * x / (2.0 * width * width))


@compiled
def _transform(v: Floats, a: Number, n: Number, wave: Floats, points: Number, row: Floats) -> None:
    """`numpy.convolve(v[a:a + n], wave, "same")`, every place added up in the same order."""
    for k in range(n):
        row[k] = 0.0
    for j in range(points):
        shift = (points - 1) // 2 - j
        first, last = max(0, -shift), min(n, n - shift)
        x = wave[j]
        # Slices of equal length: the compiler then adds several places at a time.
        target, source = row[first:last], v[a + first + shift : a + last + shift]
        for k in range(target.shape[0]):
            target[k] += x * source[k]


@compiled
def _tenth(s: Floats, n: Number) -> Number:
    """10 % quantile of `n` values, of which at least the smallest lie sorted in `s`."""
    place = 10.0 / 100.0 * (n - 1)
    low = int(place)
    part = place - low
    return s[low] if part == 0.0 else s[low] * (low + 1 - place) + s[low + 1] * part


@compiled
def _noise(row: Floats, n: Number, noise: Floats, s: Floats) -> None:
    """10 % quantile of the values around each place, a twentieth of the window in all."""
    size = (n + 19) // 20
    half, odd = size // 2, size % 2
    if size <= 20:  # the quantile lies among the three smallest
        for i in range(n):
            a, b = max(i - half, 0), min(i + half + odd, n)
            s[0] = s[1] = s[2] = np.inf
            for k in range(a, b):
                x = row[k]
                if x < s[2]:
                    s[2] = x
                    if x < s[1]:
                        s[2], s[1] = s[1], x
                        if x < s[0]:
                            s[1], s[0] = s[0], x
            noise[i] = _tenth(s, b - a)
        return
    old_a = old_b = -1
    for i in range(n):
        a, b = max(i - half, 0), min(i + half + odd, n)
        slide(row, s, old_a, old_b, a, b)
        old_a, old_b = a, b
        noise[i] = _tenth(s, b - a)


@compiled
def _counts(lines: Indices, i: Number, shortest: Number, matrix: Floats, noise: Floats) -> Number:
    column = lines[i, _COLUMN]
    size, floor = matrix[lines[i, _ROW], column], noise[column]
    stands_out = not abs(size) < abs(floor)
    return 1 if lines[i, _LENGTH] >= shortest and stands_out else 0


@compiled
def _ridges(
    matrix: Floats, widths: Number, n: Number, equal: Number, noise: Floats, lines: Indices, line_at: Indices
) -> Number:
    shortest = (widths + 3) // 4
    count = live = 0
    for row in range(widths - 1, -1, -1):
        transform = matrix[row]
        for column in range(n):
            line_at[column] = -1
        for i in range(live - 1, -1, -1):
            line_at[lines[i, _COLUMN]] = i
            lines[i, _GAP] += 1
        reach = (row + 1) // 4
        for column in range(1, n - 1):
            if transform[column] - max(transform[column - 1], transform[column + 1]) <= equal:
                continue
            found = -1
            for distance in range(reach + 1):
                left = line_at[column - distance] if column >= distance else -1
                right = line_at[column + distance] if column + distance < n else -1
                found = max(left, right) if left < 0 or right < 0 else min(left, right)
                if found >= 0:
                    break
            if found < 0:
                found = live
                live += 1
                lines[found, _LENGTH] = 0
            lines[found, _COLUMN] = column
            lines[found, _ROW] = row
            lines[found, _LENGTH] += 1
            lines[found, _GAP] = 0
        kept = 0
        for i in range(live):
            if lines[i, _GAP] > _MOST_MISSED:
                count += _counts(lines, i, shortest, matrix, noise)
            else:
                for field in range(4):
                    lines[kept, field] = lines[i, field]
                kept += 1
        live = kept
    for i in range(live):
        count += _counts(lines, i, shortest, matrix, noise)
    return float(count)


@compiled
def run(
    values: Floats, starts: Indices, ends: Indices, min_rows: Number, codes: Indices, params: Floats, out: Floats
) -> None:
    """Fill `out[window, column]`; a window with fewer than `min_rows` values gets NaN throughout."""
    most = longest(starts, ends)
    widest = 1
    for c in range(codes.shape[0]):
        widest = max(widest, int(params[c, 0]))
    waves = np.empty((widest, min(10 * widest, most)), np.float64)
    matrix = np.empty((widest, most), np.float64)
    noise = np.empty(most, np.float64)
    s = np.empty(2 * most + 3, np.float64)
    lines = np.empty((4 * most + 4, 4), np.int64)
    line_at = np.empty(most, np.int64)
    waves_of = -1
    for w in range(starts.shape[0]):
        a, n = starts[w], ends[w] - starts[w]
        if n < min_rows or n == 0:
            for c in range(codes.shape[0]):
                out[w, c] = np.nan
            continue
        largest = 0.0
        for i in range(a, a + n):
            largest = max(largest, abs(values[i]))
        for k in range(widest):
            points = min(10 * (k + 1), n)
            if n != waves_of:
                _ricker(points, float(k + 1), waves[k])
            _transform(values, a, n, waves[k], points, matrix[k])
        waves_of = n
        _noise(matrix[0], n, noise, s)
        for c in range(codes.shape[0]):
            out[w, c] = _ridges(matrix, int(params[c, 0]), n, _ROUNDING * largest, noise, lines, line_at)
