"""Windows of equal length side by side, for transforms that work on many at a time, in portions that fit the processor's cache."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from pdm.extraction.kernel_sums import Floats, Indices, Number, compiled, pairwise_sum

_PORTION = 1 << 15
"""Values transformed at a time: 256 KiB."""


def portions(starts: Indices, ends: Indices, min_rows: int) -> Iterator[tuple[int, Indices]]:
    """(length, windows of that length), never many values at once; windows with fewer than `min_rows` values are left out."""
    counts = ends - starts
    for n in np.unique(counts[counts >= max(min_rows, 1)]).tolist():
        windows = np.flatnonzero(counts == n)
        size = max(1, _PORTION // n)
        for first in range(0, len(windows), size):
            yield n, windows[first : first + size]


@compiled
def put(block: Floats, columns: Indices, matrix: npt.NDArray[Any]) -> None:
    """`matrix[:, columns] = block`, row by row; what exceeds float32 becomes inf."""
    count, first, neighbours = columns.shape[0], columns[0], True
    for c in range(count):
        neighbours = neighbours and columns[c] == first + c
    for row in range(matrix.shape[0]):
        source, target = block[row], matrix[row]
        if neighbours:
            place = target[first : first + count]
            for c in range(count):
                place[c] = source[c]
        else:
            for c in range(count):
                target[columns[c]] = source[c]


@compiled
def centred(values: Floats, starts: Indices, n: Number) -> Floats:
    """[len(starts), n]: `values[start:start + n]` without its mean; a constant stretch becomes exact zeros."""
    block = np.empty((starts.shape[0], n), np.float64)
    for w in range(starts.shape[0]):
        a = starts[w]
        mean = pairwise_sum(values, a, n) / n
        constant = True
        for i in range(n):
            constant = constant and values[a + i] == values[a]
            block[w, i] = values[a + i] - mean
        if constant:
            block[w, :] = 0.0
    return block
