"""Sums that come out bit for bit as numpy's do, for the compiled kernels.

Some features compare values with their mean (`count_above_mean`), so a mean that differs from numpy's in the last bit would
count differently. numpy adds pairwise; so does this. Here is also `compiled`, with which every kernel is compiled and kept.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np
import numpy.typing as npt

from pdm.extraction.kernel_lanes import extreme_lanes, product_lanes, square_lanes, sum_lanes
from pdm.extraction.version import compiled_here

_config: Any = numba.config  # its attributes come from the environment, unknown to a type checker
_config.CACHE_DIR = str(compiled_here())

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]
Number = Any
"""One value: numba sees an int64 or a float64."""

Kernel = TypeVar("Kernel", bound=Callable[..., Any])

_BLOCK = 128


def compiled(function: Kernel) -> Kernel:
    """Compile on first use, keep the result on disk, let other threads run meanwhile."""
    return cast(Kernel, numba.njit(cache=True, nogil=True, error_model="numpy")(function))


@compiled
def _block_sum(a: Floats, start: Number, n: Number) -> Number:
    whole = n - n % 8
    total = sum_lanes(a, start, whole // 8)
    for i in range(start + whole, start + n):
        total += a[i]
    return total


@compiled
def pairwise_sum(a: Floats, start: Number, n: Number) -> Number:
    """`np.sum(a[start:start + n])`, bit for bit.

    The halves are walked with an explicit stack: compiled functions that call themselves crash when they come from the cache.
    """
    if n <= _BLOCK:
        return 0.0 + _block_sum(a, start, n)
    half = n // 2
    half -= half % 8
    if n - half <= _BLOCK:
        return 0.0 + (_block_sum(a, start, half) + _block_sum(a, start + half, n - half))
    starts = np.empty(64, np.int64)
    lengths = np.empty(64, np.int64)
    lefts = np.empty(64, np.float64)
    left_done = np.zeros(64, np.bool_)
    starts[0], lengths[0] = start, n
    depth = 0
    while True:
        while lengths[depth] > _BLOCK:
            half = lengths[depth] // 2
            half -= half % 8
            starts[depth + 1], lengths[depth + 1] = starts[depth], half
            left_done[depth + 1] = False
            depth += 1
        total = _block_sum(a, starts[depth], lengths[depth])
        depth -= 1
        while depth >= 0 and left_done[depth]:
            total = lefts[depth] + total
            depth -= 1
        if depth < 0:
            return 0.0 + total
        lefts[depth], left_done[depth] = total, True
        half = lengths[depth] // 2
        half -= half % 8
        starts[depth + 1], lengths[depth + 1] = starts[depth] + half, lengths[depth] - half
        left_done[depth + 1] = False
        depth += 1


@compiled
def squares(a: Floats, start: Number, n: Number, centre: Number) -> Number:
    """Sum of `(a[start:start + n] - centre) ** 2`; numpy's bits for up to 128 values."""
    whole = n - n % 8
    total = square_lanes(a, start, whole // 8, centre)
    for i in range(start + whole, start + n):
        total += (a[i] - centre) * (a[i] - centre)
    return total


@compiled
def pairwise_squares(a: Floats, start: Number, n: Number, centre: Number, scratch: Floats) -> Number:
    """`np.sum((a[start:start + n] - centre) ** 2)`, bit for bit."""
    if n <= _BLOCK:
        return 0.0 + squares(a, start, n, centre)
    half = n // 2
    half -= half % 8
    if n - half <= _BLOCK:
        return 0.0 + (squares(a, start, half, centre) + squares(a, start + half, n - half, centre))
    window = a[start : start + n]
    for i in range(n):
        scratch[i] = (window[i] - centre) * (window[i] - centre)
    return pairwise_sum(scratch, 0, n)


@compiled
def products(a: Floats, start: Number, b: Floats, other: Number, n: Number) -> Number:
    """Sum of `a[start:start + n] * b[other:other + n]`; numpy's bits for up to 128 values."""
    whole = n - n % 8
    total = product_lanes(a, start, b, other, whole // 8)
    for i in range(whole, n):
        total += a[start + i] * b[other + i]
    return total


@compiled
def extremes(a: Floats, start: Number, n: Number) -> tuple[Number, Number]:
    """Smallest and largest of `a[start:start + n]`."""
    whole = n - n % 8
    low, high = extreme_lanes(a, start, whole // 8)
    for i in range(start + whole, start + n):
        low = a[i] if a[i] < low else low
        high = a[i] if a[i] > high else high
    return low, high


@compiled
def longest(starts: Indices, ends: Indices) -> Number:
    """Length of the longest window: how much scratch space a kernel needs."""
    most = 1
    for w in range(starts.shape[0]):
        most = max(most, ends[w] - starts[w])
    return most
