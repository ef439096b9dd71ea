"""The power spectrum of a window by Welch's method, as scipy's `welch` computes it: segments of at most 256 values, half
overlapping, each without its mean and under a Hann window; their power is averaged.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from pdm.extraction.kernel_batches import centred, portions
from pdm.extraction.kernel_histogram import entropy_of_bins, x_log_x
from pdm.extraction.kernel_sums import Floats, Indices, compiled

DENSITY, ENTROPY = range(2)

OUTPUTS = {"spkt_welch_density": DENSITY, "fourier_entropy": ENTROPY}

_SEGMENT = 256


@lru_cache(maxsize=512)
def _hann(n: int) -> Floats:
    window: Floats = 0.5 + 0.5 * np.cos(np.linspace(-np.pi, np.pi, n + 1)[:n]) if n > 1 else np.ones(1)
    window.flags.writeable = False
    return window


@compiled
def _fill(
    windows: Indices,
    spectrum: npt.NDArray[np.complex128],
    segments: int,
    even: bool,
    scale: float,
    codes: Indices,
    params: Floats,
    out: Floats,
) -> None:
    count = spectrum.shape[1]
    widest = 1
    for c in range(codes.shape[0]):
        if codes[c] == ENTROPY:
            widest = max(widest, int(params[c, 0]))
    bins = np.empty(widest, np.int64)
    xlogx = x_log_x(count)
    power = np.empty(count)
    relative = np.empty(count)
    for row in range(windows.shape[0]):
        power[:] = 0.0
        for s in range(row * segments, (row + 1) * segments):
            for k in range(count):
                re, im = spectrum[s, k].real, spectrum[s, k].imag
                power[k] += re * re + im * im
        for k in range(count):
            both_sides = 1.0 if k == 0 or (even and k == count - 1) else 2.0
            power[k] *= both_sides * scale / segments
        top = power.max()
        if top > 0.0:
            for k in range(count):
                relative[k] = power[k] / top
        for c in range(codes.shape[0]):
            number = int(params[c, 0])
            value = np.nan
            if codes[c] == DENSITY:
                if number < count:
                    value = power[number]
            elif top > 0.0:
                value = entropy_of_bins(relative, 0, count, number, bins, xlogx)
            out[windows[row], c] = value


def run(
    values: Floats, starts: Indices, ends: Indices, min_rows: int, codes: Indices, params: Floats, out: Floats
) -> None:
    """Fill `out[window, column]`; frequencies a window does not have are NaN, so is the entropy of a window without any change."""
    out[ends - starts < max(min_rows, 1)] = np.nan
    for n, windows in portions(starts, ends, min_rows):
        size = min(n, _SEGMENT)
        step = size - size // 2
        segments = (n - size // 2) // step
        firsts = starts[windows][:, None] + np.arange(segments) * step
        hann = _hann(size)
        spectrum = np.fft.rfft(centred(values, firsts.ravel(), size) * hann, axis=1)
        _fill(windows, spectrum, segments, size % 2 == 0, 1.0 / (hann * hann).sum(), codes, params, out)
