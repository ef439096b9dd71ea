"""Build the feature table of a class from everything on record, and keep it until something it was made from changes."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from pdm.catalogue import AssetClass, ModelDefinition
from pdm.catalogue.axis import microseconds
from pdm.errors import TooLittleData
from pdm.extraction import Gap, extract, extraction_version
from pdm.extraction.scale import Scale
from pdm.extraction.snapshots import fingerprint, read_snapshots, speeds
from pdm.ports import HistoryTables, Plant
from pdm.readings.events import read_events
from pdm.readings.lives import read_lives
from pdm.readings.registry import read_assets
from pdm.readings.store import ReadingStore
from pdm.readings.tables import UTC_US, readings_table

_RECIPE, _GAPS = b"plantpdm.recipe", b"plantpdm.gaps"


@dataclass(frozen=True)
class FeatureTable:
    """Features of one class, with what they were made from.

    frame: `asset`, `time` (as-of) and the features as float32. versions: of every table that was read (-1: it does not exist).
    path: the Parquet file, beside it a `.json` that says the same for people. reused: nothing had changed since the last time.
    gaps: per channel and window, how many windows had too few values.
    until, known_at: as it was asked for.
    """

    frame: pd.DataFrame
    features: tuple[str, ...]
    versions: dict[str, int]
    extraction_version: str
    path: Path
    reused: bool = False
    gaps: tuple[Gap, ...] = ()
    until: datetime | float | None = None
    known_at: datetime | None = None


def build_features(
    plant: Plant, asset_class: str, *, until: datetime | float | None = None, known_at: datetime | None = None
) -> FeatureTable:
    """The feature table of a class, computed over all its assets or taken from the file when nothing has changed.

    until: readings after this moment (or usage position) are left out. known_at: as known then.

    Raises:
        NotFound: no such class.
        TooLittleData: there are no readings of this class.
        MissingExtra: a calculator without a kernel, and no tsfresh.
    """
    definition = plant.catalogue.asset_class(asset_class)
    model = plant.catalogue.models.get(asset_class)
    versions = _versions(plant.history, asset_class)
    taken = read_snapshots(
        plant.workspace.waveforms / asset_class, definition.feature_set, Scale(definition.axis), until=until
    )
    recipe = _recipe(definition, model, versions, until, known_at, fingerprint(taken))
    path = plant.workspace.home / "feature_tables" / f"{asset_class}.parquet"
    stored = _stored(path, recipe)
    if stored is None:
        found: list[Gap] = []
        frame = _extract(plant, definition, model, until, known_at, found, taken)
        _store(path, frame, recipe, found)
        gaps = tuple(found)
    else:
        frame, gaps = stored
    features = tuple(name for name in frame.columns if name not in ("asset", "time"))
    made_from = (versions, extraction_version(), path, stored is not None, gaps)
    return FeatureTable(frame, features, *made_from, until, known_at)


def no_features(plant: Plant, asset_class: str, *, known_at: datetime | None = None) -> FeatureTable:
    """The table of a class that nobody reads: no row, no feature. What rests on dates alone is learnt beside it."""
    frame = pd.DataFrame({"asset": pd.Series(dtype="str"), "time": pd.Series(dtype="datetime64[us, UTC]")})
    path = plant.workspace.home / "feature_tables" / f"{asset_class}.parquet"
    return FeatureTable(
        frame, (), _versions(plant.history, asset_class), extraction_version(), path, False, (), None, known_at
    )


def _extract(
    plant: Plant,
    definition: AssetClass,
    model: ModelDefinition | None,
    until: datetime | float | None,
    known_at: datetime | None,
    gaps: list[Gap],
    snapshots: pd.DataFrame,
) -> pd.DataFrame:
    channels = list(dict.fromkeys([*definition.feature_set.channels, *speeds(definition.feature_set)]))
    if definition.running and definition.running.channel not in channels:
        channels.append(definition.running.channel)
    with plant.progress.stage(f"reading the history of {definition.name}"):
        readings = ReadingStore(plant.history).scan(definition, channels=channels, end=until, known_at=known_at)
        if readings.empty:
            raise TooLittleData(f"class {definition.name} has no readings yet", hint="`plantpdm ingest` brings some in")
        assets = read_assets(plant.history, asset_class=definition.name, known_at=known_at)
        events = read_events(plant.history, assets=sorted(set(readings["asset"])), known_at=known_at)
        lives = read_lives(plant.history, definition, model, known_at=known_at)
    return extract(
        readings,
        definition.feature_set,
        events,
        lives,
        axis=definition.axis,
        running=definition.running,
        channels=definition.channels,
        assets=assets,
        known_at=known_at,
        executor=plant.executor,
        progress=plant.progress,
        gaps=gaps.extend,
        snapshots=snapshots,
    )


def _versions(history: HistoryTables, asset_class: str) -> dict[str, int]:
    return {name: history.version(name) for name in (readings_table(asset_class), "events", "assets", "installations")}


def _recipe(
    definition: AssetClass,
    model: ModelDefinition | None,
    versions: Mapping[str, int],
    until: datetime | float | None,
    known_at: datetime | None,
    waveforms: Sequence[tuple[str, int, int]],
) -> str:
    """Everything that decides the table, as JSON: the same recipe gives the same features."""
    features = asdict(definition.feature_set) | {
        "calculators": _plain(definition.feature_set.calculators),
        "per_channel": {name: _plain(table) for name, table in definition.feature_set.per_channel.items()},
    }
    document: dict[str, Any] = {
        "feature_set": features,
        "axis": asdict(definition.axis),
        "running": asdict(definition.running) if definition.running else None,
        "sampling": {channel.name: channel.sampling for channel in definition.channels},
        "counts_as_failure": {mode.name: mode.counts_as_failure for mode in model.failure_modes} if model else None,
        "versions": dict(versions),
        "extraction_version": extraction_version(),
        "waveforms": waveforms,
        "until": until,
        "known_at": known_at,
    }
    return json.dumps(document, indent=1, default=str)


def _plain(calculators: Mapping[Any, Any]) -> dict[str, Any]:
    """A tsfresh settings mapping may have functions as keys; JSON knows only names."""
    return {getattr(key, "__name__", str(key)): value for key, value in calculators.items()}


def _stored(path: Path, recipe: str) -> tuple[pd.DataFrame, tuple[Gap, ...]] | None:
    """The table on disk and its gaps when it was made by this very recipe."""
    if not path.is_file():
        return None
    try:
        facts = pq.read_schema(path).metadata or {}
        if facts.get(_RECIPE) != recipe.encode():
            return None
        frame: pd.DataFrame = pq.read_table(path).to_pandas()
        return frame, tuple(Gap(**gap) for gap in json.loads(facts.get(_GAPS, b"[]")))
    except (pa.ArrowInvalid, OSError):
        return None  # a truncated file is made again


def _store(path: Path, frame: pd.DataFrame, recipe: str, gaps: Sequence[Gap]) -> None:
    """Write beside and rename, so that nobody ever reads half a table; the recipe travels inside the file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    table = _arrow(frame).replace_schema_metadata(
        {_RECIPE: recipe.encode(), _GAPS: json.dumps([asdict(gap) for gap in gaps]).encode()}
    )
    beside = path.with_suffix(f".{os.getpid()}.tmp")
    try:
        pq.write_table(table, beside, compression="zstd")
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    sidecar = path.with_suffix(".json")
    beside.write_text(recipe + "\n", encoding="utf-8")
    beside.replace(sidecar)


def _arrow(frame: pd.DataFrame) -> pa.Table:
    """Column by column: NaN stays NaN, and pyarrow's own conversion of zoned times warns under pandas 3."""
    time = frame["time"]
    zoned = isinstance(time.dtype, pd.DatetimeTZDtype)
    columns = {
        "asset": pa.array(frame["asset"].to_numpy(dtype=object), pa.string()),
        "time": pa.array(microseconds(time), pa.int64()).cast(UTC_US) if zoned else pa.array(time.to_numpy()),
    }
    return pa.table(columns | {name: pa.array(frame[name].to_numpy()) for name in frame.columns[2:]})
