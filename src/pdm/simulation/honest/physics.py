"""How healthy machines answer to load, product and weather: one function per kind, vectorised over its machines.

Each takes the typical values of its machines, shape (a, 1) by channel, and their conditions, shape (a, t), and returns the healthy
level of every channel, shape (a, t), in the units of the settings. Wear and noise come on top of it elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.signal import lfilter

from pdm.simulation.signals import Bools, Floats


@dataclass(frozen=True)
class Conditions:
    """What the machines of one kind go through, shape (a, t); `ambient` and `water` (t,). `answer` (a, 1): how strongly each reacts."""

    running: Bools
    load: Floats
    density: Floats
    retuned: Bools
    ambient: Floats
    water: Floats
    answer: Floats
    wobble: Floats


Rated = Mapping[str, Floats]


def pump(rated: Rated, at: Conditions) -> dict[str, Floats]:
    """A pump under flow control; with a hot, heavy product at full load it cavitates: a process condition, no damage."""
    on, load = at.running, at.load
    ratio = on * (0.74 + 0.28 * load)
    suction = rated["suction_pressure"] - on * (0.40 * load**2 + 0.010 * (at.ambient - 11))
    head = (rated["discharge_pressure"] - 2.0) * ratio**2 * (1.14 - 0.18 * load) * at.density
    cavitation = cavitating(suction, load, at)
    shake = rated["vibration"] * (0.62 + 0.42 * at.answer * load) * (0.4 + 0.6 * ratio**2) + 1.3 * cavitation
    rise = (rated["bearing_temperature"] - 11) * (0.58 + 0.46 * at.answer * load)
    return {
        "speed": rated["speed"] * ratio,
        "suction_pressure": suction,
        "discharge_pressure": suction + head - 0.25 * cavitation,
        "flow": on * rated["flow"] * (0.22 + 0.86 * load) * (1 - 0.03 * cavitation),
        "valve_position": on * _valve(rated["valve_position"], at),
        "motor_current": on * rated["motor_current"] * (0.36 + 0.68 * load) * at.density * (0.5 + 0.5 * ratio),
        "bearing_temperature": _warm(at.ambient, on * rise, 3.0),
        "vibration": np.where(on, shake, 0.15),
        "seal_pressure": rated["seal_pressure"] * (0.93 + 0.07 * on * (0.5 + 0.6 * load)),
        "ambient_temperature": _everywhere(at.ambient, on),
    }


def cavitating(suction: Floats, load: Floats, at: Conditions) -> Floats:
    """How far a pump cavitates, 0 to 1: low suction pressure at high load, and it comes and goes from hour to hour."""
    margin = suction - 1.08 - 0.55 * np.clip(load - 0.85, 0, None) * 4 - 0.012 * np.clip(at.ambient - 15, 0, None)
    return np.asarray(at.running * np.clip(-2.2 * margin, 0, 1) * np.clip(1 + 0.8 * at.wobble, 0, 2))


def compressor(rated: Rated, at: Conditions) -> dict[str, Floats]:
    """A compressor under capacity control: its cooler follows the cooling water, its discharge the suction and the load."""
    on, load = at.running, at.load
    gas = rated["discharge_temperature"] - 20 + 0.45 * (at.ambient - 11) + 24 * at.answer * (load - 0.15)
    cool = at.water + (rated["cooler_outlet_temperature"] - 19) * (0.5 + 0.6 * at.answer * load)
    rise = (rated["bearing_temperature"] - 11) * (0.62 + 0.42 * at.answer * load)
    return {
        "motor_current": on * rated["motor_current"] * (0.38 + 0.66 * load) * (0.85 + 0.15 * at.density),
        "suction_pressure": rated["suction_pressure"] - on * 0.10 * load,
        "discharge_pressure": np.where(on, rated["discharge_pressure"] * (0.97 + 0.04 * load), 5.8),
        "flow": on * rated["flow"] * (0.12 + 0.95 * load),
        "discharge_temperature": _follow(np.where(on, gas, at.ambient + 4), 2.0),
        "cooler_outlet_temperature": _follow(np.where(on, cool, 0.5 * (at.ambient + at.water)), 2.0),
        "cooling_water_temperature": _everywhere(at.water, on),
        "bearing_temperature": _warm(at.ambient, on * rise, 4.0),
        "vibration": np.where(on, rated["vibration"] * (0.70 + 0.34 * at.answer * load), 0.2),
        "bypass_position": on * np.clip(rated["bypass_position"] + 62 * (0.85 - load) + _hunting(at), 0, 100),
    }


def gearbox_fan(rated: Rated, at: Conditions) -> dict[str, Floats]:
    """A fan behind a gearbox: vibration goes with the square of the speed, and each base resonates at a speed of its own."""
    on, load = at.running, at.load
    ratio = on * (0.60 + 0.42 * load)
    resonance = 1 + 0.45 * np.exp(-(((ratio - 0.86 - 0.3 * (at.answer - 1)) / 0.04) ** 2))
    rise = (rated["bearing_temperature"] - 11) * (0.55 + 0.48 * at.answer * load)
    oil = (rated["gear_oil_temperature"] - 11) * (0.60 + 0.44 * at.answer * load)
    return {
        "speed": rated["speed"] * ratio,
        "flow": rated["flow"] * ratio * (0.92 + 0.08 * load),
        "damper_position": on * _valve(rated["damper_position"], at),
        "motor_current": on * rated["motor_current"] * (0.16 + 0.84 * ratio**3),
        "vibration": np.where(on, rated["vibration"] * (0.25 + 0.75 * ratio**2) * resonance, 0.12),
        "gear_vibration": np.where(
            on, rated["gear_vibration"] * (0.4 + 0.6 * at.answer * load) * (0.5 + 0.5 * ratio), 0.12
        ),
        "bearing_temperature": _warm(at.ambient, on * rise, 3.0),
        "gear_oil_temperature": _warm(at.ambient, on * oil, 5.0),
        "oil_pressure": on
        * rated["oil_pressure"]
        * (1.12 - 0.006 * np.clip(at.ambient, -10, 35))
        * (0.85 + 0.15 * ratio),
        "ambient_temperature": _everywhere(at.ambient, on),
    }


def agitator(rated: Rated, at: Conditions) -> dict[str, Floats]:
    """A slow agitator: its current goes with the viscosity of the product."""
    on, load = at.running, at.load
    gear = (rated["gear_temperature"] - 11) * (0.6 + 0.42 * at.answer * load)
    return {
        "speed": on * rated["speed"] * (0.86 + 0.15 * load),
        "motor_current": on * rated["motor_current"] * (0.35 + 0.62 * load) * at.density**1.4,
        "tank_level": rated["tank_level"] + 14 * (load - 0.8),
        "product_temperature": _follow(rated["product_temperature"] - 8 * (~on) + 6 * (at.density - 1), 10.0),
        "gear_temperature": _warm(at.ambient, on * gear, 5.0),
        "vibration": np.where(on, rated["vibration"] * (0.7 + 0.33 * at.answer * load), 0.1),
        "seal_pressure": rated["seal_pressure"] * (0.96 + 0.04 * on),
        "ambient_temperature": _everywhere(at.ambient, on),
    }


def conveyor(rated: Rated, at: Conditions) -> dict[str, Floats]:
    """A belt conveyor: throughput goes with the load, the current with the throughput and with cold grease."""
    on, load = at.running, at.load
    rise = (rated["bearing_temperature"] - 11) * (0.6 + 0.42 * at.answer * load)
    gear = (rated["gear_temperature"] - 11) * (0.6 + 0.42 * at.answer * load)
    return {
        "speed": on * rated["speed"] * (0.97 + 0.03 * load),
        "motor_current": on
        * rated["motor_current"]
        * (0.4 + 0.62 * load * at.density)
        * (1 + 0.004 * np.clip(5 - at.ambient, 0, 20)),
        "throughput": on * rated["throughput"] * load * at.density * 1.2,
        "bearing_temperature": _warm(at.ambient, on * rise, 3.0),
        "vibration": np.where(on, rated["vibration"] * (0.7 + 0.33 * at.answer * load), 0.1),
        "gear_temperature": _warm(at.ambient, on * gear, 5.0),
        "belt_slip": on * rated["belt_slip"] * (0.6 + 0.5 * load),
        "ambient_temperature": _everywhere(at.ambient, on),
    }


PHYSICS: Mapping[str, Callable[[Rated, Conditions], dict[str, Floats]]] = {
    "pump": pump,
    "compressor": compressor,
    "gearbox_fan": gearbox_fan,
    "agitator": agitator,
    "conveyor": conveyor,
}
"""Class name in the settings -> its physics."""


def wear_shows(at: Conditions) -> Floats:
    """How much of a signature is seen, shape (a, t): all of it at rated load, less at part load, nothing at rest."""
    return np.asarray(at.running * (0.45 + 0.55 * at.load))


def _valve(rated: Floats, at: Conditions) -> Floats:
    opening = rated * (0.36 + 0.78 * at.load) * np.sqrt(at.density)
    return np.clip(opening + _hunting(at), 2, 100)


def _hunting(at: Conditions) -> Floats:
    """A retuned controller hunts: the position swings more, around another mean."""
    return np.asarray(at.retuned * (2.5 + 4.0 * at.wobble))


def _everywhere(values: Floats, on: Bools) -> Floats:
    return np.broadcast_to(values, on.shape).copy()


def _warm(ambient: Floats, rise: Floats, hours: float) -> Floats:
    return _follow(0.6 * ambient + 4.4 + rise, hours)


def _follow(target: Floats, hours: float) -> Floats:
    """What follows `target` with a time constant of `hours`, along the last axis; starts at the first target."""
    keep = float(np.exp(-1.0 / hours))
    begin = keep * target[:, :1]
    follows, _ = lfilter([1.0 - keep], [1.0, -keep], target, axis=1, zi=begin)
    return np.asarray(follows, dtype=np.float64)
