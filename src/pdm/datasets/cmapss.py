"""NASA's C-MAPSS turbofans: read the user's copy of FD001-FD004 and bring it into a plant.

Training engines run to failure, test engines are cut; `RUL_FD00x.txt` tells how many cycles the cut ones had left.
That truth is for the final report only: it is handed to the caller and never stored.

The sets tell cycles and no dates. Scoring "as known then" needs some, so cycle c of every engine counts as recorded
c / per_day days after `START`, with `per_day` of the class's axis.

Source: Saxena, Goebel, Simon, Eklund: Damage propagation modeling for aircraft engine run-to-failure simulation, PHM 2008.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from pdm.catalogue import Axis
from pdm.datasets.cmapss_fixture import write_cmapss_fixture
from pdm.datasets.folder import ImportCounts, find_file, readable
from pdm.errors import InputError, NotFound, UnreadableFile
from pdm.operations.ingest_events import ingest_events
from pdm.operations.ingest_readings import ingest_readings
from pdm.operations.register_assets import register_assets
from pdm.ports import Plant
from pdm.readings.registry import Asset

__all__ = [
    "CmapssData",
    "cmapss_assets",
    "cmapss_events",
    "cmapss_lives",
    "import_cmapss",
    "read_cmapss",
    "write_cmapss_fixture",
]

ASSET_CLASS = "turbofan"
SUBSETS = ("FD001", "FD002", "FD003", "FD004")
START = datetime(2008, 1, 1, tzinfo=UTC)
CHANNELS = ("op1", "op2", "op3", *(f"s{number}" for number in range(1, 22)))


@dataclass(frozen=True)
class CmapssData:
    """One subset. `train`, `test`: `asset`, `time` (cycle, float64) and 24 channels, sorted by engine and cycle.

    truth: asset -> cycles left after the last row of a test engine; None where the folder has no RUL file.
    """

    subset: str
    train: pd.DataFrame = field(repr=False)
    test: pd.DataFrame = field(repr=False)
    truth: pd.Series | None = field(repr=False)


def read_cmapss(folder: Path, subset: str) -> CmapssData:
    """Read one subset from a folder with `train_FD001.txt`, `test_FD001.txt` and, if there, `RUL_FD001.txt` (each also as .gz).

    Raises:
        NotFound: no such subset, folder or file.
        UnreadableFile: empty, truncated, not 26 columns of numbers, or cycles with holes; with the row.
        InputError: the RUL file and the test engines do not fit together.
    """
    if subset not in SUBSETS:
        raise NotFound(f"C-MAPSS has no subset {subset!r}", hint="choose " + ", ".join(SUBSETS))
    train = _engines(find_file(folder, f"train_{subset}.txt"), f"{subset}-train")
    test = _engines(find_file(folder, f"test_{subset}.txt"), f"{subset}-test")
    return CmapssData(subset, train, test, _truth(folder, subset, test["asset"].unique()))


def import_cmapss(plant: Plant, folder: Path, subset: str) -> ImportCounts:
    """Bring one subset into a plant: engines, their cycles, and a failure on the last cycle of each training engine.

    Raises:
        As `read_cmapss`; `NotFound` also when the plant has no class `turbofan`.
    """
    axis = plant.catalogue.asset_class(ASSET_CLASS).axis
    data = read_cmapss(folder, subset)
    readings = pd.concat([data.train, data.test], ignore_index=True)
    readings.insert(2, "recorded_at", _calendar(readings["time"], axis))
    assets = cmapss_assets(data)
    register_assets(plant, assets, backfill=True)
    source = f"cmapss-{subset}"
    stored = ingest_readings(plant, readings, asset_class=ASSET_CLASS, source=source, backfill=True)
    events = ingest_events(plant, cmapss_events(data, axis), source=source, backfill=True)
    quarantined = stored.rows_quarantined + events.rows_quarantined
    return ImportCounts(len(assets), stored.rows_stored, events.rows_stored, len(readings), quarantined)


def cmapss_assets(data: CmapssData) -> list[Asset]:
    """One asset per engine; its attributes tell subset and split."""
    return [
        Asset(
            asset=asset,
            asset_class=ASSET_CLASS,
            description=f"turbofan engine {int(asset[-3:])} of {data.subset} ({split})",
            location=f"fleet/{data.subset}/{split}",
            commissioned=START,
            attributes={"subset": data.subset, "split": split},
        )
        for split, frame in (("train", data.train), ("test", data.test))
        for asset in frame["asset"].unique()
    ]


def cmapss_events(data: CmapssData, axis: Axis) -> pd.DataFrame:
    """A failure on the last cycle of every training engine; test engines have none, whatever the RUL file tells."""
    last = data.train.groupby("asset", sort=True)["time"].max()
    time = _calendar(pd.Series(last.to_numpy()), axis)
    return pd.DataFrame(
        {
            "asset": last.index.to_numpy(),
            "time": time,
            "usage": last.to_numpy(),
            "recorded_at": time,
            "kind": "failure",
            "maintainable_item": "unit",
            "failure_mode": "degradation",
            "mode": "low output",
            "mechanism": "wear",
            "severity": "critical",
            "text": "Ran to failure.",
        }
    )


def cmapss_lives(train: pd.DataFrame) -> pd.DataFrame:
    """The lives of training engines as `pdm.learning` takes them: each from its first cycle to the failure on its last."""
    span = train.groupby("asset", sort=True)["time"].agg(["min", "max"])
    return pd.DataFrame(
        {
            "life": span.index + "#1",
            "asset": span.index,
            "item": span.index,
            "maintainable_item": "unit",
            "start": span["min"].to_numpy(),
            "end": span["max"].to_numpy(),
            "ended_by": "failure",
            "failure_mode": "degradation",
            "severity": "critical",
            "known_at": pd.Timestamp(START),
        }
    )


def _engines(path: Path, prefix: str) -> pd.DataFrame:
    names = ["unit", "cycle", *CHANNELS]
    with readable(path):
        rows = pd.read_csv(path, sep=r"\s+", header=None)
        if rows.shape[1] != len(names):
            raise UnreadableFile(
                f"{path} has {rows.shape[1]} columns, not {len(names)}", hint="unit, cycle, 3 settings, 21 sensors"
            )
        numbers = rows.set_axis(names, axis=1).apply(pd.to_numeric, errors="coerce")
    wrong = ~np.isfinite(numbers.to_numpy(dtype=np.float64)).all(axis=1)
    if wrong.any():
        raise UnreadableFile(
            f"{path}, row {int(wrong.argmax()) + 1}: not {len(names)} numbers", hint="download it again"
        )
    numbers = numbers.sort_values(["unit", "cycle"], kind="stable", ignore_index=True)
    expected = numbers.groupby("unit").cumcount() + 1
    holes = (numbers["cycle"] != expected).to_numpy()
    if holes.any():
        first = numbers.iloc[int(holes.argmax())]
        raise UnreadableFile(
            f"{path}: engine {first['unit']:.0f} has no cycle {expected.iloc[int(holes.argmax())]}",
            hint="each engine counts 1, 2, 3 ... without holes or doubles",
        )
    asset = prefix + "-" + numbers["unit"].astype(int).astype(str).str.zfill(3)
    frame: pd.DataFrame = numbers[list(CHANNELS)].astype(np.float64)
    frame.insert(0, "asset", asset.astype("str"))
    frame.insert(1, "time", numbers["cycle"].astype(np.float64))
    return frame


def _truth(folder: Path, subset: str, engines: np.ndarray) -> pd.Series | None:
    try:
        path = find_file(folder, f"RUL_{subset}.txt")
    except NotFound:
        return None
    with readable(path):
        left = pd.read_csv(path, sep=r"\s+", header=None).iloc[:, 0].astype(np.float64)
    if len(left) != len(engines):
        raise InputError(f"{path} tells {len(left)} engines, the test file has {len(engines)}", hint="same subset?")
    return pd.Series(left.to_numpy(), index=pd.Index(engines, name="asset"), name="remaining_life")


def _calendar(cycles: pd.Series, axis: Axis) -> pd.Series:
    """The convention of this file's head: when a cycle counts as recorded."""
    seconds = (cycles.to_numpy(dtype=np.float64) * (86_400.0 / axis.per_day)).round().astype("timedelta64[s]")
    return pd.Series(pd.Timestamp(START) + seconds.astype("timedelta64[us]"), index=cycles.index).astype(
        "datetime64[us, UTC]"
    )
