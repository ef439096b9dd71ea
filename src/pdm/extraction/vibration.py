"""What a short vibration recording says: level, shape, where the energy lies, and whether a bearing calls.

Every rolling bearing fault hits at a rate that follows from the bearing's geometry and the speed: a ball passes a damaged spot of
the outer ring (BPFO), of the inner ring (BPFI), spins onto its own damage (BSF), or the cage turns (FTF). The hits ring the
structure at several kHz; the *envelope* of that ringing has a line at the fault's rate long before the overall level rises.

One real FFT per snapshot serves everything: bands and centroid from its power, the envelope from the inverse FFT of one band of it
(the analytic signal of that band, sampled no faster than the band needs), velocity by dividing each line by its frequency.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from pdm.catalogue.vibration import BearingGeometry, VelocityLimits
from pdm.errors import InputError

__all__ = ["ZONES", "BearingGeometry", "VelocityLimits", "band_envelope", "vibration_features"]

Floats = npt.NDArray[np.float64]

ZONES = ("A", "B", "C", "D")
_VELOCITY_BAND = (10.0, 1000.0)
_STANDARD_GRAVITY_MM = 9806.65
_CACHED = 65_536


def vibration_features(
    waveform: npt.ArrayLike,
    rate_hz: float,
    *,
    bearing: BearingGeometry | None = None,
    speed_rpm: float | None = None,
    bands: Sequence[tuple[float, float]] = (),
    limits: VelocityLimits | None = None,
    envelope_band: tuple[float, float] | None = None,
    velocity_band: tuple[float, float] = _VELOCITY_BAND,
    unit: str = "g",
    harmonics: int = 3,
) -> dict[str, Any]:
    """Features of one snapshot [n] as floats, or of k snapshots [k, n] as arrays [k].

    waveform: acceleration in `unit` (`g` or `m/s2`); its mean is taken off first. A snapshot with a value that is not finite
        gives NaN throughout.
    rate_hz: samples per second. bearing, speed_rpm: together, for the fault lines. bands: from-to in Hz.
    envelope_band: where the structure rings; without one the upper half of the spectrum up to 90 % of the Nyquist frequency.
    limits: for `velocity_zone`. harmonics: lines added up per fault frequency.

    | feature | meaning |
    |---|---|
    | `rms`, `peak`, `crest`, `kurtosis` | level, largest absolute value, peak / rms, fourth moment (3 for noise) |
    | `band_2000_4000` | RMS of what lies in [2000, 4000) Hz |
    | `centroid` | mean frequency, weighted with power |
    | `velocity_rms` | mm/s, integrated over `velocity_band`; `velocity_zone` 0 (A) to 3 (D) with `limits` |
    | `envelope_rms`, `envelope_kurtosis` | of the envelope about its mean, band-passed |
    | `envelope_bpfo`, `_bpfi`, `_bsf`, `_ftf` | amplitude of the line at the fault's rate and its harmonics, in the unit of the waveform |

    Raises:
        InputError: too short, no such unit, bands outside the spectrum, or geometry without speed.
    """
    signal, single = _signal(waveform)
    _check(signal.shape[1], rate_hz, bearing, speed_rpm, unit)
    low, high = envelope_band or (rate_hz / 4.0, 0.9 * rate_hz / 2.0)
    lines = bearing.frequencies(speed_rpm) if bearing is not None and speed_rpm is not None else {}
    to_mm = _STANDARD_GRAVITY_MM if unit == "g" else 1000.0

    def features(part: Floats) -> dict[str, Floats]:
        return _features(part, rate_hz, lines, bands, limits, (low, high), velocity_band, to_mm, harmonics)

    # A few snapshots at a time stay in the processor's cache.
    together = max(1, _CACHED // signal.shape[1])
    parts = [features(signal[first : first + together]) for first in range(0, max(len(signal), 1), together)]
    found = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return {name: float(values[0]) for name, values in found.items()} if single else found


def _features(
    signal: Floats,
    rate_hz: float,
    lines: Mapping[str, float],
    bands: Sequence[tuple[float, float]],
    limits: VelocityLimits | None,
    envelope_band: tuple[float, float],
    velocity_band: tuple[float, float],
    to_mm: float,
    harmonics: int,
) -> dict[str, Floats]:
    n = signal.shape[1]
    bad: npt.NDArray[np.bool_] = np.logical_not(np.isfinite(signal).all(axis=1))
    signal = np.where(bad[:, None], 0.0, signal) if bad.any() else signal
    signal = signal - signal.mean(axis=1, keepdims=True)
    spectrum = np.fft.rfft(signal, axis=1)
    power = _line_power(spectrum, n)
    frequency = _frequencies(n, rate_hz)
    found = _shape(signal)
    with np.errstate(invalid="ignore", divide="ignore"):
        found["centroid"] = (power * frequency).sum(axis=1) / power.sum(axis=1)
    for low, high in bands:
        found[f"band_{low:g}_{high:g}"] = np.sqrt(power[:, _lines(frequency, low, high)].sum(axis=1))
    velocity = _velocity_rms(power, frequency, velocity_band, to_mm)
    found["velocity_rms"] = velocity
    if limits is not None:
        found["velocity_zone"] = limits.zone(velocity)
    envelope, envelope_rate = band_envelope(spectrum, n, rate_hz, *envelope_band)
    envelope = envelope - envelope.mean(axis=1, keepdims=True)
    shape = _shape(envelope)
    found |= {"envelope_rms": shape["rms"], "envelope_kurtosis": shape["kurtosis"]}
    if lines:
        amplitude = 2.0 * np.abs(np.fft.rfft(envelope, axis=1)) / envelope.shape[1]
        for name, line in lines.items():
            found[f"envelope_{name}"] = _fault(amplitude, envelope_rate / envelope.shape[1], line, harmonics)
    return {name: np.where(bad, np.nan, values) for name, values in found.items()}


def band_envelope(
    spectrum: npt.NDArray[np.complex128], n: int, rate_hz: float, low: float, high: float
) -> tuple[Floats, float]:
    """Magnitude of the analytic signal of [low, high) Hz, and its sampling rate.

    spectrum: `rfft` of n samples, [k, n // 2 + 1]. Only the band's lines go through the inverse FFT, moved down to zero: that
    changes the phase of the analytic signal and not its magnitude, and needs as many samples as the band has lines. Twice as
    many are taken, since the magnitude holds frequencies up to the band's width.

    Raises:
        InputError: the band has fewer than two lines.
    """
    lines = _lines(_frequencies(n, rate_hz), low, high)
    count = lines.stop - lines.start
    if count < 2:
        raise InputError(
            f"no envelope from {low:g}-{high:g} Hz with {n} samples at {rate_hz:g} Hz", hint="a wider envelope_band"
        )
    size = min(_fast(2 * count), n)
    padded = np.zeros((len(spectrum), size), dtype=np.complex128)
    padded[:, :count] = spectrum[:, lines]
    analytic = np.fft.ifft(padded, axis=1) * (2.0 * size / n)
    # The square root of the sum of squares: `abs` guards against overflow that no vibration reaches, at five times the price.
    return np.sqrt(analytic.real**2 + analytic.imag**2), rate_hz * size / n


def _signal(waveform: npt.ArrayLike) -> tuple[Floats, bool]:
    signal = np.asarray(waveform, dtype=np.float64)
    if signal.ndim not in (1, 2):
        raise InputError(f"a waveform of {signal.ndim} dimensions", hint="give one snapshot [n] or several [k, n]")
    return np.atleast_2d(signal), signal.ndim == 1


def _check(n: int, rate_hz: float, bearing: BearingGeometry | None, speed_rpm: float | None, unit: str) -> None:
    if n < 16 or not rate_hz > 0.0:
        raise InputError(f"{n} samples at {rate_hz} Hz are no snapshot", hint="at least 16 samples, rate_hz > 0")
    if unit not in ("g", "m/s2"):
        raise InputError(f"acceleration in {unit!r}", hint="`g` or `m/s2`")
    if bearing is not None and (speed_rpm is None or not speed_rpm > 0.0):
        raise InputError(f"a bearing's fault lines at {speed_rpm} rpm", hint="give the shaft's speed_rpm, above 0")


def _shape(signal: Floats) -> dict[str, Floats]:
    """Level and shape of signals whose mean is zero; a silent one has no shape."""
    squares = signal * signal
    square = squares.mean(axis=1)
    rms, peak = np.sqrt(square), np.maximum(signal.max(axis=1), -signal.min(axis=1))
    with np.errstate(invalid="ignore", divide="ignore"):
        fourth = np.einsum("ij,ij->i", squares, squares) / signal.shape[1]
        kurtosis = fourth / square**2
        return {"rms": rms, "peak": peak, "crest": peak / rms, "kurtosis": kurtosis}


def _line_power(spectrum: npt.NDArray[np.complex128], n: int) -> Floats:
    """Mean square of each line: they add up to the mean square of the signal (Parseval)."""
    power = (spectrum.real**2 + spectrum.imag**2) * (2.0 / n**2)
    power[:, 0] /= 2.0
    if n % 2 == 0:
        power[:, -1] /= 2.0
    return power


def _frequencies(n: int, rate_hz: float) -> Floats:
    return np.asarray(np.fft.rfftfreq(n, 1.0 / rate_hz), dtype=np.float64)


def _lines(frequency: Floats, low: float, high: float) -> slice:
    if not 0.0 <= low < high or low > frequency[-1]:
        raise InputError(
            f"no band {low:g}-{high:g} Hz in a spectrum up to {frequency[-1]:g} Hz", hint="from low to high, in Hz"
        )
    first, end = np.searchsorted(frequency, [low, high])
    return slice(int(first), int(end))


def _velocity_rms(power: Floats, frequency: Floats, band: tuple[float, float], to_mm: float) -> Floats:
    """Acceleration divided by 2 pi f, line by line; NaN when the spectrum does not reach into the band."""
    if band[0] > frequency[-1]:
        return np.full(len(power), np.nan)
    found = _lines(frequency, *band)
    inside = slice(max(found.start, 1), found.stop)  # the mean has no velocity
    if inside.stop <= inside.start:
        return np.full(len(power), np.nan)
    square: Floats = power[:, inside] / (2.0 * np.pi * frequency[inside]) ** 2
    return np.asarray(to_mm * np.sqrt(square.sum(axis=1)), dtype=np.float64)


def _fault(amplitude: Floats, resolution: float, line: float, harmonics: int) -> Floats:
    """The largest amplitude within one line or 2 % (slip) around each harmonic, added up; NaN above the spectrum."""
    total = np.zeros(len(amplitude))
    for order in range(1, harmonics + 1):
        centre = order * line
        reach = max(resolution, 0.02 * centre)
        first = max(1, int(np.ceil((centre - reach) / resolution)))
        last = int(np.floor((centre + reach) / resolution))
        if last >= amplitude.shape[1]:
            return total if order > 1 else np.full(len(amplitude), np.nan)
        total += amplitude[:, first : last + 1].max(axis=1)
    return total


def _fast(size: int) -> int:
    """The next length that an FFT does quickly: 2, 3 and 5 are its only factors."""
    best = 1 << (size - 1).bit_length()
    fives = 1
    while fives < best:
        threes = fives
        while threes < best:
            rest = -(-size // threes)
            best = min(best, threes * (1 << (rest - 1).bit_length()))
            threes *= 3
        fives *= 5
    return best
