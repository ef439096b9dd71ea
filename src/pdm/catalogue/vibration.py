"""Where a machine's vibration is recorded, and what is known of the bearing there: data of a feature set, from the plant's own papers."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians
from typing import Literal

import numpy as np
import numpy.typing as npt

from pdm.errors import InputError

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class BearingGeometry:
    """A rolling bearing, its outer ring at rest.

    elements: number of balls or rollers. element_diameter, pitch_diameter: in the same unit. contact_angle: degrees.

    >>> BearingGeometry(9, 7.94, 39.04).frequencies(1797)["bpfo"]
    107.3...
    """

    elements: int
    element_diameter: float
    pitch_diameter: float
    contact_angle: float = 0.0

    def __post_init__(self) -> None:
        if self.elements < 1 or not 0.0 < self.element_diameter < self.pitch_diameter:
            raise InputError(
                f"no bearing has {self.elements} elements of {self.element_diameter} on a circle of {self.pitch_diameter}",
                hint="elements > 0 and 0 < element_diameter < pitch_diameter",
            )

    def frequencies(self, speed_rpm: float) -> dict[str, float]:
        """Fault frequencies in Hz at a shaft speed: `bpfo`, `bpfi`, `bsf`, `ftf` (Randall & Antoni 2011, eq. 1-4).

        `bsf` is the rate at which an element spins; its damage meets both rings, so it hits at twice that rate.
        """
        shaft = speed_rpm / 60.0
        ratio = self.element_diameter / self.pitch_diameter * cos(radians(self.contact_angle))
        return {
            "bpfo": self.elements / 2.0 * shaft * (1.0 - ratio),
            "bpfi": self.elements / 2.0 * shaft * (1.0 + ratio),
            "bsf": self.pitch_diameter / (2.0 * self.element_diameter) * shaft * (1.0 - ratio**2),
            "ftf": shaft / 2.0 * (1.0 - ratio),
        }


@dataclass(frozen=True)
class VelocityLimits:
    """Upper bounds of zones A, B and C in mm/s RMS, from the part of ISO 20816 (or the maker's paper) that fits the machine.

    The standard's tables are not shipped: which one applies is the plant's decision.
    """

    a: float
    b: float
    c: float

    def __post_init__(self) -> None:
        if not 0.0 < self.a < self.b < self.c:
            raise InputError(f"zone limits {self.a}, {self.b}, {self.c} do not rise", hint="0 < a < b < c, in mm/s RMS")

    def zone(self, velocity: Floats) -> Floats:
        """0 for zone A (newly commissioned) to 3 for zone D (damaging); NaN stays."""
        found = np.searchsorted([self.a, self.b, self.c], velocity, side="left").astype(np.float64)
        return np.where(np.isnan(velocity), np.nan, found)


@dataclass(frozen=True)
class VibrationPoint:
    """One measuring point, of which now and then a short waveform is recorded.

    name: stands before the features (`drive_end__vibration__rms`) and is the folder of its files. rate_hz: samples per second.
    unit: of the samples, acceleration. column: of CSV and Parquet files; empty for the only one.
    bands: from-to in Hz. envelope_band, velocity_band: as `vibration_features` takes them.
    bearing: with `speed` (a channel in rpm, as it was when the snapshot was taken) or the fixed `speed_rpm`.
    limits: of the velocity zones. hold: how long a snapshot speaks (`7d`); empty for until the next one.
    """

    name: str
    rate_hz: float
    title: str = ""
    unit: Literal["g", "m/s2"] = "g"
    column: str = ""
    bands: tuple[tuple[float, float], ...] = ()
    envelope_band: tuple[float, float] | None = None
    velocity_band: tuple[float, float] = (10.0, 1000.0)
    bearing: BearingGeometry | None = None
    speed: str = ""
    speed_rpm: float | None = None
    limits: VelocityLimits | None = None
    harmonics: int = 3
    hold: str = ""

    def __post_init__(self) -> None:
        if self.bearing is not None and bool(self.speed) == (self.speed_rpm is not None):
            raise ValueError(f"vibration point '{self.name}': a bearing needs either a speed channel or speed_rpm")
        for low, high in (*self.bands, *([self.envelope_band] if self.envelope_band else [])):
            if not 0.0 <= low < high or high > self.rate_hz / 2.0:
                raise ValueError(
                    f"vibration point '{self.name}': no band {low:g}-{high:g} Hz at {self.rate_hz:g} samples/s"
                )
