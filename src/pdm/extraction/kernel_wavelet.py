"""How strongly a window looks like a bump of a given width at a given place (Mexican hat, `cwt_coefficients`).

A coefficient is a weighted sum of the window's values, so all of them are one matrix product. It is added up value by value, in
the same order however many windows there are: a library's product rounds differently for one window than for many.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from pdm.extraction.kernel_sums import Floats, Indices, Number, compiled, longest

OUTPUTS = {"cwt_coefficients": 0}

_POINTS = 2**12
_REACH = 8.0


def mexican_hat(width: float) -> Floats:
    """What the values around a place are multiplied with, after PyWavelets: steps of the wavelet's integral, sampled at `width`."""
    x = np.linspace(-_REACH, _REACH, _POINTS)
    step = x[1] - x[0]
    wave = 2.0 / (np.sqrt(3.0) * np.pi**0.25) * np.exp(-(x**2) / 2.0) * (1.0 - x**2)
    sampled = (np.arange(width * 2 * _REACH + 1) / (width * step)).astype(np.int64)
    integral = (np.cumsum(wave) * step)[sampled[sampled < _POINTS]][::-1]
    taps: Floats = -np.sqrt(width) * np.diff(integral, prepend=0.0, append=0.0)
    return taps


@lru_cache(maxsize=32)
def _weights(columns: tuple[tuple[float, int], ...], rows: int) -> Floats:
    """[rows, columns]: weight of the value at each place of a window for each (width, place of the bump)."""
    weights = np.zeros((rows, len(columns)))
    for c, (width, place) in enumerate(columns):
        taps = mexican_hat(width)
        # PyWavelets cuts the longer result to the window's length, half at each end.
        at = place + (len(taps) - 2 - 1) // 2 + 1 - np.arange(rows)
        inside = (at >= 0) & (at < len(taps))
        weights[inside, c] = taps[at[inside]]
    used = np.flatnonzero(weights.any(axis=1))
    return weights[: used[-1] + 1] if len(used) else weights[:0]


@compiled
def _apply(
    values: Floats, starts: Indices, ends: Indices, min_rows: Number, places: Indices, weights: Floats, out: Floats
) -> None:
    for w in range(starts.shape[0]):
        a = starts[w]
        n = ends[w] - a
        if n < min_rows or n == 0:
            out[w, :] = np.nan
            continue
        row = out[w]
        row[:] = 0.0
        for i in range(min(n, weights.shape[0])):
            x = values[a + i]
            weight = weights[i]
            for c in range(row.shape[0]):
                row[c] += x * weight[c]
        for c in range(row.shape[0]):
            if places[c] >= n:
                row[c] = np.nan


def run(
    values: Floats,
    starts: Indices,
    ends: Indices,
    min_rows: int,
    codes: Indices,  # noqa: ARG001  all families are called alike
    params: Floats,
    out: Floats,
) -> None:
    """Fill `out[window, column]`; a bump beyond the window's end is NaN, and so is a window with fewer than `min_rows` values."""
    places = params[:, 1].astype(np.int64)
    columns = tuple(zip(params[:, 0].tolist(), places.tolist(), strict=True))
    _apply(values, starts, ends, min_rows, places, _weights(columns, int(longest(starts, ends))), out)
