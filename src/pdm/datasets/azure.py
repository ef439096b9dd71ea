"""Microsoft's Azure predictive-maintenance set: read the user's copy and bring it into a plant.

One hundred simulated machines with hourly telemetry, error codes, component replacements and failures of 2015.
A failure row is an unplanned replacement of a component, and the maintenance table tells it a second time in the same hour:
that row *is* the repair of the failure. It comes one minute after the failure here, so that "the time since the last
replacement" can never tell of a failure in its own hour.

The times carry no zone; they are taken as UTC. Nobody knows when they were recorded: at once, here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd

from pdm.datasets.azure_fixture import write_azure_fixture
from pdm.datasets.folder import ImportCounts, find_file, read_table, readable, utc, with_columns
from pdm.errors import InputError, NotFound
from pdm.operations.ingest_events import ingest_events
from pdm.operations.ingest_readings import ingest_readings
from pdm.operations.register_assets import register_assets
from pdm.ports import Plant
from pdm.readings.registry import Asset, Installation

__all__ = [
    "AzureData",
    "azure_assets",
    "azure_events",
    "azure_installations",
    "import_azure",
    "read_azure",
    "write_azure_fixture",
]

ASSET_CLASS = "azure_machine"
CHANNELS = ("volt", "rotate", "pressure", "vibration")
COMPONENTS = ("comp1", "comp2", "comp3", "comp4")
TELEMETRY = ("PdM_telemetry.csv", "PdM_telemetry.parquet", "telemetry_subset.parquet")
_AFTER_THE_FAILURE = pd.Timedelta(minutes=1)


@dataclass(frozen=True)
class AzureData:
    """The five tables with `asset` ("M-001") for the machine and `time` (UTC) for the hour, sorted by both.

    telemetry: four channels. errors: `code`. maintenance, failures: `component`. machines: `model`, `age` in years.
    """

    telemetry: pd.DataFrame = field(repr=False)
    errors: pd.DataFrame = field(repr=False)
    maintenance: pd.DataFrame = field(repr=False)
    failures: pd.DataFrame = field(repr=False)
    machines: pd.DataFrame = field(repr=False)


def read_azure(folder: Path, *, since: datetime | None = None) -> AzureData:
    """Read a folder with the five PdM tables (CSV, plain or .gz); telemetry also as Parquet, whole or a part of the year.

    since: leave older telemetry out (events are always read whole: they make the lives).

    Raises:
        NotFound: a file is missing.
        ColumnsError, UnreadableFile: a file is not what its name says.
        InputError: a table names a machine that the machines table does not know.
    """
    machines = read_table(find_file(folder, "PdM_machines.csv"), ["machineID", "model", "age"])
    machines = machines.assign(asset=_tags(machines["machineID"])).drop(columns="machineID")
    telemetry = _telemetry(folder)
    if since is not None:
        telemetry = telemetry[telemetry["time"] >= pd.Timestamp(since)].reset_index(drop=True)
    tables = {
        name: _events_of(find_file(folder, f"PdM_{name}.csv"), column)
        for name, column in (("errors", "errorID"), ("maint", "comp"), ("failures", "failure"))
    }
    known = set(machines["asset"])
    for name, table in (("telemetry", telemetry), *tables.items()):
        if strangers := sorted(set(table["asset"]) - known):
            raise InputError(f"{folder}: the {name} table names {', '.join(strangers[:5])}, PdM_machines.csv does not")
    return AzureData(
        telemetry=telemetry,
        errors=tables["errors"].rename(columns={"errorID": "code"}),
        maintenance=tables["maint"].rename(columns={"comp": "component"}),
        failures=tables["failures"].rename(columns={"failure": "component"}),
        machines=machines.sort_values("asset", ignore_index=True),
    )


def import_azure(plant: Plant, folder: Path, *, since: datetime | None = None) -> ImportCounts:
    """Bring the set into a plant: machines with four components each, telemetry, errors, replacements and failures.

    Raises:
        As `read_azure`; `NotFound` also when the plant has no class `azure_machine`.
    """
    plant.catalogue.asset_class(ASSET_CLASS)
    data = read_azure(folder, since=since)
    assets = azure_assets(data)
    register_assets(plant, assets, azure_installations(data), backfill=True)
    rows = data.telemetry.assign(recorded_at=data.telemetry["time"])
    stored = ingest_readings(plant, rows, asset_class=ASSET_CLASS, source="azure-pdm", backfill=True)
    events = ingest_events(plant, azure_events(data), source="azure-pdm", backfill=True)
    quarantined = stored.rows_quarantined + events.rows_quarantined
    return ImportCounts(len(assets), stored.rows_stored, events.rows_stored, len(rows), quarantined)


def azure_assets(data: AzureData) -> list[Asset]:
    """One asset per machine, commissioned its age before the first day of the set."""
    first = _first_day(data)
    return [
        Asset(
            asset=asset,
            asset_class=ASSET_CLASS,
            description=f"machine {int(asset[2:])}, {model}",
            location=f"azure/{model}",
            commissioned=(first - pd.Timedelta(days=round(365.25 * float(age)))).to_pydatetime(),
            attributes={"model": str(model), "age": int(age)},
        )
        for asset, model, age in data.machines[["asset", "model", "age"]].itertuples(index=False)
    ]


def azure_installations(data: AzureData) -> list[Installation]:
    """Four component positions per machine; the set tells no serial numbers, so that replacements restore one item.

    Machines of age 0 have replacements from the year before: their components sit there since the first of these.
    """
    replaced = {
        str(asset): when.to_pydatetime() for asset, when in data.maintenance.groupby("asset")["time"].min().items()
    }
    return [
        Installation(asset.asset, f"{asset.asset}-{component}", begun, component)
        for asset in azure_assets(data)
        for begun in [min(moment for moment in (asset.commissioned, replaced.get(asset.asset)) if moment is not None)]
        for component in COMPONENTS
    ]


def azure_events(data: AzureData) -> pd.DataFrame:
    """All events, oldest first; the repair of a failure stands one minute after it."""
    errors = data.errors.assign(kind="error", restores=False)
    failures = data.failures.rename(columns={"component": "maintainable_item"})
    failures = failures.assign(
        kind="failure", failure_mode=failures["maintainable_item"], severity="critical", restores=False
    )
    repairs = data.maintenance.rename(columns={"component": "maintainable_item"}).assign(kind="repair", restores=True)
    hours = pd.MultiIndex.from_frame(repairs[["asset", "time", "maintainable_item"]])
    of_failure = hours.isin(pd.MultiIndex.from_frame(failures[["asset", "time", "maintainable_item"]]))
    repairs["time"] = repairs["time"].where(~of_failure, repairs["time"] + _AFTER_THE_FAILURE)
    repairs["text"] = np.where(of_failure, "Replaced after failure.", "Replaced by plan.")
    events = pd.concat([errors, failures, repairs], ignore_index=True)
    words = ["code", "maintainable_item", "failure_mode", "severity", "text"]
    events[words] = events[words].fillna("").astype("str")
    events["recorded_at"] = events["time"]
    return events.sort_values(["time", "asset", "kind"], kind="stable", ignore_index=True)


def _first_day(data: AzureData) -> pd.Timestamp:
    """Midnight of the first telemetry (of the first error, where there is none)."""
    table = data.telemetry if len(data.telemetry) else data.errors
    return pd.Timestamp(table["time"].min()).normalize()


def _telemetry(folder: Path) -> pd.DataFrame:
    columns = ["datetime", "machineID", *CHANNELS]
    for name in TELEMETRY:
        try:
            path = find_file(folder, name)
        except NotFound:
            continue
        if name.endswith(".parquet"):
            with readable(path):
                rows = pd.read_parquet(path)
            rows = with_columns(rows, columns, path)
        else:
            rows = read_table(path, columns)
        with readable(path):
            values = rows[list(CHANNELS)].astype(np.float64)
        frame = pd.DataFrame({"asset": _tags(rows["machineID"]), "time": utc(rows["datetime"], path)}).join(values)
        return frame.sort_values(["asset", "time"], kind="stable", ignore_index=True)
    raise NotFound(f"{folder} holds no telemetry", hint="expected one of " + ", ".join(TELEMETRY))


def _events_of(path: Path, column: str) -> pd.DataFrame:
    rows = read_table(path, ["datetime", "machineID", column])
    frame = pd.DataFrame(
        {"asset": _tags(rows["machineID"]), "time": utc(rows["datetime"], path), column: rows[column].astype("str")}
    )
    return frame.sort_values(["asset", "time"], kind="stable", ignore_index=True)


def _tags(machines: pd.Series) -> pd.Series:
    """Machine 7 is `M-007`."""
    return ("M-" + machines.astype("int64").astype("str").str.zfill(3)).astype("str")
