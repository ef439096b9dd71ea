"""What people write down: work orders that are entered hours or days late, inspection rounds, serial numbers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from pdm.readings.registry import Installation
from pdm.simulation.signals import DAY
from pdm.simulation.wear import PartLife, Wearing

ROUND_DAYS = 60
SEEN_FROM = 0.45

FOUND = {
    "bearing_wear": ("Noisy and hot at the bearing, play felt by hand.", "Bearing rough, grease black."),
    "seal_leak": ("Seal dripping past the limit, pit wet.", "Seal faces scored, leak into the drain."),
    "valve_fouling": ("Discharge valves coked, delivery too low.", "Valve plate stuck, gas too hot."),
    "imbalance": ("Deposits on the impeller, one blade bare.", "Heavy shaking at full speed, weight lost."),
}


def hour(start: datetime, row: float) -> datetime:
    """The moment of a row; row 0 is the first reading."""
    return start + timedelta(hours=float(row))


def serial(asset: str, life: PartLife) -> str:
    """Serial number of a part, such as `BRG-P101-2`."""
    return f"{life.part.letters}-{asset.replace('-', '')}-{life.number}"


def installations(asset: str, wearing: Wearing, start: datetime) -> list[Installation]:
    """Every part that sat in the machine, from its installation until its successor's (or until now)."""
    return [
        Installation(
            asset=asset,
            item=serial(asset, life),
            start=hour(start, round(life.installed)),
            maintainable_item=life.part.maintainable_item,
            end=None if life.back is None else hour(start, life.back),
        )
        for life in wearing.lives
    ]


def truth(asset: str, asset_class: str, wearing: Wearing, start: datetime) -> list[dict[str, Any]]:
    """One row per life: when wear began and how it ended; what no plant knows."""
    rows = []
    for life in wearing.lives:
        onset = life.onset_row(wearing.run)
        rows.append(
            {
                "asset": asset,
                "asset_class": asset_class,
                "item": serial(asset, life),
                "maintainable_item": life.part.maintainable_item,
                "failure_mode": life.part.failure_mode,
                "course": life.course,
                "installed": hour(start, round(life.installed)),
                "onset": None if onset is None else hour(start, onset),
                "end": None if life.end is None else hour(start, life.end),
            }
        )
    return rows


def work_orders(rng: np.random.Generator, asset: str, wearing: Wearing, start: datetime) -> list[dict[str, Any]]:
    """Failures with their repairs, and replacements before failure; `recorded_at` is when somebody typed it in."""
    rows: list[dict[str, Any]] = []
    for life in wearing.lives:
        if life.end is None:
            continue
        part = life.part
        common = {
            "asset": asset,
            "item": serial(asset, life),
            "maintainable_item": part.maintainable_item,
            "failure_mode": part.failure_mode,
        }
        stopped, found = hour(start, life.end), FOUND[part.failure_mode][int(rng.integers(2))]
        failed = life.course in ("gradual", "abrupt")
        if failed:
            critical = life.course == "abrupt" or rng.random() < 0.7
            rows.append(
                common
                | {
                    "time": stopped,
                    "recorded_at": stopped + _delay(rng, 1, 20, late=0.1),
                    "kind": "failure",
                    "code": "BD",
                    "mode": part.mode,
                    "mechanism": part.mechanism,
                    "cause": "unknown" if life.course == "abrupt" else "wear and tear",
                    "severity": "critical" if critical else "degraded",
                    "text": found if life.course == "gradual" else f"Stopped without warning. {found}",
                }
            )
        if life.back is None:
            continue
        done = hour(start, life.back)
        scheduled = life.course == "scheduled"
        rows.append(
            common
            | {
                "time": done,
                "recorded_at": done + _delay(rng, 2, 72, late=0.15),
                "kind": "preventive" if scheduled else "repair",
                "code": "PM" if scheduled else "CM",
                "restores": True,
                "text": f"{part.maintainable_item.capitalize()} replaced"
                + (" by plan." if scheduled else " after breakdown." if failed else " on condition, before it failed."),
            }
        )
    return rows


def inspections(rng: np.random.Generator, asset: str, wearing: Wearing, start: datetime) -> list[dict[str, Any]]:
    """Rounds every two months; they see clear wear most of the time, and never miss to write that all is well."""
    n = len(wearing.run)
    worn = [(life, life.wear(wearing.run)) for life in wearing.lives]
    rows = []
    for row in range(int(rng.integers(0, ROUND_DAYS)) * DAY + 9, n, ROUND_DAYS * DAY):
        seen = next((life for life, wear in worn if wear[row] > SEEN_FROM and rng.random() < 0.7), None)
        when = hour(start, row)
        rows.append(
            {
                "asset": asset,
                "time": when,
                "recorded_at": when + _delay(rng, 1, 8, late=0.05),
                "kind": "inspection",
                "code": "ROUND",
                "maintainable_item": seen.part.maintainable_item if seen else "",
                "severity": "incipient" if seen else "",
                "text": f"First signs at the {seen.part.maintainable_item}." if seen else "Nothing found.",
            }
        )
    return rows


def event_table(rows: Iterable[dict[str, Any]], end: datetime) -> pd.DataFrame:
    """Events as a table, oldest first, without those that nobody had recorded by `end`."""
    listed = list(rows)
    table = pd.DataFrame({name: [row.get(name) for row in listed] for name in EVENT_COLUMNS}, dtype=object)
    words = [name for name in EVENT_COLUMNS if name not in ("time", "recorded_at", "restores")]
    table[words] = table[words].fillna("").astype("str")
    table["restores"] = table["restores"].eq(True)
    for name in ("time", "recorded_at"):
        table[name] = pd.to_datetime(table[name], utc=True).astype("datetime64[us, UTC]")
    table = table[table["recorded_at"] <= pd.Timestamp(end)]
    return table.sort_values(["time", "asset", "kind"], kind="stable", ignore_index=True)


EVENT_COLUMNS = (
    "asset",
    "time",
    "recorded_at",
    "kind",
    "code",
    "item",
    "maintainable_item",
    "failure_mode",
    "mode",
    "mechanism",
    "cause",
    "severity",
    "restores",
    "text",
)


def _delay(rng: np.random.Generator, low: int, high: int, *, late: float) -> timedelta:
    """How long after the fact somebody writes it down: hours, or with probability `late` two to ten days."""
    minutes = int(rng.integers(low * 60, high * 60))
    if rng.random() < late:
        minutes += int(rng.integers(2 * 1440, 10 * 1440))
    return timedelta(minutes=minutes)
