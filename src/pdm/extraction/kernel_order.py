"""Order statistics of a window: quantiles, duplicates and what else a sorted copy tells.

Neighbouring windows share most of their values, so the sorted copy moves along: what left is taken out, what came is put in.
The result is the same sorted multiset that a fresh sort would give, hence a pure function of the window's own rows.
"""

from __future__ import annotations

import numpy as np

from pdm.extraction.kernel_median import FEWEST, MOST, medians
from pdm.extraction.kernel_sums import Floats, Indices, Number, compiled, longest, pairwise_sum

MEDIAN, QUANTILE, DUPLICATE, RE_VALUES, RE_POINTS, SUM_RE_VALUES, SUM_RE_POINTS, DISTINCT, ABS_TOP, SYMMETRY = range(10)

OUTPUTS = {
    "median": MEDIAN,
    "quantile": QUANTILE,
    "has_duplicate": DUPLICATE,
    "percentage_of_reoccurring_values_to_all_values": RE_VALUES,
    "percentage_of_reoccurring_datapoints_to_all_datapoints": RE_POINTS,
    "sum_of_reoccurring_values": SUM_RE_VALUES,
    "sum_of_reoccurring_data_points": SUM_RE_POINTS,
    "ratio_value_number_to_time_series_length": DISTINCT,
    "mean_n_absolute_max": ABS_TOP,
    "symmetry_looking": SYMMETRY,
}


@compiled
def _position(s: Floats, n: Number, x: Number) -> Number:
    """How many of the first `n` are smaller; every step halves what is left, without a branch that could be guessed wrong."""
    low, left = 0, n
    while left > 1:
        half = left // 2
        low += half if s[low + half - 1] < x else 0
        left -= half
    return low + 1 if n > 0 and s[low] < x else low


@compiled
def _replace(s: Floats, n: Number, gone: Number, x: Number) -> None:
    """Put `x` in the place of `gone`: only what lies between the two moves."""
    at, to = _position(s, n, gone), _position(s, n, x)
    if at < to:
        for j in range(at, to - 1):
            s[j] = s[j + 1]
        s[to - 1] = x
    else:
        for j in range(at, to, -1):
            s[j] = s[j - 1]
        s[to] = x


@compiled
def sort(s: Floats, n: Number) -> None:
    """Sort the first `n` values."""
    s[:n].sort()


@compiled
def slide(v: Floats, s: Floats, old_a: Number, old_b: Number, a: Number, b: Number) -> None:
    """Turn the sorted `v[old_a:old_b]` in `s` into the sorted `v[a:b]`: value by value, by merging, or from the beginning.

    The three give the same, so the choice is one of cost: moving one value shifts half of the others, on average.
    """
    n, moving = old_b - old_a, a - old_a + b - old_b
    if old_a <= a < old_b <= b and moving * (32 + n // 16) < 12 * n:
        both = min(a - old_a, b - old_b)
        for i in range(both):
            _replace(s, n, v[old_a + i] + 0.0, v[old_b + i] + 0.0)
        for i in range(old_a + both, a):
            at = _position(s, n, v[i] + 0.0)
            n -= 1
            for j in range(at, n):
                s[j] = s[j + 1]
        for i in range(old_b + both, b):
            x = v[i] + 0.0
            at = _position(s, n, x)
            for j in range(n, at, -1):
                s[j] = s[j - 1]
            s[at] = x
            n += 1
    elif old_a <= a < old_b <= b and n > 256 and moving < n:
        _merge(v, s, old_a, old_b, a, b)
    else:
        n = b - a
        window = v[a:b]
        for i in range(n):
            s[i] = window[i] + 0.0  # -0.0 becomes 0.0, so that ties have one order
        sort(s, n)


@compiled
def _merge(v: Floats, s: Floats, old_a: Number, old_b: Number, a: Number, b: Number) -> None:
    """Sort only what leaves and what comes, and walk through all three once."""
    gone, come, n = a - old_a, b - old_b, old_b - old_a
    room = np.empty(gone + come + n)
    leaving, coming, staying = room[:gone], room[gone : gone + come], room[gone + come :]
    for i in range(gone):
        leaving[i] = v[old_a + i] + 0.0
    for i in range(come):
        coming[i] = v[old_b + i] + 0.0
    sort(leaving, gone)
    sort(coming, come)
    left = kept = 0
    for i in range(n):
        staying[kept] = s[i]
        leaves = left < gone and s[i] == leaving[left]
        left += 1 if leaves else 0
        kept += 0 if leaves else 1
    i = j = 0
    for k in range(kept + come):
        if j == come or (i < kept and staying[i] <= coming[j]):
            s[k] = staying[i]
            i += 1
        else:
            s[k] = coming[j]
            j += 1


@compiled
def quantile_of(s: Floats, n: Number, q: Number) -> Number:
    """Quantile `q` of the sorted values `s[:n]`, between two of them on a straight line, rounded as numpy rounds."""
    place = q * (n - 1)
    low = int(np.floor(place))
    high = min(low + 1, n - 1)
    part = place - low
    step = s[high] - s[low]
    return s[low] + step * part if part < 0.5 else s[high] - step * (1.0 - part)


@compiled
def _median(s: Floats, n: Number) -> Number:
    return s[n // 2] if n % 2 else (s[n // 2 - 1] + s[n // 2]) / 2.0


@compiled
def _medians(values: Floats, starts: Indices, ends: Indices, min_rows: Number, s: Floats, out: Floats) -> None:
    """Medians alone need no sorted copy, as long as windows move on by one value."""
    old_a = old_b = -1
    w = 0
    while w < starts.shape[0]:
        a, b = starts[w], ends[w]
        n, row = b - a, 1
        if n < max(min_rows, 1):
            out[w, :] = np.nan
        else:
            slide(values, s, old_a, old_b, a, b)
            old_a, old_b = a, b
            if FEWEST <= n <= MOST:
                while w + row < starts.shape[0] and starts[w + row] == a + row and ends[w + row] == b + row:
                    row += 1
            if row > 1:
                medians(values, a, n, row, s, out[w : w + row])
            else:
                out[w, :] = _median(s, n)
        w += row


@compiled
def _reoccurring(s: Floats, n: Number, code: Number) -> Number:
    distinct = repeated = points = 0
    sum_values = sum_points = 0.0
    i = 0
    while i < n:
        j = i + 1
        while j < n and s[j] == s[i]:
            j += 1
        distinct += 1
        if j - i > 1:
            repeated += 1
            points += j - i
            sum_values += s[i]
            sum_points += s[i] * (j - i)
        i = j
    if code == DUPLICATE:
        return 1.0 if distinct != n else 0.0
    if code == RE_VALUES:
        return repeated / distinct
    if code == RE_POINTS:
        return points / n
    if code == SUM_RE_VALUES:
        return sum_values
    if code == SUM_RE_POINTS:
        return sum_points
    return distinct / n


@compiled
def _top(s: Floats, n: Number, k: Number) -> Number:
    """Mean of the `k` largest absolute values: they stand at the two ends of the sorted copy."""
    if n <= k:
        return np.nan
    low, high = 0, n - 1
    total = 0.0
    for _ in range(k):
        if abs(s[low]) > abs(s[high]):
            total += abs(s[low])
            low += 1
        else:
            total += abs(s[high])
            high -= 1
    return total / k


@compiled
def run(
    values: Floats, starts: Indices, ends: Indices, min_rows: Number, codes: Indices, params: Floats, out: Floats
) -> None:
    """Fill `out[window, column]`; a window with fewer than `min_rows` values gets NaN throughout."""
    s = np.empty(longest(starts, ends) * 2 + 1, np.float64)
    old_a = old_b = -1
    if np.all(codes == MEDIAN):
        _medians(values, starts, ends, min_rows, s, out)
        return
    for w in range(starts.shape[0]):
        a, b = starts[w], ends[w]
        n = b - a
        if n < min_rows or n == 0:
            out[w, :] = np.nan
            continue
        slide(values, s, old_a, old_b, a, b)
        old_a, old_b = a, b
        gap = -1.0  # not known yet
        for c in range(codes.shape[0]):
            code, p = codes[c], params[c, 0]
            if code == MEDIAN:
                out[w, c] = _median(s, n)
            elif code == QUANTILE:
                out[w, c] = quantile_of(s, n, p)
            elif code == ABS_TOP:
                out[w, c] = _top(s, n, int(p))
            elif code == SYMMETRY:
                if gap == -1.0:
                    gap = abs(pairwise_sum(values, a, n) / n - _median(s, n)) if s[0] != s[n - 1] else 0.0
                out[w, c] = 1.0 if gap < p * (s[n - 1] - s[0]) else 0.0
            else:
                out[w, c] = _reoccurring(s, n, code)
