"""Life features, drift and exponentially weighted means that go on from where they stood: the accumulators are the checkpoint.

The arithmetic is that of `kernel_life` and of the mean in `kernel_moments`, value by value in the same order, so the results are
theirs bit for bit.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from pdm.catalogue.feature_set import LifeFeatures
from pdm.extraction.kernel_sums import Floats, Indices, Number, compiled, pairwise_sum

_N, _X, _Y, _SXX, _SYY, _SXY, _PLACE = range(7)
_LIFE, _LIFE_DONE, _BASE, _BASE_DONE = range(4)


@dataclass(frozen=True)
class LifeState:
    """What is remembered of a life, per channel; the arrays are changed in place.

    sums: count, means, squares and place of the first value. level, weight: of each exponentially weighted mean.
    baseline: the first values since the baseline began. tail: the latest values, in a ring. counts: values since the baseline
    began. marks: row at which the life began, rows done, row at which the baseline began, rows done.
    """

    sums: Floats
    level: Floats
    weight: Floats
    baseline: Floats
    tail: Floats
    counts: Indices
    marks: Indices

    def copy(self) -> LifeState:
        return LifeState(**{field.name: getattr(self, field.name).copy() for field in fields(self)})

    @property
    def done(self) -> int:
        """Rows of the whole history that are accounted for."""
        return int(min(self.marks[_LIFE_DONE], self.marks[_BASE_DONE]))


def new_life(features: LifeFeatures, channels: int) -> LifeState:
    """Nothing seen yet."""
    alphas = len(features.ewm_alpha)
    return LifeState(
        sums=np.zeros((channels, 7)),
        level=np.zeros((channels, alphas)),
        weight=np.zeros((channels, alphas)),
        baseline=np.zeros((channels, features.baseline_rows)),
        tail=np.zeros((channels, max(features.recent_rows, 1))),
        counts=np.zeros(channels, dtype=np.int64),
        marks=np.zeros(4, dtype=np.int64),
    )


def live_on(
    state: LifeState,
    features: LifeFeatures,
    values: Floats,
    places: Floats,
    offset: int,
    lives: Indices,
    bases: Indices,
    ends: Indices,
) -> Floats:
    """Columns of all channels at some as-of rows, in the order of `life_names` without the age; `state` moves on with them.

    values: [rows, channels], not finite where there is no usable value. places: [rows] in native units since the asset's first
    reading. offset: how many rows of the history lie before them. lives, bases, ends: per as-of row, the row of the history at
    which its life and its baseline began and the number of rows known, all ascending.
    """
    alphas = np.array(features.ewm_alpha, dtype=np.float64)
    drift = np.empty((len(ends), values.shape[1]))
    block = np.empty((len(ends), values.shape[1], 3 + len(alphas)))
    _sums(values, places, offset, lives, ends, alphas, state.sums, state.level, state.weight, state.marks, block)
    _drift(values, offset, bases, ends, state.baseline, state.tail, state.counts, state.marks, drift)
    parts = [drift[:, :, None]] if features.baseline_rows else []
    parts.append(block if features.expanding else block[:, :, 3:])
    return np.concatenate(parts, axis=2).reshape(len(ends), -1)


@compiled
def _sums(
    values: Floats,
    places: Floats,
    offset: Number,
    starts: Indices,
    ends: Indices,
    alphas: Floats,
    sums: Floats,
    level: Floats,
    weight: Floats,
    marks: Indices,
    out: Floats,
) -> None:
    for row in range(starts.shape[0]):
        if starts[row] != marks[_LIFE]:
            marks[_LIFE] = marks[_LIFE_DONE] = starts[row]
            sums[:] = 0.0
            level[:] = 0.0
            weight[:] = 0.0
        for c in range(values.shape[1]):
            s = sums[c]
            for i in range(marks[_LIFE_DONE] - offset, ends[row] - offset):
                value = values[i, c]
                if not np.isfinite(value):
                    continue
                if s[_N] == 0.0:
                    s[_PLACE] = places[i]
                s[_N] += 1.0
                dx = places[i] - s[_PLACE] - s[_X]
                dy = value - s[_Y]
                s[_X] += dx / s[_N]
                s[_Y] += dy / s[_N]
                s[_SXX] += dx * (places[i] - s[_PLACE] - s[_X])
                s[_SXY] += dx * (value - s[_Y])
                s[_SYY] += dy * (value - s[_Y])
                for k in range(alphas.shape[0]):
                    level[c, k] = level[c, k] * (1.0 - alphas[k]) + value * alphas[k]
                    weight[c, k] = weight[c, k] * (1.0 - alphas[k]) + alphas[k]
            out[row, c, :] = np.nan
            if s[_N] > 0.0:
                out[row, c, 0] = s[_Y]
                out[row, c, 1] = np.sqrt(max(s[_SYY], 0.0) / s[_N])
                for k in range(alphas.shape[0]):
                    out[row, c, 3 + k] = level[c, k] / weight[c, k]
            if s[_SXX] > 0.0:
                out[row, c, 2] = s[_SXY] / s[_SXX]
        marks[_LIFE_DONE] = max(marks[_LIFE_DONE], ends[row])


@compiled
def _mean(values: Floats, n: Number) -> Number:
    if n == 0:
        return np.nan
    low = high = values[0]
    for i in range(1, n):
        low = min(low, values[i])
        high = max(high, values[i])
    return low if low == high else pairwise_sum(values, 0, n) / n


@compiled
def _drift(
    values: Floats,
    offset: Number,
    starts: Indices,
    ends: Indices,
    baseline: Floats,
    tail: Floats,
    counts: Indices,
    marks: Indices,
    out: Floats,
) -> None:
    wanted, recent = baseline.shape[1], tail.shape[1]
    scratch = np.empty(recent)
    for row in range(starts.shape[0]):
        if starts[row] != marks[_BASE]:
            marks[_BASE] = marks[_BASE_DONE] = starts[row]
            counts[:] = 0
        for c in range(values.shape[1]):
            for i in range(marks[_BASE_DONE] - offset, ends[row] - offset):
                value = values[i, c]
                if not np.isfinite(value):
                    continue
                if counts[c] < wanted:
                    baseline[c, counts[c]] = value
                tail[c, counts[c] % recent] = value
                counts[c] += 1
            out[row, c] = np.nan
            if wanted > 0 and counts[c] >= wanted:
                n = min(recent, counts[c])
                for i in range(n):
                    scratch[i] = tail[c, (counts[c] - n + i) % recent]
                out[row, c] = _mean(scratch, n) - _mean(baseline[c], wanted)
        marks[_BASE_DONE] = max(marks[_BASE_DONE], ends[row])
