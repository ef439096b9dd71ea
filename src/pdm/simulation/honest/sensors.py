"""Faults of the sensors themselves: the largest source of false alarms, and in the truth so that nobody blames the machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from pdm.simulation.honest.settings import ChannelSettings, ClassSettings, Sensors
from pdm.simulation.signals import DAY, Floats

FaultKind = Literal["stuck", "drift", "dropout", "spikes", "replaced_with_bias", "unit_change"]
_DAYS: dict[FaultKind, tuple[float, float]] = {
    "stuck": (2, 20),
    "drift": (20, 90),
    "dropout": (1, 10),
    "spikes": (3, 40),
    "replaced_with_bias": (60, 400),
    "unit_change": (15, 60),
}


@dataclass(frozen=True)
class SensorFault:
    """One channel of one machine lies from row `first` to `last` (exclusive)."""

    asset: int
    channel: str
    kind: FaultKind
    first: int
    last: int


def plan_faults(rng: np.random.Generator, machine: ClassSettings, sensors: Sensors, rows: int) -> list[SensorFault]:
    """Which sensors fail when: Poisson by kind, over the machines of a class."""
    rates: dict[FaultKind, float] = {
        "stuck": sensors.stuck,
        "drift": sensors.drift,
        "dropout": sensors.dropout,
        "spikes": sensors.spikes,
        "replaced_with_bias": sensors.replaced_with_bias,
    }
    years = machine.assets * rows / (365.25 * DAY)
    return [
        _fault(rng, machine.channel, machine.assets, kind, rows)
        for kind, rate in rates.items()
        for _ in range(int(rng.poisson(rate * years)))
    ]


def unit_change(rng: np.random.Generator, machine: ClassSettings, rows: int) -> SensorFault | None:
    """A temperature that somebody configures in degF for some weeks; None where a class has none."""
    warm = [channel for channel in machine.channel if channel.unit == "degC" and channel.role == "condition"]
    if not warm or not machine.assets:
        return None
    return _fault(rng, warm, machine.assets, "unit_change", rows)


def apply_faults(
    rng: np.random.Generator, machine: ClassSettings, told: dict[str, Floats], faults: Sequence[SensorFault]
) -> None:
    """Let the sensors lie, in place; NaN where a value was lost."""
    for fault in faults:
        _apply(
            rng, told[fault.channel][fault.asset, fault.first : fault.last], machine.channel_named(fault.channel), fault
        )


def _fault(
    rng: np.random.Generator, channels: Sequence[ChannelSettings], assets: int, kind: FaultKind, rows: int
) -> SensorFault:
    low, high = _DAYS[kind]
    hours = max(int(rng.uniform(low, high) * DAY), 2)
    first = int(rng.integers(0, rows))
    channel = channels[int(rng.integers(len(channels)))].name
    return SensorFault(int(rng.integers(assets)), channel, kind, first, min(rows, first + hours))


def _apply(rng: np.random.Generator, span: Floats, channel: ChannelSettings, fault: SensorFault) -> None:
    scale = max(abs(channel.rated), 1e-6)
    n = len(span)
    if fault.kind == "stuck":
        span[:] = span[0]
    elif fault.kind == "drift":
        span += np.linspace(0.0, float(rng.choice([-1, 1])) * float(rng.uniform(0.08, 0.30)) * scale, n)
    elif fault.kind == "dropout":
        span[rng.random(n) < 0.5] = np.nan
    elif fault.kind == "spikes":
        hit = rng.random(n) < 0.02
        span[hit] = rng.choice([channel.low, channel.high], int(hit.sum()))
    elif fault.kind == "replaced_with_bias":
        span += float(rng.choice([-1, 1])) * float(rng.uniform(0.05, 0.18)) * scale
    else:
        span[:] = span * 1.8 + 32.0
