"""What a vibration snapshot needs around its transforms, each in one visit of the data: a pass over a long recording costs
as much as a good part of its FFT. Snapshots are rows, and no row knows of another.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from pdm.extraction.kernel_lanes import shape_lanes
from pdm.extraction.kernel_level import shape_sums
from pdm.extraction.kernel_sums import Floats, Indices, Number, compiled, extremes, pairwise_sum, products

_NEAR = 1024
"""Values that are used again while they are still in the nearest cache."""


@compiled
def _shape(signal: Floats, first: Number, n: Number, pivot: Number, sums: Floats) -> None:
    """Add to `sums` the first four powers of `signal[first:first + n] - pivot`, and widen the extremes behind them."""
    low, high = extremes(signal, first, n)
    sums[4], sums[5] = min(sums[4], low), max(sums[5], high)
    whole = n - n % 8
    powers = shape_lanes(signal, first, whole // 8, pivot)
    for k in range(4):
        sums[k] += powers[k]
    for i in range(first + whole, first + n):
        d = signal[i] - pivot
        sums[0] += d
        sums[1] += d * d
        sums[2] += d * d * d
        sums[3] += d * d * (d * d)


@compiled
def _settle(sums: Floats, n: Number, pivot: Number, levels: Floats) -> None:
    """levels: mean square, peak and mean fourth power about the mean, from sums about a pivot that is not far from it."""
    second, _, fourth = shape_sums(sums[0], sums[1], sums[2], sums[3], n)
    mean = pivot + sums[0] / n
    levels[0] = max(second, 0.0) / n
    levels[1] = max(sums[5] - mean, mean - sums[4])
    levels[2] = max(fourth, 0.0) / n


@compiled
def level(signals: Floats, levels: Floats) -> None:
    """Mean square, peak and mean fourth power of signals without their means, in one visit.

    signals: [k, n]. levels: [k, 3]; NaN for a signal with a value that is not finite.
    """
    n, sums = signals.shape[1], np.empty(6)
    for row in range(signals.shape[0]):
        signal = signals[row]
        pivot = pairwise_sum(signal, 0, min(n, _NEAR)) / min(n, _NEAR)
        sums[:4], sums[4], sums[5] = 0.0, np.inf, -np.inf
        for first in range(0, n, _NEAR):
            _shape(signal, first, min(_NEAR, n - first), pivot, sums)
        if np.isfinite(sums[0]):
            _settle(sums, n, pivot, levels[row])
        else:
            levels[row, :] = np.nan


@compiled
def line_powers(
    spectra: npt.NDArray[np.complex128],
    n: Number,
    frequency: Floats,
    firsts: Indices,
    ends: Indices,
    velocity: Number,
    weights: Floats,
    sums: Floats,
    bands: Floats,
) -> None:
    """What the lines of signals of `n` samples come down to; line 0, the mean, counts for nothing.

    The power of a line is its mean square: they add up to the mean square of the signal (Parseval).
    sums: [k, 3], the power, the power times `frequency`, and that of lines from `velocity` on times `weights`.
    bands: [k, bands], the power of lines `firsts` to `ends`.
    """
    last = spectra.shape[1] - 1
    scale, power = 2.0 / (float(n) * float(n)), np.empty(last + 1)
    for row in range(spectra.shape[0]):
        spectrum, total, moment = spectra[row], 0.0, 0.0
        for first in range(0, last + 1, _NEAR):
            count = min(_NEAR, last + 1 - first)
            lines, near = spectrum[first : first + count], power[first : first + count]
            for i in range(count):
                near[i] = (lines[i].real * lines[i].real + lines[i].imag * lines[i].imag) * scale
            if first == 0:
                near[0] = 0.0
            if first + count == last + 1 and n % 2 == 0:
                near[count - 1] /= 2.0
            total += pairwise_sum(power, first, count)
            moment += products(power, first, frequency, first, count)
        sums[row, 0], sums[row, 1] = total, moment
        sums[row, 2] = products(power, velocity, weights, 0, weights.shape[0])
        for band in range(firsts.shape[0]):
            bands[row, band] = pairwise_sum(power, firsts[band], max(ends[band] - firsts[band], 0))


@compiled
def place(
    spectra: npt.NDArray[np.complex128], first: Number, count: Number, scales: Floats, out: npt.NDArray[Any]
) -> None:
    """Write lines `first` to `first + count` to the beginning of each row of `out`, divided by its scale, and zeros behind them."""
    for row in range(spectra.shape[0]):
        lines, target = spectra[row, first : first + count], out[row]
        factor = 1.0 / scales[row]
        for i in range(count):
            target[i] = lines[i] * factor
        target[count:] = 0.0


@compiled
def magnitudes(analytic: npt.NDArray[Any], scales: Floats, out: Floats) -> None:
    """`abs(analytic) * scale`; the root of the sum of squares, without `abs`'s guard against what no vibration reaches."""
    for row in range(analytic.shape[0]):
        _magnitudes(analytic[row], scales[row], out[row])


@compiled
def _magnitudes(numbers: npt.NDArray[Any], scale: Number, out: Floats) -> None:
    for i in range(numbers.shape[0]):
        real, imaginary = numbers[i].real, numbers[i].imag
        out[i] = np.sqrt(real * real + imaginary * imaginary) * scale


@compiled
def level_magnitudes(analytic: npt.NDArray[Any], scales: Floats, out: npt.NDArray[np.float32], levels: Floats) -> None:
    """`magnitudes` about a pivot near their mean, and mean square, peak and mean fourth power about the mean.

    out: [k, n]; whoever looks at its line 0 sees the pivot. levels: [k, 3].
    """
    n, sums, near = analytic.shape[1], np.empty(6), np.empty(_NEAR)
    for row in range(analytic.shape[0]):
        numbers, target = analytic[row], out[row]
        pivot = 0.0
        sums[:4], sums[4], sums[5] = 0.0, np.inf, -np.inf
        for first in range(0, n, _NEAR):
            count = min(_NEAR, n - first)
            _magnitudes(numbers[first : first + count], scales[row], near)
            if first == 0:
                pivot = pairwise_sum(near, 0, count) / count
            _shape(near, 0, count, pivot, sums)
            part = target[first : first + count]
            for i in range(count):
                part[i] = near[i] - pivot
        _settle(sums, n, pivot, levels[row])


@compiled
def line_peaks(spectra: npt.NDArray[Any], firsts: Indices, lasts: Indices, out: Floats) -> None:
    """out[k, range]: the largest magnitude among the lines `first` to `last`, both included."""
    for row in range(spectra.shape[0]):
        for place in range(firsts.shape[0]):
            best = 0.0
            for line in range(firsts[place], lasts[place] + 1):
                real, imaginary = float(spectra[row, line].real), float(spectra[row, line].imag)
                best = max(best, real * real + imaginary * imaginary)
            out[row, place] = np.sqrt(best)
