"""Polynomials, highest power first: written about another point, and their greatest root."""

from __future__ import annotations

import numpy as np

from pdm.extraction.kernel_solve import EPS
from pdm.extraction.kernel_sums import Floats, Number, compiled

_ROUNDS = 200


@compiled
def spread_out(shape: Floats, degree: Number, centre: Number, unit: Number, into: Floats) -> None:
    """From a polynomial in (x - centre) / unit to one in x, both with the highest power first."""
    for k in range(degree + 1):
        into[k] = 0.0
    for k in range(degree + 1):  # into = into * (x - centre) / unit + shape[k], by Horner
        for j in range(degree + 1):
            following = into[j + 1] if j < degree else 0.0
            into[j] = (following - centre * into[j]) / unit
        into[degree] += shape[k]


@compiled
def _inverse(z: Number) -> Number:
    """1 / z, scaled so that its square neither overflows nor vanishes."""
    size = max(abs(z.real), abs(z.imag))
    re, im = z.real / size, z.imag / size
    square = (re * re + im * im) * size
    return complex(re / square, -im / square)


@compiled
def greatest_root(shape: Floats, degree: Number) -> Number:
    """Greatest real part of the roots, all found at once (Aberth 1973); NaN for a constant."""
    first = 0
    while first <= degree and shape[first] == 0.0:
        first += 1
    count = degree - first
    if count < 1:
        return np.nan
    radius = 0.0
    for k in range(1, count + 1):
        if not np.isfinite(shape[first + k] / shape[first]):
            return np.nan
        radius = max(radius, abs(shape[first + k] / shape[first]) ** (1.0 / k))
    z = np.empty(count, np.complex128)
    for k in range(count):
        angle = 2.0 * np.pi * k / count + 0.4
        z[k] = complex(radius * np.cos(angle), radius * np.sin(angle))
    for _ in range(_ROUNDS):
        moved = 0.0
        for k in range(count):
            value, slope = complex(shape[first], 0.0), complex(0.0, 0.0)
            for j in range(1, count + 1):
                slope = slope * z[k] + value
                value = value * z[k] + shape[first + j]
            if abs(value) == 0.0:
                continue
            pull = complex(0.0, 0.0)
            for j in range(count):
                if j != k and abs(z[k] - z[j]) > 0.0:
                    pull += _inverse(z[k] - z[j])
            down = slope - value * pull
            if abs(down) == 0.0:
                continue
            step = value * _inverse(down)
            z[k] -= step
            moved = max(moved, abs(step) - 4.0 * EPS * abs(z[k]))
        if moved <= 0.0:
            break
    greatest = z[0].real
    for k in range(1, count):
        greatest = max(greatest, z[k].real)
    return greatest
