"""Vibration snapshots in the feature table: at every as-of time the newest waveform of each measuring point speaks.

| feature | meaning |
|---|---|
| `drive_end__vibration__rms` and all others of `vibration_features` | of the newest snapshot known at the as-of time |
| `drive_end__vibration__age` | native units since it was taken |

A snapshot taken at the as-of time counts, as a reading does. NaN: no snapshot yet, one older than `hold`, or one that nobody can
read (these are counted). Fault lines are NaN where the shaft's speed was unknown or zero.
Waveforms come as arrays, or as files of `home/waveforms/<class>/<point>/<asset>/20260105T060000Z.npy` (or .csv, .parquet).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from pdm.catalogue.axis import microseconds
from pdm.catalogue.feature_set import FeatureSet
from pdm.catalogue.vibration import VibrationPoint
from pdm.errors import ColumnsError, InputError, UnreadableFile
from pdm.extraction.history import latest_visible
from pdm.extraction.scale import Scale, Ticks
from pdm.extraction.vibration import vibration_features
from pdm.extraction.vibration_files import read_waveforms

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]

_AGE = "age"
_FORMAT = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True)
class Snapshots:
    """Snapshots of one asset at one point.

    at: when each was taken, ascending. visible: from when on it counts. waveforms: samples, or a file.
    """

    at: Ticks
    visible: Ticks
    waveforms: Sequence[Any]


def snapshot_names(points: Sequence[VibrationPoint]) -> list[str]:
    """Names of the columns, point by point."""
    return [f"{point.name}__vibration__{part}" for point in points for part in _parts(point)]


def speeds(feature_set: FeatureSet) -> list[str]:
    """Channels that tell the speed of a shaft."""
    return list(dict.fromkeys(point.speed for point in feature_set.vibration if point.speed))


def by_asset(table: pd.DataFrame | None, feature_set: FeatureSet, scale: Scale) -> dict[tuple[str, str], Snapshots]:
    """Snapshots by asset and point. table: `asset`, `time`, `point`, `waveform` and, where it is on record, `recorded_at`.

    Raises:
        ColumnsError: a column is missing. InputError: a point that the feature set does not have.
    """
    if table is None or table.empty or not feature_set.vibration:
        return {}
    if missing := [name for name in ("asset", "time", "point", "waveform") if name not in table]:
        raise ColumnsError(f"snapshots lack {', '.join(missing)}", hint="asset, time, point, waveform")
    known = {point.name for point in feature_set.vibration}
    if strange := sorted(set(table["point"]) - known):
        raise InputError(
            f"snapshots of unknown points: {', '.join(strange)}", hint="points: " + ", ".join(sorted(known))
        )
    found = {}
    for key, rows in table.sort_values("time", kind="stable").groupby(["asset", "point"]):
        asset, point = key if isinstance(key, tuple) else (key, "")
        at = scale.ticks(rows["time"])
        visible = np.maximum(at, microseconds(rows["recorded_at"])) if scale.calendar and "recorded_at" in rows else at
        found[str(asset), str(point)] = Snapshots(at, visible, list(rows["waveform"]))
    return found


def snapshot_columns(
    point: VibrationPoint, taken: Snapshots | None, at: Ticks, speed: tuple[Ticks, Floats] | None, scale: Scale
) -> tuple[Floats, int, int]:
    """Columns of one point at some as-of times, how many snapshots were needed and how many of them nobody could read.

    speed: positions and values of the speed channel, held until the next one.
    """
    names = _parts(point)
    out = np.full((len(at), len(names)), np.nan)
    if taken is None or not len(at):
        return out, 0, 0
    newest = latest_visible(taken.at, taken.visible, at, scale.never)
    spoken = newest != scale.never
    if point.hold:
        spoken &= at - np.where(spoken, newest, at) <= scale.span(point.hold)
    chosen = np.unique(newest[spoken])
    unreadable = 0
    for moment in chosen:
        number = int(np.searchsorted(taken.at, moment, side="right")) - 1
        rows = spoken & (newest == moment)
        try:
            values = _features(point, _samples(taken.waveforms[number], point), _speed(point, speed, moment))
        except (UnreadableFile, InputError, ColumnsError):
            unreadable += 1  # told by `gaps`: one bad file must not stop the scoring of a fleet
            continue
        out[rows, :-1] = [values.get(name, np.nan) for name in names[:-1]]
        out[rows, -1] = scale.native(at[rows] - moment)
    return out, len(chosen), unreadable


def read_snapshots(
    folder: Path, feature_set: FeatureSet, scale: Scale, *, until: datetime | float | None = None
) -> pd.DataFrame:
    """What lies in `folder/<point>/<asset>/`, as `extract` takes it; the waveforms are read only when they are needed.

    A file's name is its time: `20260105T060000Z`, or the counter on a usage axis. until: later ones are left out.

    Raises:
        UnreadableFile: a file whose name is no time.
    """
    import pandas as pd

    rows = [row for point in feature_set.vibration for row in _files(folder / point.name, point.name, scale)]
    table = pd.DataFrame(rows, columns=["asset", "time", "point", "waveform"])
    if scale.calendar:
        table["time"] = pd.to_datetime(table["time"], utc=True).astype("datetime64[us, UTC]")
    else:
        table["time"] = table["time"].astype("float64")
    return table if until is None else table[table["time"] <= until].reset_index(drop=True)


def fingerprint(table: pd.DataFrame) -> list[tuple[str, int, int]]:
    """Name, size and date of every file: the same means the same waveforms."""
    facts = [(path, path.stat()) for path in table["waveform"]]
    return [(str(path), stat.st_size, stat.st_mtime_ns) for path, stat in facts]


def _files(folder: Path, point: str, scale: Scale) -> Iterator[tuple[str, Any, str, Path]]:
    import pandas as pd

    for path in sorted(folder.glob("*/*")):
        if path.suffix.lower() not in (".npy", ".csv", ".parquet"):
            continue
        try:
            moment = (
                pd.Timestamp(datetime.strptime(path.stem, _FORMAT), tz="UTC") if scale.calendar else float(path.stem)
            )
        except ValueError:
            hint = "20260105T060000Z.npy" if scale.calendar else "1250.npy, the counter"
            raise UnreadableFile(f"{path}: the name of a snapshot is its time", hint=hint) from None
        yield path.parent.name, moment, point, path


def _parts(point: VibrationPoint) -> list[str]:
    parts = ["rms", "peak", "crest", "kurtosis", "centroid"]
    parts += [f"band_{low:g}_{high:g}" for low, high in point.bands]
    parts += ["velocity_rms", *(["velocity_zone"] if point.limits else []), "envelope_rms", "envelope_kurtosis"]
    return parts + [f"envelope_{name}" for name in ("bpfo", "bpfi", "bsf", "ftf") if point.bearing] + [_AGE]


def _samples(waveform: Any, point: VibrationPoint) -> Floats:
    if not isinstance(waveform, Path):
        return np.asarray(waveform, dtype=np.float64)
    found = read_waveforms(waveform, (point.column,) if point.column and waveform.suffix.lower() != ".npy" else ())
    if len(found) > 1:
        raise UnreadableFile(f"{waveform} has several columns", hint=f"name one: column of point {point.name}")
    samples: Floats = next(iter(found.values()))[0]
    return samples


def _speed(point: VibrationPoint, speed: tuple[Ticks, Floats] | None, moment: Any) -> float | None:
    """Rpm when the snapshot was taken; None where that is unknown or the shaft stood still."""
    rpm = point.speed_rpm
    if point.speed and speed is not None:
        row = int(np.searchsorted(speed[0], moment, side="right")) - 1
        rpm = float(speed[1][row]) if row >= 0 else None
    return rpm if rpm is not None and rpm > 0.0 else None


def _features(point: VibrationPoint, samples: Floats, rpm: float | None) -> Mapping[str, float]:
    return vibration_features(
        samples,
        point.rate_hz,
        bearing=point.bearing if rpm is not None else None,
        speed_rpm=rpm,
        bands=point.bands,
        limits=point.limits,
        envelope_band=point.envelope_band,
        velocity_band=point.velocity_band,
        unit=point.unit,
        harmonics=point.harmonics,
    )
