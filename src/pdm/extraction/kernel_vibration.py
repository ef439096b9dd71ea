"""What a vibration snapshot needs around its transforms, each in one visit of the data: a pass over a long recording costs
as much as a good part of its FFT. Snapshots are rows, and no row knows of another.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from pdm.extraction.kernel_lanes import shape_lanes
from pdm.extraction.kernel_sums import Floats, Indices, Number, compiled, extremes, pairwise_sum, products

_NEAR = 1024
"""Values that are used again while they are still in the nearest cache."""


@compiled
def centre(signals: Floats, out: npt.NDArray[Any], levels: Floats) -> None:
    """Write the signals without their means, and mean square, peak and mean fourth power of what is left.

    signals, out: [k, n]. levels: [k, 3]. A signal with a value that is not finite becomes zeros, with NaN for levels.
    """
    n = signals.shape[1]
    for row in range(signals.shape[0]):
        signal, rest = signals[row], out[row]
        total, low, high = 0.0, np.inf, -np.inf
        for first in range(0, n, _NEAR):
            count = min(_NEAR, n - first)
            total += pairwise_sum(signal, first, count)
            least, most = extremes(signal, first, count)
            low, high = min(low, least), max(high, most)
        mean = total / n
        if not np.isfinite(mean):
            rest[:] = 0.0
            levels[row, :] = np.nan
            continue
        squares = fourths = 0.0
        for first in range(0, n, _NEAR):
            count = min(_NEAR, n - first)
            whole = count - count % 8
            _, second, _, fourth = shape_lanes(signal, first, whole // 8, mean)
            squares += second
            fourths += fourth
            for i in range(first, first + count):
                rest[i] = signal[i] - mean
            for i in range(first + whole, first + count):
                square = (signal[i] - mean) * (signal[i] - mean)
                squares += square
                fourths += square * square
        levels[row, 0] = squares / n
        levels[row, 1] = max(high - mean, mean - low)
        levels[row, 2] = fourths / n


@compiled
def line_power(spectra: npt.NDArray[np.complex128], n: Number, out: Floats) -> None:
    """Mean square of each line of signals of `n` samples: they add up to the mean square of the signal (Parseval)."""
    last = spectra.shape[1] - 1
    scale = 2.0 / (float(n) * float(n))
    for row in range(spectra.shape[0]):
        spectrum, power = spectra[row], out[row]
        for line in range(last + 1):
            number = spectrum[line]
            power[line] = (number.real * number.real + number.imag * number.imag) * scale
        power[0] /= 2.0
        if n % 2 == 0:
            power[last] /= 2.0


@compiled
def band_sums(power: Floats, firsts: Indices, ends: Indices, out: Floats) -> None:
    """out[k, band]: the sum of `power[k, first:end]`."""
    for row in range(power.shape[0]):
        for band in range(firsts.shape[0]):
            out[row, band] = pairwise_sum(power[row], firsts[band], max(ends[band] - firsts[band], 0))


@compiled
def weighted_sums(power: Floats, first: Number, weights: Floats, out: Floats) -> None:
    """out[k]: the sum of `power[k, first + i] * weights[i]`."""
    for row in range(power.shape[0]):
        out[row] = products(power[row], first, weights, 0, weights.shape[0])


@compiled
def place(
    spectra: npt.NDArray[np.complex128], first: Number, count: Number, out: npt.NDArray[Any], scales: Floats
) -> None:
    """Write lines `first` to `first + count` to the beginning of each row of `out`, brought near 1; scales: what undoes that."""
    for row in range(spectra.shape[0]):
        lines, target = spectra[row, first : first + count], out[row]
        total = 0.0
        for i in range(count):
            total += abs(lines[i].real) + abs(lines[i].imag)
        scales[row] = total / count if total > 0.0 else 1.0
        factor = 1.0 / scales[row]
        for i in range(count):
            target[i] = lines[i] * factor


@compiled
def magnitudes(analytic: npt.NDArray[Any], scales: Floats, out: Floats) -> None:
    """`abs(analytic) * scale`; the root of the sum of squares, without `abs`'s guard against what no vibration reaches."""
    for row in range(analytic.shape[0]):
        numbers, target, scale = analytic[row], out[row], scales[row]
        for i in range(numbers.shape[0]):
            real, imaginary = numbers[i].real, numbers[i].imag
            target[i] = np.sqrt(real * real + imaginary * imaginary) * scale


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
