"""Faults of the sensors themselves: the largest source of false alarms in real plants, so the small plant has some."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from pdm.simulation.signals import DAY, Floats

FaultKind = Literal["stuck", "drift", "spikes", "dropouts"]
FAULT_KINDS: tuple[FaultKind, ...] = ("stuck", "drift", "spikes", "dropouts")


@dataclass(frozen=True)
class SensorFault:
    """One channel of one machine lies between the rows `first` and `last` (exclusive)."""

    channel: str
    kind: FaultKind
    first: int
    last: int


def plan_fault(rng: np.random.Generator, channels: list[str], n: int, kind: FaultKind) -> SensorFault:
    """Choose a channel and a time: stuck for days, drifting for weeks, spikes and dropouts for some days."""
    low, high = {"stuck": (2, 6), "drift": (12, 30), "spikes": (2, 8), "dropouts": (2, 6)}[kind]
    hours = int(rng.integers(low * DAY, high * DAY))
    first = int(rng.integers(0, max(1, n - hours)))
    return SensorFault(channels[int(rng.integers(len(channels)))], kind, first, min(n, first + hours))


def apply_fault(rng: np.random.Generator, values: Floats, fault: SensorFault) -> Floats:
    """The channel as the faulty sensor tells it, shape (n,); NaN where a value was lost."""
    told = values.copy()
    span = told[fault.first : fault.last]
    n = len(span)
    if fault.kind == "stuck":
        span[:] = span[0]
    elif fault.kind == "drift":
        span += np.linspace(0.0, 0.35 * float(np.nanmax(np.abs(values))), n)
    elif fault.kind == "spikes":
        span[rng.random(n) < 0.04] *= 25.0
    else:
        span[rng.random(n) < 0.5] = np.nan
    return told
