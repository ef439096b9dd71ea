"""What a short vibration recording says: level, shape, where the energy lies, and whether a bearing calls.

Every rolling bearing fault hits at a rate that follows from the bearing's geometry and the speed: a ball passes a damaged spot of
the outer ring (BPFO), of the inner ring (BPFI), spins onto its own damage (BSF), or the cage turns (FTF). The hits ring the
structure at several kHz; the *envelope* of that ringing has a line at the fault's rate long before the overall level rises.

One real FFT per snapshot serves everything: bands and centroid from its power, the envelope from the inverse FFT of one band of it
(the analytic signal of that band, sampled no faster than the band needs), velocity by dividing each line by its frequency.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from pdm.catalogue.vibration import BearingGeometry, VelocityLimits
from pdm.errors import InputError

__all__ = ["ZONES", "BearingGeometry", "VelocityLimits", "band_envelope", "vibration_features"]

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]

ZONES = ("A", "B", "C", "D")
_VELOCITY_BAND = (10.0, 1000.0)
_STANDARD_GRAVITY_MM = 9806.65
_TOGETHER, _SIDE_BY_SIDE = 1 << 18, 8
"""Samples transformed at a time, in whole groups of so many snapshots: a transform does several side by side."""


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
    lines = bearing.frequencies(speed_rpm) if bearing is not None and speed_rpm is not None else {}
    band = envelope_band or (rate_hz / 4.0, 0.9 * rate_hz / 2.0)
    to_mm = _STANDARD_GRAVITY_MM if unit == "g" else 1000.0
    ruler = _ruler(
        signal.shape[1],
        float(rate_hz),
        tuple(lines.items()),
        tuple((float(low), float(high)) for low, high in bands),
        (float(band[0]), float(band[1])),
        (float(velocity_band[0]), float(velocity_band[1])),
        to_mm,
        harmonics,
    )

    # Several snapshots at a time share the preparation of a transform, and a few stay in the processor's cache.
    fit = max(1, _TOGETHER // signal.shape[1])
    together = min(fit - fit % _SIDE_BY_SIDE if fit > _SIDE_BY_SIDE else fit, max(len(signal), 1))
    room = _room(together, signal.shape[1], ruler.envelope.size)
    measured = _Measured.of(len(signal), ruler)
    for first in range(0, len(signal), together):
        _measure(signal[first : first + together], ruler, room, measured.rows(first, first + together))
    found = _features(measured, ruler)
    if limits is not None:
        found["velocity_zone"] = np.where(np.isfinite(found["rms"]), limits.zone(found["velocity_rms"]), np.nan)
    return {name: float(values[0]) for name, values in found.items()} if single else found


@dataclass(frozen=True)
class _Ruler:
    """Which lines of the spectra every feature reads: the same for all snapshots of one length and rate.

    firsts, ends: lines of the bands. velocity, velocity_weights: its first line and what each line's power counts (none: the
    spectrum does not reach there). faults: name -> places among peak_firsts, peak_lasts, the envelope's lines to look at.
    """

    n: int
    frequency: Floats
    band_names: tuple[str, ...]
    firsts: Indices
    ends: Indices
    velocity: int
    velocity_weights: Floats
    envelope: _Envelope
    faults: Mapping[str, slice]
    peak_firsts: Indices
    peak_lasts: Indices


@lru_cache(maxsize=16)
def _ruler(
    n: int,
    rate_hz: float,
    lines: tuple[tuple[str, float], ...],
    bands: tuple[tuple[float, float], ...],
    envelope_band: tuple[float, float],
    velocity_band: tuple[float, float],
    to_mm: float,
    harmonics: int,
) -> _Ruler:
    frequency = _frequencies(n, rate_hz)
    found = [_lines(frequency, low, high) for low, high in bands]
    envelope = _envelope(n, rate_hz, *envelope_band)
    faults: dict[str, slice] = {}
    ranges: list[tuple[int, int]] = []
    for name, line in lines:
        reached = _harmonics(envelope.size // 2 + 1, envelope.rate_hz / envelope.size, line, harmonics)
        faults[name] = slice(len(ranges), len(ranges) + len(reached))
        ranges += reached
    first, weights = _velocity(frequency, velocity_band, to_mm)
    return _Ruler(
        n,
        frequency,
        tuple(f"band_{low:g}_{high:g}" for low, high in bands),
        np.array([part.start for part in found], dtype=np.int64),
        np.array([part.stop for part in found], dtype=np.int64),
        first,
        weights,
        envelope,
        faults,
        np.array([low for low, _ in ranges], dtype=np.int64),
        np.array([high for _, high in ranges], dtype=np.int64),
    )


@dataclass(frozen=True)
class _Room:
    """Where large intermediate results stand: taking fresh memory for every few snapshots costs more than writing to it."""

    spectrum: npt.NDArray[np.complex128]
    analytic: npt.NDArray[np.complex64]
    varying: npt.NDArray[np.float32]

    @classmethod
    def of(cls, k: int, n: int, size: int) -> _Room:
        """For k snapshots of n samples and their envelopes of `size` samples."""
        spectrum = np.empty((k, n // 2 + 1), dtype=np.complex128)
        return cls(spectrum, np.empty((k, size), dtype=np.complex64), np.empty((k, size), dtype=np.float32))


class _Rooms(threading.local):
    """The room that a thread used last."""

    size: tuple[int, int, int] = (0, 0, 0)
    room: _Room | None = None


_ROOMS = _Rooms()


def _room(k: int, n: int, size: int) -> _Room:
    if _ROOMS.room is None or (k, n, size) != _ROOMS.size:
        _ROOMS.size, _ROOMS.room = (k, n, size), _Room.of(k, n, size)
    return _ROOMS.room


@dataclass(frozen=True)
class _Measured:
    """What the kernels found about k snapshots, before it gets its names: a few numbers each, worked on all at once.

    levels, envelope: [k, 3] as `level` writes them. sums, bands: as `line_powers` does. peaks: [k, lines to look at].
    """

    levels: Floats
    sums: Floats
    bands: Floats
    envelope: Floats
    peaks: Floats

    @classmethod
    def of(cls, k: int, ruler: _Ruler) -> _Measured:
        widths = (3, 3, len(ruler.firsts), 3, len(ruler.peak_firsts))
        return cls(*(np.empty((k, width)) for width in widths))

    def rows(self, first: int, end: int) -> _Measured:
        """A view of some snapshots, to be written to."""
        every = (self.levels, self.sums, self.bands, self.envelope, self.peaks)
        return _Measured(*(one[first:end] for one in every))


def _measure(signal: Floats, ruler: _Ruler, room: _Room, into: _Measured) -> None:
    """The transforms of some snapshots, and what is read off them.

    The envelope comes by an inverse FFT in single precision: its seven digits are more than a sensor has. The lines are brought
    near 1 before, so that nothing overflows.
    """
    from scipy.fft import ifft, rfft  # twice as fast as numpy's in single precision

    from pdm.extraction.kernel_vibration import level, level_magnitudes, line_peaks, line_powers, place

    k, n = signal.shape
    size, lines = ruler.envelope.size, ruler.envelope.lines
    spectrum, analytic, varying = room.spectrum[:k], room.analytic[:k], room.varying[:k]
    level(np.ascontiguousarray(signal), into.levels)
    square = into.levels[:, 0]
    bad = np.isnan(square)
    np.fft.rfft(np.where(bad[:, None], 0.0, signal) if bad.any() else signal, axis=1, out=spectrum)
    line_powers(
        spectrum,
        n,
        ruler.frequency,
        ruler.firsts,
        ruler.ends,
        ruler.velocity,
        ruler.velocity_weights,
        into.sums,
        into.bands,
    )
    scales = np.where(square > 0.0, np.sqrt(square) * np.sqrt(n), 1.0)
    place(spectrum, lines.start, lines.stop - lines.start, scales, analytic)
    analytic = ifft(analytic, axis=1, overwrite_x=True)
    level_magnitudes(analytic, scales * (2.0 * size / n), varying, into.envelope)
    if ruler.faults:
        line_peaks(rfft(varying, axis=1, overwrite_x=True), ruler.peak_firsts, ruler.peak_lasts, into.peaks)


def _features(measured: _Measured, ruler: _Ruler) -> dict[str, Floats]:
    """The features by name; NaN throughout for a snapshot with a value that is not finite."""
    k = len(measured.levels)
    bad = np.isnan(measured.levels[:, 0])
    found = _shape(measured.levels)
    with np.errstate(invalid="ignore", divide="ignore"):
        found["centroid"] = measured.sums[:, 1] / measured.sums[:, 0]
    found |= dict(zip(ruler.band_names, np.sqrt(measured.bands).T, strict=True))
    found["velocity_rms"] = np.sqrt(measured.sums[:, 2]) if len(ruler.velocity_weights) else np.full(k, np.nan)
    shape = _shape(measured.envelope)
    found |= {"envelope_rms": shape["rms"], "envelope_kurtosis": shape["kurtosis"]}
    for name, part in ruler.faults.items():
        missing = part.start == part.stop
        lines = measured.peaks[:, part].sum(axis=1) * (2.0 / ruler.envelope.size)
        found[f"envelope_{name}"] = np.full(k, np.nan) if missing else lines
    return {name: np.where(bad, np.nan, values) for name, values in found.items()} if bad.any() else found


@dataclass(frozen=True)
class _Envelope:
    """Lines of the band, samples of its envelope, and their rate."""

    lines: slice
    size: int
    rate_hz: float


def _envelope(n: int, rate_hz: float, low: float, high: float) -> _Envelope:
    lines = _lines(_frequencies(n, rate_hz), low, high)
    count = lines.stop - lines.start
    if count < 2:
        raise InputError(
            f"no envelope from {low:g}-{high:g} Hz with {n} samples at {rate_hz:g} Hz", hint="a wider envelope_band"
        )
    size = min(_fast(2 * count), n)
    return _Envelope(lines, size, rate_hz * size / n)


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
    envelope = _envelope(n, rate_hz, low, high)
    from scipy.fft import ifft

    from pdm.extraction.kernel_vibration import magnitudes, place

    analytic, ones = np.empty((len(spectrum), envelope.size), dtype=np.complex128), np.ones(len(spectrum))
    place(spectrum, envelope.lines.start, envelope.lines.stop - envelope.lines.start, ones, analytic)
    found = np.empty(analytic.shape)
    magnitudes(ifft(analytic, axis=1, overwrite_x=True), ones * (2.0 * envelope.size / n), found)
    return found, envelope.rate_hz


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


def _shape(levels: Floats) -> dict[str, Floats]:
    """Level and shape of signals whose mean is zero, from `centre`; a silent one has no shape."""
    square, peak, fourth = levels.T
    rms = np.sqrt(square)
    with np.errstate(invalid="ignore", divide="ignore"):
        return {"rms": rms, "peak": peak.copy(), "crest": peak / rms, "kurtosis": fourth / square**2}


def _frequencies(n: int, rate_hz: float) -> Floats:
    return np.asarray(np.fft.rfftfreq(n, 1.0 / rate_hz), dtype=np.float64)


def _lines(frequency: Floats, low: float, high: float) -> slice:
    if not 0.0 <= low < high or low > frequency[-1]:
        raise InputError(
            f"no band {low:g}-{high:g} Hz in a spectrum up to {frequency[-1]:g} Hz", hint="from low to high, in Hz"
        )
    first, end = np.searchsorted(frequency, [low, high])
    return slice(int(first), int(end))


def _velocity(frequency: Floats, band: tuple[float, float], to_mm: float) -> tuple[int, Floats]:
    """First line inside, and the square of what turns each line into velocity: 1 / (2 pi f); nothing outside the spectrum."""
    if band[0] > frequency[-1]:
        return 0, np.empty(0)
    found = _lines(frequency, *band)
    first = max(found.start, 1)  # the mean has no velocity
    return first, np.asarray((to_mm / (2.0 * np.pi * frequency[first : found.stop])) ** 2, dtype=np.float64)


def _harmonics(count: int, resolution: float, line: float, harmonics: int) -> list[tuple[int, int]]:
    """Lines within one line or 2 % (slip) around each harmonic, as far as the `count` lines of the envelope's spectrum reach."""
    found = []
    for order in range(1, harmonics + 1):
        centre_hz = order * line
        reach = max(resolution, 0.02 * centre_hz)
        first = max(1, int(np.ceil((centre_hz - reach) / resolution)))
        last = int(np.floor((centre_hz + reach) / resolution))
        if last >= count:
            break
        found.append((first, last))
    return found


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
