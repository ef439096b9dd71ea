"""Fourier coefficients of a window and the shape of its spectrum.

The mean is taken off before the transform and put back into coefficient 0: no other coefficient depends on it, and an offset
of a million would cost each of them six digits. numpy transforms row by row, so that a window's coefficients are the same bits
in whatever company it comes.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pdm.extraction.kernel_batches import centred, portions
from pdm.extraction.kernel_sums import Floats, Indices, Number, compiled, pairwise_sum

REAL, IMAG, ABS, ANGLE, CENTROID, VARIANCE, SKEW, KURTOSIS = range(8)

OUTPUTS = {
    "fft_coefficient.real": REAL,
    "fft_coefficient.imag": IMAG,
    "fft_coefficient.abs": ABS,
    "fft_coefficient.angle": ANGLE,
    "fft_aggregated.centroid": CENTROID,
    "fft_aggregated.variance": VARIANCE,
    "fft_aggregated.skew": SKEW,
    "fft_aggregated.kurtosis": KURTOSIS,
}

_ROUNDING = 64 * float(np.finfo(np.float64).eps)
"""A coefficient this small next to the whole window is made of rounding errors: it has no direction."""


@compiled
def _shapes(sizes: Floats, count: Number, shapes: Floats) -> None:
    """Centroid, variance, skew and kurtosis of a spectrum, as tsfresh defines them (its kurtosis is not the textbook's)."""
    shapes[:] = np.nan
    m0 = m1 = m2 = m3 = m4 = 0.0
    for k in range(count):
        y, x = sizes[k], float(k)
        m0 += y
        m1 += y * x
        m2 += y * x * x
        m3 += y * x * x * x
        m4 += y * x * x * x * x
    if m0 == 0.0:
        return
    centre, m2, m3, m4 = m1 / m0, m2 / m0, m3 / m0, m4 / m0
    var = m2 - centre * centre
    shapes[0], shapes[1] = centre, var
    if var >= 0.5:
        shapes[2] = (m3 - 3.0 * centre * var - centre**3) / var**1.5
        shapes[3] = (m4 - 4.0 * centre * m3 + 6.0 * m2 * centre * centre - 3.0 * centre) / (var * var)


@compiled
def _size(re: Number, im: Number) -> Number:
    square = re * re + im * im
    return np.sqrt(square) if 1e-280 < square < 1e280 else np.hypot(re, im)


@compiled
def _fill(
    values: Floats,
    starts: Indices,
    windows: Indices,
    block: Floats,
    spectrum: npt.NDArray[np.complex128],
    codes: Indices,
    params: Floats,
    out: Floats,
) -> None:
    n, count = block.shape[1], spectrum.shape[1]
    sizes = np.empty(count)
    shapes = np.empty(4)
    shaped = directed = False
    for c in range(codes.shape[0]):
        shaped = shaped or codes[c] >= CENTROID
        directed = directed or codes[c] == ANGLE
    for row in range(windows.shape[0]):
        w = windows[row]
        spectrum[row, 0] = pairwise_sum(values, starts[w], n)
        if shaped:
            for k in range(count):
                sizes[k] = _size(spectrum[row, k].real, spectrum[row, k].imag)
            _shapes(sizes, count, shapes)
        noise = 0.0
        if directed:
            for i in range(n):
                noise += block[row, i] * block[row, i]
            noise = _ROUNDING * np.sqrt(noise * n)
        for c in range(codes.shape[0]):
            code = codes[c]
            k = int(params[c, 0])
            if code >= CENTROID:
                out[w, c] = shapes[code - CENTROID]
            elif k >= count:
                out[w, c] = np.nan
            else:
                re, im = spectrum[row, k].real, spectrum[row, k].imag
                if code == REAL:
                    out[w, c] = re
                elif code == IMAG:
                    out[w, c] = im
                elif code == ABS:
                    out[w, c] = _size(re, im)
                elif k > 0 and _size(re, im) <= noise:
                    out[w, c] = 0.0
                else:
                    out[w, c] = np.arctan2(im, re) * (180.0 / np.pi)


def run(
    values: Floats, starts: Indices, ends: Indices, min_rows: int, codes: Indices, params: Floats, out: Floats
) -> None:
    """Fill `out[window, column]`; a coefficient beyond the window's length is NaN, and so is a window with too few values."""
    out[ends - starts < max(min_rows, 1)] = np.nan
    for n, windows in portions(starts, ends, min_rows):
        block = centred(values, starts[windows], n)
        _fill(values, starts, windows, block, np.fft.rfft(block, axis=1), codes, params, out)
