"""How a pump, a compressor and a fan answer to load, weather and wear: the signatures that a model has to find.

Each function takes the conditions of one machine and returns its channels, shape (n,) each, in the units of `features/<class>.toml`.
Every machine has offsets of its own, so that no single threshold fits the fleet.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from pdm.simulation.signals import Bools, Floats, lagged, noise
from pdm.simulation.wear import WearingPart


@dataclass(frozen=True)
class Conditions:
    """What one machine goes through: run or not, load (share of rated), ambient in degC, and wear (0 to 1) by maintainable item."""

    running: Bools
    load: Floats
    ambient: Floats
    wear: Mapping[str, Floats]

    @property
    def rows(self) -> int:
        return len(self.running)


def pump(rng: np.random.Generator, at: Conditions) -> dict[str, Floats]:
    """A centrifugal pump: a worn bearing shakes and warms, a leaking seal takes flow and suction and costs current."""
    n, on = at.rows, at.running
    bearing, seal = at.wear["bearing"], at.wear["seal"]
    speed = on * (2300.0 + 650.0 * at.load + noise(rng, n, 6.0))
    ratio = speed / 2950.0
    flow = _own(rng, 165.0, 0.08) * ratio * (0.75 + 0.3 * at.load) * (1.0 - 0.14 * seal)
    suction = _own(rng, 1.9, 0.08) - 0.35 * on * at.load - 0.5 * on * seal + noise(rng, n, 0.03, 0.6)
    head = _own(rng, 6.8, 0.06) * ratio**2 * (1.06 - 0.14 * at.load) * (1.0 - 0.04 * seal)
    current = _own(rng, 78.0, 0.06) * ratio**3 * (0.55 + 0.45 * at.load) * (1.0 + 0.09 * seal + 0.02 * bearing)
    shake = _own(rng, 1.8, 0.16) * (0.7 + 0.35 * at.load) + 3.4 * bearing**1.2 + 0.3 * seal
    return {
        "speed": speed,
        "suction_pressure": suction,
        "discharge_pressure": suction + head + on * noise(rng, n, 0.05, 0.5),
        "flow": flow * _jitter(rng, n, 0.012),
        "bearing_temperature": _warm(rng, at, _own(rng, 27.0, 0.10) * (0.6 + 0.4 * at.load) + 15.0 * bearing),
        "vibration": np.where(on, shake * ratio**2 * _jitter(rng, n, 0.07), 0.15 * _jitter(rng, n, 0.1)),
        "motor_current": current * _jitter(rng, n, 0.012),
        "ambient_temperature": at.ambient + noise(rng, n, 0.2),
    }


def compressor(rng: np.random.Generator, at: Conditions) -> dict[str, Floats]:
    """A reciprocating compressor: fouled valves heat the gas and cost flow, a worn main bearing knocks and warms."""
    n, on = at.rows, at.running
    valve, bearing = at.wear["valve"], at.wear["bearing"]
    current = on * (70.0 + _own(rng, 115.0, 0.06) * at.load) * (1.0 + 0.05 * valve + 0.02 * bearing)
    pressure = _own(rng, 7.4, 0.03) - 0.35 * valve + noise(rng, n, 0.06, 0.7)
    gas = 78.0 + 0.55 * at.ambient + _own(rng, 34.0, 0.08) * at.load + 27.0 * valve
    shake = _own(rng, 5.0, 0.14) * (0.75 + 0.3 * at.load) + 5.5 * bearing**1.2 + 0.6 * valve
    return {
        "motor_current": current * _jitter(rng, n, 0.012),
        "discharge_pressure": np.where(on, pressure, 6.0 + noise(rng, n, 0.03)),
        "flow": on * _own(rng, 1120.0, 0.05) * at.load * (1.0 - 0.15 * valve) * _jitter(rng, n, 0.012),
        "discharge_temperature": lagged(np.where(on, gas, at.ambient), 2.0) + noise(rng, n, 0.8),
        "bearing_temperature": _warm(rng, at, _own(rng, 33.0, 0.09) * (0.65 + 0.35 * at.load) + 17.0 * bearing),
        "vibration": np.where(on, shake * _jitter(rng, n, 0.08), 0.2 * _jitter(rng, n, 0.1)),
        "ambient_temperature": at.ambient + noise(rng, n, 0.2),
    }


def fan(rng: np.random.Generator, at: Conditions) -> dict[str, Floats]:
    """A fan: deposits on the impeller shake it at running speed and with its square, a worn bearing shakes broadly and warms."""
    n, on = at.rows, at.running
    impeller, bearing = at.wear["impeller"], at.wear["bearing"]
    speed = on * (520.0 + 900.0 * at.load + noise(rng, n, 4.0))
    ratio = speed / 1420.0
    # Every fan has a speed at which its base resonates: high vibration there is no wear.
    resonance = 1.0 + 0.6 * np.exp(-(((ratio - _own(rng, 0.88, 0.06)) / 0.05) ** 2))
    once = (_own(rng, 1.2, 0.25) + 3.4 * impeller) * ratio**2 * resonance * _jitter(rng, n, 0.08)
    broad = (_own(rng, 1.0, 0.18) * ratio + 3.4 * bearing**1.2) * on * _jitter(rng, n, 0.07)
    current = (9.0 + _own(rng, 47.0, 0.07) * ratio**3) * on * (1.0 + 0.03 * impeller + 0.02 * bearing)
    return {
        "speed": speed,
        "flow": _own(rng, 36000.0, 0.07) * ratio * (1.0 - 0.06 * impeller) * _jitter(rng, n, 0.012),
        "vibration": np.hypot(once, broad) + 0.1,
        "vibration_1x": once,
        "bearing_temperature": _warm(rng, at, _own(rng, 22.0, 0.11) * (0.55 + 0.45 * at.load) + 16.0 * bearing),
        "motor_current": current * _jitter(rng, n, 0.012),
        "ambient_temperature": at.ambient + noise(rng, n, 0.2),
    }


@dataclass(frozen=True)
class MachineKind:
    """A row of the table of simulated classes; `pairs` are duty/standby pairs among the first machines."""

    name: str
    tag: str
    description: str
    first_number: int
    area: str
    pairs: int
    channels: Callable[[np.random.Generator, Conditions], dict[str, Floats]]
    parts: tuple[WearingPart, ...]


KINDS = (
    MachineKind(
        "pump",
        "P",
        "process water pump",
        101,
        "water",
        4,
        pump,
        (
            WearingPart("bearing", "bearing_wear", "wear", "vibration", "BRG", 450.0),
            WearingPart("seal", "seal_leak", "leakage", "external leakage - process medium", "SEA", 440.0),
        ),
    ),
    MachineKind(
        "compressor",
        "C",
        "instrument air compressor",
        201,
        "air",
        0,
        compressor,
        (
            WearingPart("valve", "valve_fouling", "fouling", "low output", "VLV", 400.0),
            WearingPart("bearing", "bearing_wear", "wear", "vibration", "BRG", 450.0),
        ),
    ),
    MachineKind(
        "fan",
        "F",
        "exhaust fan",
        301,
        "ventilation",
        2,
        fan,
        (
            WearingPart("impeller", "imbalance", "deposits", "vibration", "IMP", 430.0),
            WearingPart("bearing", "bearing_wear", "wear", "overheating", "BRG", 450.0),
        ),
    ),
)


def _own(rng: np.random.Generator, typical: float, spread: float) -> float:
    """A machine's own value: it differs from its sisters by `spread`, never by more than two and a half times that."""
    return typical * (1.0 + spread * float(np.clip(rng.standard_normal(), -2.5, 2.5)))


def _jitter(rng: np.random.Generator, n: int, sd: float) -> Floats:
    """Measurement noise as a factor that stays positive."""
    return np.exp(noise(rng, n, sd))


def _warm(rng: np.random.Generator, at: Conditions, rise: Floats) -> Floats:
    """A temperature above ambient that follows the machine's running with three hours of lag."""
    return lagged(at.ambient + at.running * rise, 3.0) + noise(rng, at.rows, 0.5)
