"""A small plant to play with: pumps, compressors and fans, a year of hourly readings, wear that announces itself, and sensors that lie.

Seeded and vectorised: the same seed gives the same plant bit by bit, in a few seconds. It is meant for a first afternoon and for
tests; it is kinder than reality, and no figure measured on it says anything about a real plant.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pdm.errors import InputError
from pdm.readings.registry import Asset, Installation
from pdm.simulation import records
from pdm.simulation.machines import KINDS, Conditions, MachineKind
from pdm.simulation.plant import SimulatedPlant
from pdm.simulation.sensor_faults import FAULT_KINDS, apply_fault, plan_fault
from pdm.simulation.signals import DAY, WEEK, Bools, Floats, demand, noise, weather
from pdm.simulation.wear import Wearing, wear_out

TURN = 2 * WEEK  # a duty/standby pair changes over every two weeks
FAULT_EVERY = 5  # every so-manieth machine has one faulty sensor in the year


@dataclass(frozen=True)
class _Year:
    """What all machines share."""

    start: datetime
    times: pd.DatetimeIndex
    hours: Floats
    weekday: npt.NDArray[np.int64]
    ambient: Floats


@dataclass(frozen=True)
class _Machine:
    asset: Asset
    wearing: Wearing
    readings: pd.DataFrame
    installations: list[Installation]
    events: list[dict[str, Any]]
    truth: list[dict[str, Any]]
    faults: list[dict[str, Any]]


def simulate_small_plant(
    seed: int = 7, *, assets_per_class: tuple[int, int, int] = (24, 16, 20), start: str = "2025-01-01", days: int = 365
) -> SimulatedPlant:
    """Simulate the small plant: pumps, compressors and fans, hourly for `days` days from `start`.

    Args:
        seed: the same seed gives the same plant, bit by bit.
        assets_per_class: how many pumps, compressors and fans.
        start: first hour, an ISO date or moment; UTC unless it names a zone.
        days: length; at least 30, because wear grows over weeks.

    Returns:
        The plant; with the defaults 60 assets, some 525,000 rows and 60 to 110 failures.

    Raises:
        InputError: fewer than 30 days, or a start that is no date.

    >>> plant = simulate_small_plant(assets_per_class=(2, 1, 1), days=30)
    >>> [asset.asset for asset in plant.assets]
    ['P-101', 'P-102', 'C-201', 'F-301']
    """
    year = _year(seed, start, days)
    end = year.start + timedelta(days=days)
    machines: list[_Machine] = []
    readings: dict[str, pd.DataFrame] = {}
    for kind, count in zip(KINDS, assets_per_class, strict=True):
        built = _build_class(seed, kind, count, year)
        machines += built
        if built:
            readings[kind.name] = pd.concat([machine.readings for machine in built], ignore_index=True)
    return SimulatedPlant(
        assets=[machine.asset for machine in machines],
        installations=[row for machine in machines for row in machine.installations],
        readings=readings,
        events=records.event_table((row for machine in machines for row in machine.events), end),
        start=year.start,
        end=end,
        truth=_moments([row for machine in machines for row in machine.truth], ("installed", "onset", "end")),
        sensor_faults=_moments([row for machine in machines for row in machine.faults], ("start", "end")),
    )


def _year(seed: int, start: str, days: int) -> _Year:
    if days < 30:
        raise InputError(
            f"{days} days are too few for a simulated plant", hint="wear grows over weeks: days=30 or more"
        )
    try:
        first = datetime.fromisoformat(start)
    except ValueError:
        raise InputError(f"{start!r} is no date", hint="write 2025-01-01") from None
    first = first.replace(tzinfo=UTC) if first.tzinfo is None else first.astimezone(UTC)
    times = pd.date_range(first, periods=days * DAY, freq="h", unit="us")
    # Counted from New Year, so that days and seasons fall where they belong wherever the simulation starts.
    hours = np.arange(days * DAY, dtype=np.float64) + (first.timetuple().tm_yday - 1) * DAY + first.hour
    rng = np.random.default_rng([seed, 1])
    return _Year(first, times, hours, np.asarray(times.day_of_week, dtype=np.int64), weather(rng, hours))


def _build_class(seed: int, kind: MachineKind, count: int, year: _Year) -> list[_Machine]:
    # A stream of random numbers per machine: one machine more or less leaves all the others as they were.
    wanted = demand(np.random.default_rng([seed, kind.first_number]), year.hours, year.weekday)
    machines: list[_Machine] = []
    for index in range(count):
        rng = np.random.default_rng([seed, kind.first_number, index + 1])
        paired = index < 2 * min(kind.pairs, count // 2)
        duty = _duty(rng, year, paired=paired, weekends_off=not paired and index % 4 == 3)
        if paired and index % 2:
            duty = ~machines[-1].wearing.running  # the standby takes over whatever stopped its sister
        machines.append(_build_machine(rng, kind, index, duty, wanted, year, paired=paired))
    return machines


def _build_machine(
    rng: np.random.Generator, kind: MachineKind, index: int, duty: Bools, wanted: Floats, year: _Year, *, paired: bool
) -> _Machine:
    asset = _asset(rng, kind, index, year.start, paired=paired)
    wearing = wear_out(rng, duty, kind.parts)
    n = len(duty)
    wear = {part.maintainable_item: wearing.wear(part) for part in kind.parts}
    load = np.clip(wanted + noise(rng, n, 0.03, 0.9), 0.35, 1.1)
    channels = kind.channels(rng, Conditions(wearing.running, load, year.ambient, wear))
    faults = []
    if index % FAULT_EVERY == 2:
        fault = plan_fault(rng, list(channels), n, FAULT_KINDS[(index // FAULT_EVERY) % len(FAULT_KINDS)])
        channels[fault.channel] = apply_fault(rng, channels[fault.channel], fault)
        window = {"start": records.hour(year.start, fault.first), "end": records.hour(year.start, fault.last)}
        faults = [
            {"asset": asset.asset, "asset_class": kind.name, "channel": fault.channel, "kind": fault.kind} | window
        ]
    return _Machine(
        asset=asset,
        wearing=wearing,
        readings=_readings(rng, asset.asset, channels, year),
        installations=records.installations(asset.asset, wearing, year.start),
        events=records.work_orders(rng, asset.asset, wearing, year.start)
        + records.inspections(rng, asset.asset, wearing, year.start),
        truth=records.truth(asset.asset, kind.name, wearing, year.start),
        faults=faults,
    )


def _duty(rng: np.random.Generator, year: _Year, *, paired: bool, weekends_off: bool) -> Bools:
    """When production wants this machine: always, every second fortnight, or on working days; some process stops besides."""
    duty = np.ones(len(year.hours), dtype=np.bool_)
    if paired:
        duty = (year.hours // TURN) % 2 == 0
    elif weekends_off:
        duty = year.weekday < 5
    for _ in range(int(rng.integers(3, 7))):
        first = int(rng.integers(0, len(duty)))
        duty[first : first + int(rng.integers(6, 37))] = False
    return duty


def _asset(rng: np.random.Generator, kind: MachineKind, index: int, start: datetime, *, paired: bool) -> Asset:
    tag = f"{kind.tag}-{kind.first_number + index}"
    sister = f"{kind.tag}-{kind.first_number + (index ^ 1)}"
    return Asset(
        asset=tag,
        asset_class=kind.name,
        description=f"{kind.description} {index + 1}",
        location=f"north/{kind.area}/line {index // 4 + 1}",
        criticality=int(rng.choice([1, 2, 3, 4], p=[0.15, 0.25, 0.4, 0.2])),
        redundancy=f"1 of 2 with {sister}" if paired else "",
        commissioned=start - timedelta(days=int(rng.integers(2 * 365, 15 * 365))),
        attributes={
            "maker": str(rng.choice(["Norrland", "Vela", "Kestrel"])),
            "rated_kw": int(rng.choice([30, 45, 55])),
        },
    )


def _readings(rng: np.random.Generator, asset: str, channels: dict[str, Floats], year: _Year) -> pd.DataFrame:
    """The machine's rows as the historian kept them: rounded, a little late, with two gaps of some hours."""
    kept = np.ones(len(year.hours), dtype=np.bool_)
    for first in rng.integers(0, len(kept), 2):
        kept[first : first + int(rng.integers(3, 13))] = False
    rows = int(kept.sum())
    late = pd.to_timedelta(rng.integers(20, 240, rows), unit="s").as_unit("us")
    times = year.times[kept]
    columns = {name: np.round(values[kept], 3) for name, values in channels.items()}
    return pd.DataFrame({"asset": np.full(rows, asset), "time": times, "recorded_at": times + late, **columns})


def _moments(rows: list[dict[str, Any]], columns: tuple[str, ...]) -> pd.DataFrame:
    table = pd.DataFrame(rows)
    for name in columns:
        if name in table:
            table[name] = pd.to_datetime(table[name], utc=True).astype("datetime64[us, UTC]")
    return table
