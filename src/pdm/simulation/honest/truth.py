"""What really happened in a simulated plant: written to a folder of its own, which only the judge reads.

The plant's home never holds any of this. A model that could see the onset of wear, or the failure that a repair prevented,
would prove nothing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from pdm.errors import NotFound, UnreadableFile

FORMAT = 1
MANIFEST = "truth.json"

FAILURE_COLUMNS = {
    "failure_id": "str",
    "asset": "str",
    "asset_class": "str",
    "item": "str",
    "maintainable_item": "str",
    "failure_mode": "str",
    "onset": "time",
    "failure": "time",
    "ended_at": "time",
    "ended_by": "str",
    "precursor": "str",
    "visible": "str",
    "detectable_from": "time",
    "planning_time_h": "float",
    "parts_time_h": "float",
    "cost_unplanned": "float",
    "cost_planned": "float",
    "infant": "bool",
}
EXPOSURE_COLUMNS = {"asset": "str", "asset_class": "str", "start": "time", "end": "time"}
SIGNATURE_COLUMNS = {"failure_id": "str", "time": "time", "channel": "str", "shift": "float", "noise_sd": "float"}
SENSOR_FAULT_COLUMNS = {"asset": "str", "channel": "str", "kind": "str", "start": "time", "end": "time"}
RECORD_COLUMNS = {
    "failure_id": "str",
    "asset": "str",
    "event": "str",
    "happened_at": "time",
    "recorded": "bool",
    "order_number": "str",
    "notification": "str",
    "booked_on": "str",
    "code_true": "str",
    "code_written": "str",
    "default_start": "bool",
    "entered_at": "time",
}


@dataclass(frozen=True)
class Truth:
    """What a simulated plant went through, in five tables; times are UTC.

    failures: one row per potential failure. `onset` is when the item begins to fail (P); `failure` is when it fails, or would
        have failed if nobody had acted (F); `ended_at` is when the item's life really ended, by `ended_by`: `failure`, `condition`
        (the incumbent policy saw it and acted), `preventive`, or `open` at the end of the data. `precursor` is `gradual`,
        `stepped`, `arrested` or `none`; `visible` says how far the sensors could show it: `yes`, `below noise`, `masked` (a
        control loop compensates) or `unmeasured`. `detectable_from` is the first moment at which a detector that knows noise
        and shape could be sure at one false alert per 20 asset-years; missing when never. Planning and parts time in hours,
        costs in one currency. `infant`: brought about by the maintenance just before.
    exposure: asset, asset_class, start, end of what was observed of each asset.
    signatures: what each failure does to each channel, every 6 hours from onset on: `shift` and the `noise_sd` of that channel.
    sensor_faults: asset, channel (`*` for all of the asset), kind, start, end.
    records: how each event came to be recorded, or did not; `failure_id` is empty for events that are no failure. `event` is
        `failure`, `condition`, `preventive`, `inspection` or `other`.
    version: the simulator's, hashed from its settings schema and sources.
    """

    failures: pd.DataFrame
    exposure: pd.DataFrame
    signatures: pd.DataFrame
    sensor_faults: pd.DataFrame
    records: pd.DataFrame
    version: str = ""
    seed: int = 0

    def save(self, folder: Path) -> None:
        """Write the five tables as Parquet, and a small manifest with the simulator's version, into `folder`."""
        folder.mkdir(parents=True, exist_ok=True)
        for name in TABLES:
            getattr(self, name).to_parquet(folder / f"{name}.parquet", index=False)
        manifest = {"format": FORMAT, "version": self.version, "seed": self.seed}
        (folder / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Truth:
        """Read what `save` wrote.

        Raises:
            NotFound: the folder holds no truth.
            UnreadableFile: it was written in another format, or a table lacks a column.
        """
        if not (folder / MANIFEST).is_file():
            raise NotFound(f"{folder} holds no truth of a simulated plant", hint="name the folder given as --truth")
        try:
            manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        except ValueError:
            raise UnreadableFile(f"{folder / MANIFEST} is no JSON", hint="simulate the plant again") from None
        if manifest.get("format") != FORMAT:
            raise UnreadableFile(
                f"{folder / MANIFEST} is of format {manifest.get('format')!r}, this version reads {FORMAT}",
                hint="simulate the plant again",
            )
        tables = {name: _read(folder / f"{name}.parquet", columns) for name, columns in TABLES.items()}
        return cls(**tables, version=str(manifest["version"]), seed=int(manifest["seed"]))


def table(rows: list[dict[str, Any]] | pd.DataFrame, columns: dict[str, str]) -> pd.DataFrame:
    """Rows (dictionaries or a frame) as a table of the truth: the columns in order, times UTC in microseconds, also when empty."""
    frame = pd.DataFrame(rows, columns=list(columns))
    times = [name for name, kind in columns.items() if kind == "time"]
    for name in times:
        frame[name] = pd.to_datetime(frame[name], utc=True).astype("datetime64[us, UTC]")
    return frame.astype({name: _DTYPES[kind] for name, kind in columns.items() if kind != "time"})


_DTYPES = {"str": "str", "float": "float64", "bool": "bool"}

TABLES = {
    "failures": FAILURE_COLUMNS,
    "exposure": EXPOSURE_COLUMNS,
    "signatures": SIGNATURE_COLUMNS,
    "sensor_faults": SENSOR_FAULT_COLUMNS,
    "records": RECORD_COLUMNS,
}


def _read(path: Path, columns: dict[str, str]) -> pd.DataFrame:
    if not path.is_file():
        raise NotFound(f"{path.parent} lacks {path.name}", hint="simulate the plant again")
    frame: pd.DataFrame = pd.read_parquet(path)
    missing = [name for name in columns if name not in frame]
    if missing:
        raise UnreadableFile(f"{path} lacks {', '.join(missing)}", hint="simulate the plant again")
    return frame
