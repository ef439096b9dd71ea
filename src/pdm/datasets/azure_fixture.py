"""Files in the format of the Azure predictive-maintenance set, made here: error bursts and shifted telemetry before failures."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

# Component -> channel that gives it away, how far it shifts, and the errors that come in a burst.
_SIGNS = {
    "comp1": ("volt", 22.0, ("error1",)),
    "comp2": ("rotate", -85.0, ("error2", "error3")),
    "comp3": ("pressure", 22.0, ("error4",)),
    "comp4": ("vibration", 11.0, ("error5",)),
}
_CHANNELS = {"volt": (170.0, 15.0), "rotate": (450.0, 50.0), "pressure": (100.0, 10.0), "vibration": (40.0, 5.0)}
_DAYS_BETWEEN_FAILURES = 10.0


def write_azure_fixture(
    folder: Path,
    machines: int = 6,
    days: int = 60,
    seed: int = 11,
    *,
    start: str = "2015-10-20 06:00:00",
    telemetry: Literal["csv", "parquet"] = "csv",
) -> Path:
    """Write the five PdM tables for `machines` machines over `days` days; events are gzipped, telemetry is a CSV or Parquet.

    Every ten days or so a component fails at six in the morning. From 48 hours before, its channel shifts; in the last 24 hours
    its errors come in a burst. Each failure stands in the maintenance table of the same hour too, as in the original.
    The default start leaves two and a half weeks of December, where the bundled model's test period lies. Returns `folder`.

    Raises:
        ValueError: fewer than one machine, or fewer than ten days.
    """
    if machines < 1 or days < 10:
        raise ValueError("a fixture needs a machine and ten days")
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    hours = pd.date_range(start, periods=days * 24, freq="h")
    tables = [_machine(rng, number, hours) for number in range(1, machines + 1)]
    rows, errors, maintenance, failures = (pd.concat([parts[at] for parts in tables]) for at in range(4))
    if telemetry == "csv":
        rows.to_csv(folder / "PdM_telemetry.csv", index=False)
    else:
        rows.to_parquet(folder / "telemetry_subset.parquet", index=False)
    fleet = pd.DataFrame(
        {
            "machineID": np.arange(1, machines + 1),
            "model": [f"model{kind}" for kind in rng.integers(1, 5, machines)],
            "age": rng.integers(0, 21, machines),
        }
    )
    for name, table in (("errors", errors), ("maint", maintenance), ("failures", failures), ("machines", fleet)):
        text = table.to_csv(index=False).encode("ascii")
        (folder / f"PdM_{name}.csv.gz").write_bytes(gzip.compress(text, mtime=0))
    return folder


def _machine(
    rng: np.random.Generator, number: int, hours: pd.DatetimeIndex
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Telemetry, errors, maintenance and failures of one machine."""
    n = len(hours)
    values = {name: rng.normal(level, sd, n) for name, (level, sd) in _CHANNELS.items()}
    errors = [(hours[row], f"error{int(rng.integers(1, 6))}") for row in np.flatnonzero(rng.random(n) < 0.004).tolist()]
    failures: list[tuple[pd.Timestamp, str]] = []
    # Before the telemetry begins every component has been replaced once.
    maintenance = [(hours[0] - pd.Timedelta(days=int(rng.integers(5, 90))), component) for component in _SIGNS]
    day = 3 + rng.exponential(_DAYS_BETWEEN_FAILURES / 2)
    while (row := int(day) * 24) < n:
        component = str(rng.choice(list(_SIGNS)))
        channel, shift, burst = _SIGNS[component]
        ramp = np.minimum(1.0, np.arange(1, 49) / 24.0)
        first = max(0, row - 48)
        values[channel][first:row] += shift * ramp[48 - (row - first) :]
        for code in burst:
            errors += [(hours[row - int(back)], code) for back in rng.choice(np.arange(2, 24), 3, replace=False)]
        failures.append((hours[row], component))
        maintenance.append((hours[row], component))
        if rng.random() < 0.5 and row + 4 * 24 < n:
            maintenance.append((hours[row + 4 * 24], str(rng.choice(list(_SIGNS)))))
        day += 5 + rng.exponential(_DAYS_BETWEEN_FAILURES - 5)
    rows = pd.DataFrame({"datetime": hours, "machineID": number, **values})
    return (
        rows,
        _table(errors, number, "errorID"),
        _table(maintenance, number, "comp"),
        _table(failures, number, "failure"),
    )


def _table(rows: list[tuple[pd.Timestamp, str]], number: int, column: str) -> pd.DataFrame:
    table = pd.DataFrame({"datetime": [when for when, _ in rows], column: [what for _, what in rows]})
    table.insert(1, "machineID", number)
    return table.sort_values(["datetime", column], kind="stable")
