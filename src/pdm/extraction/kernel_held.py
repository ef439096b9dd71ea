"""Values that hold until the next one, each weighted by how long it held: the mean of a valve that is written only when it moves.

One pass per window collects its pieces of equal level; an unbroken level is one piece, however many readings repeat it, so that the
readings of other channels change nothing, not even by rounding.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pdm.extraction.kernel_sums import Floats, Indices, Number, compiled

MEAN, VARIANCE, DEVIATION, ROOT_MEAN_SQUARE, ABOVE, BELOW = range(6)

Flags = npt.NDArray[np.bool_]

OUTPUTS = {
    "time_weighted_mean": MEAN,
    "time_weighted_variance": VARIANCE,
    "time_weighted_standard_deviation": DEVIATION,
    "time_weighted_root_mean_square": ROOT_MEAN_SQUARE,
    "time_weighted_count_above": ABOVE,
    "time_weighted_count_below": BELOW,
}


@compiled
def run(
    levels: Floats,
    counted: Flags,
    positions: Indices,
    before: Number,
    counted_before: Number,
    begins: Indices,
    starts: Indices,
    ends: Indices,
    at: Indices,
    codes: Indices,
    params: Floats,
    out: Floats,
) -> None:
    """Fill `out[window, column]`: window `w` is the time `(begins[w], at[w]]`, and `[starts[w], ends[w])` are the readings within.

    levels: [rows] what the channel held from each reading on, NaN where nothing was known yet. counted: [rows] whether that time
    counts (the machine ran). before, counted_before: the same for the time before the first row. NaN where no known time counts.
    """
    longest = 1
    for w in range(starts.shape[0]):
        longest = max(longest, ends[w] - starts[w] + 1)
    value, span = np.empty(longest), np.empty(longest)
    for w in range(starts.shape[0]):
        pieces, whole = 0, 0.0
        first = starts[w]
        level, counts = (levels[first - 1], counted[first - 1]) if first > 0 else (before, counted_before)
        place = begins[w]
        for i in range(first, ends[w] + 1):
            until = positions[i] if i < ends[w] else at[w]
            if counts and np.isfinite(level) and until > place:
                if pieces > 0 and value[pieces - 1] == level:
                    span[pieces - 1] += float(until - place)
                else:
                    value[pieces], span[pieces] = level, float(until - place)
                    pieces += 1
                whole += float(until - place)
            if i < ends[w]:
                level, counts, place = levels[i], counted[i], positions[i]
        if pieces == 0 and counts and np.isfinite(level):  # it came at this very moment
            value[0], span[0], pieces, whole = level, 1.0, 1, 1.0
        if pieces == 0:
            out[w, :] = np.nan
            continue
        mean = 0.0
        for p in range(1, pieces):
            mean += span[p] * (value[p] - value[0])
        mean = value[0] + mean / whole
        variance = square = 0.0
        for p in range(pieces):
            variance += span[p] * (value[p] - mean) * (value[p] - mean)
            square += span[p] * value[p] * value[p]
        for c in range(codes.shape[0]):
            if codes[c] == MEAN:
                out[w, c] = mean
            elif codes[c] == VARIANCE:
                out[w, c] = variance / whole if pieces > 1 else 0.0
            elif codes[c] == DEVIATION:
                out[w, c] = np.sqrt(variance / whole) if pieces > 1 else 0.0
            elif codes[c] == ROOT_MEAN_SQUARE:
                out[w, c] = np.sqrt(square / whole) if pieces > 1 else abs(value[0])
            else:
                share = 0.0
                for p in range(pieces):
                    above = value[p] >= params[c, 0] if codes[c] == ABOVE else value[p] <= params[c, 0]
                    share += span[p] if above else 0.0
                out[w, c] = share / whole
