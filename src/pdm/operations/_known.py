"""What is known about the plant at one moment, and what follows from it for the assets of a class: readings, features, residuals.

A round of scoring asks the history itself. A replay asks the same questions a thousand times (`pdm.operations._past`) and answers them from
tables that were made once, with the same code.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Protocol

import numpy as np
import pandas as pd

from pdm.catalogue import AssetClass, FeatureSet
from pdm.errors import BundleError
from pdm.extraction import extract, lookback
from pdm.extraction.history_needed import needs_events, needs_lives
from pdm.extraction.scale import Scale
from pdm.extraction.snapshots import read_snapshots
from pdm.learning.model import Prediction
from pdm.learning.transforms import FittedTransforms
from pdm.learning.transforms.derive import derive_features, join_derived
from pdm.learning.watch import Learnt, aligned, read_back, watch_rows
from pdm.operations._ages import ages_now
from pdm.operations._begun import Begun, begun_anew, settled, start_of
from pdm.operations._past_events import RESTORING
from pdm.ports import Plant
from pdm.readings.events import read_events
from pdm.readings.levels import Levels, read_levels
from pdm.readings.lives import read_lives
from pdm.readings.registry import Asset, read_assets
from pdm.readings.running import RunningState, running_state
from pdm.readings.store import ReadingStore
from pdm.readings.tables import HistoryTables
from pdm.registry.bundle import Bundle
from pdm.registry.in_charge import InCharge, in_charge
from pdm.registry.keys import public_key
from pdm.registry.shelf import BundleShelf
from pdm.scoring.assessment import Equipment
from pdm.scoring.watching import Watched, watched
from pdm.units import duration

_WORDS: dict[int, Equipment] = {
    RunningState.UNKNOWN: "unknown",
    RunningState.STANDBY: "standby",
    RunningState.TRANSIENT: "transient",
    RunningState.RUNNING: "running",
}


class Readings(Protocol):
    """Who is asked for readings: the store itself, or a replay that holds them in memory."""

    def recent(
        self, asset_class: AssetClass, since: datetime, *, assets: Sequence[str], known_at: datetime | None = None
    ) -> tuple[pd.DataFrame, pd.DataFrame]: ...

    def scan(
        self,
        asset_class: AssetClass,
        *,
        assets: Sequence[str] | None = None,
        start: datetime | None = None,
        known_at: datetime | None = None,
    ) -> pd.DataFrame: ...

    def last(
        self, asset_class: AssetClass, *, assets: Sequence[str] | None = None, known_at: datetime | None = None
    ) -> pd.DataFrame: ...


@dataclass(frozen=True)
class Recent:
    """Newest readings of some assets of a class.

    last: asset, time and recorded_at of the newest reading of each. readings: as far back as anybody looks, a watch list for weeks;
    near: as far as features do.
    """

    last: pd.DataFrame
    readings: pd.DataFrame
    near: pd.DataFrame


@dataclass(frozen=True)
class Answered:
    """Feature rows, one per asset, sorted by asset. prediction: what the model says about them, where it was asked already."""

    table: pd.DataFrame
    prediction: Prediction | None = None


@dataclass(frozen=True)
class Known:
    """What is known about the whole plant at one moment; read once however many classes ask, and gone with the round.

    explain: whether assessments say why; a replay that only counts alerts does without, which is most of the work of a model.
    """

    history: HistoryTables
    now: datetime
    explain: bool = True

    @cached_property
    def readings(self) -> Readings:
        """Who answers for readings."""
        return ReadingStore(self.history)

    def charge(self, plant: Plant, name: str) -> InCharge:
        """Who answers for a class."""
        return who_answers(plant, name)

    @cached_property
    def assets(self) -> dict[str, dict[str, Asset]]:
        """Assets by tag, by class."""
        found: dict[str, dict[str, Asset]] = {}
        for tag, asset in read_assets(self.history, known_at=self.now).items():
            found.setdefault(asset.asset_class, {})[tag] = asset
        return found

    @cached_property
    def events(self) -> pd.DataFrame:
        """Everything that happened, to whatever asset."""
        return read_events(self.history, known_at=self.now)

    def restored(self, asset_class: AssetClass) -> dict[str, float]:
        """When each asset was last repaired or renewed: its position on the axis of the class, in native units."""
        done = self.events[self.events["kind"].isin(RESTORING)]
        at = done["usage"] if asset_class.axis.kind == "usage" else asset_class.axis.positions(done["time"])
        last = pd.Series(at, index=done.index).groupby(done["asset"].to_numpy()).max()
        return {str(asset): float(position) for asset, position in last.items()}

    def levels(self, asset_class: AssetClass) -> Levels:
        """What the channels of each machine usually show, as remembered before this moment."""
        return read_levels(self.history, asset_class, known_before=self.now)

    def recent(self, plant: Plant, asset_class: AssetClass, bundle: Bundle | None, tags: Sequence[str]) -> Recent:
        """The newest readings of these assets, as far back as the bundle looks."""
        last, readings = _recent_readings(plant, asset_class, bundle, tags, self)
        return Recent(last, readings, _for_features(asset_class, bundle, readings))

    def equipment(self, asset_class: AssetClass, recent: Recent) -> dict[str, Equipment]:
        """What each machine does at its newest reading."""
        return equipment_words(recent.near, asset_class)

    def features(self, plant: Plant, asset_class: AssetClass, bundle: Bundle, readings: pd.DataFrame) -> Answered:
        """The newest feature row of every asset."""
        return Answered(compute_features(plant, asset_class, bundle, readings, self))

    def watched(self, asset_class: AssetClass, bundle: Bundle | None, recent: Recent) -> dict[str, Watched] | None:
        """What the watch list of the class says; None where it keeps none."""
        if bundle is None or bundle.watch is None or recent.readings.empty:
            return None
        begun = self.begun(asset_class, bundle, bundle.watch)
        rows = watch_rows(begun.expected, recent.readings, asset_class)
        end = newest_position(asset_class, recent.readings, self.now)
        restored = self.restored(asset_class) | begun.since
        if asset_class.axis.kind == "usage" and rows.assets:
            rows, restored = aligned(rows, end, restored)
        return watched(bundle.watch, rows, asset_class, end=end, restored=restored) | begun.told

    def begun(self, asset_class: AssetClass, bundle: Bundle, learnt: Learnt) -> Begun:
        """Expected values, with new levels for machines whose normal began anew since they were learnt."""
        begins = begun_anew(bundle, asset_class, self.events[self.events["asset"].isin(self.assets[asset_class.name])])
        if not begins:
            return Begun(learnt.expected, {}, {})
        since = start_of(begins, asset_class)
        readings = self.readings.scan(asset_class, assets=sorted(begins), start=since, known_at=self.now)
        return settled(self.history, learnt.expected, readings, asset_class, begins, self.now)

    def ages(self, plant: Plant, asset_class: AssetClass, bundle: Bundle | None) -> dict[str, dict[str, float]] | None:
        """How old every item is, where age alone answers."""
        if bundle is None or bundle.age is None:
            return None
        return ages_now(plant.history, asset_class, bundle.definition, now=self.now)


def who_answers(plant: Plant, name: str) -> InCharge:
    """Who answers for a class; whatever is wrong with keys, aliases and bundles is a problem of this class alone."""
    shelf = BundleShelf(plant.workspace.bundles)
    try:
        if shelf.alias(name, "champion") is None:
            return InCharge(None)
        return in_charge(shelf, name, public_key(plant.workspace), threads=1)
    except BundleError as error:
        return InCharge(None, (str(error),))


def _recent_readings(
    plant: Plant, asset_class: AssetClass, bundle: Bundle | None, assets: Sequence[str], known: Known
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The newest reading of each asset, and as many readings as one feature row of every asset needs.

    A window ends at the asset's newest reading, so it is counted from there: a window cut short would give another value than
    training saw. An asset that fell silent long ago gets no row.
    """
    store, now = known.readings, known.now
    needed = needed_history(asset_class, bundle)
    if needed is None or asset_class.axis.kind == "usage":
        every = store.scan(asset_class, assets=assets, known_at=now)
        return store.last(asset_class, assets=assets, known_at=now), every
    span = timedelta(hours=needed)
    silent_since = now - duration(plant.settings.stale_after) - span
    readings, alive = store.recent(asset_class, silent_since - timedelta(microseconds=1), assets=assets, known_at=now)
    spoke = alive["asset"].tolist()
    start = min(alive["time"].min().to_pydatetime(), now) - span if spoke else now
    if start < silent_since:
        readings = store.scan(asset_class, assets=spoke, start=start, known_at=now)
    if len(spoke) == len(assets):
        return alive, readings[readings["time"] > start]
    silent = store.last(asset_class, assets=sorted(set(assets) - set(spoke)), known_at=now)
    last = pd.concat([part for part in (alive, silent) if len(part)] or [alive], ignore_index=True)
    return last, readings[(readings["time"] > start) & readings["asset"].isin(spoke)]


def needed_history(asset_class: AssetClass, bundle: Bundle | None) -> float | None:
    """How far scoring looks back, in native units; None for the whole life. Without a model: what the words on an asset need."""
    if bundle is None:
        return 48 * asset_class.axis.step
    spans = [lookback(features, asset_class.axis, asset_class.running) for features in feature_sets(bundle)]
    if bundle.watch:
        spans.append(read_back(bundle.watch.watch, asset_class.axis.step))
    known = [span for span in spans if span is not None]
    return max(known, default=48 * asset_class.axis.step) if len(known) == len(spans) else None


def feature_span(asset_class: AssetClass, bundle: Bundle | None) -> float | None:
    """How far back features and the words on an asset look, in native units; None for the whole life."""
    spans = (
        [lookback(features, asset_class.axis, asset_class.running) for features in feature_sets(bundle)]
        if bundle
        else []
    )
    known = [span for span in spans if span is not None]
    if asset_class.axis.kind == "usage" or len(known) < len(spans):
        return None
    return max(known, default=48 * asset_class.axis.step)


def _for_features(asset_class: AssetClass, bundle: Bundle | None, readings: pd.DataFrame) -> pd.DataFrame:
    """The readings without the weeks that only a watch list looks back on; windows are counted from each asset's newest reading."""
    span = feature_span(asset_class, bundle)
    if bundle is None or bundle.watch is None or span is None or readings.empty:
        return readings
    assets, time = readings["asset"].to_numpy(), readings["time"]
    newest = time[np.append(assets[1:] != assets[:-1], True)]
    needed: pd.DataFrame = readings[(time > newest.min() - timedelta(hours=span)).to_numpy()]
    return needed


def lately(
    plant: Plant, asset_class: AssetClass, bundle: Bundle | None, readings: pd.DataFrame, now: datetime
) -> pd.DataFrame:
    """The readings that features are made from: a doubt about a channel must not last for the weeks that a watch list looks back."""
    span = doubt_span(asset_class, bundle)
    if span is None:
        return readings
    return readings[readings["time"] > now - timedelta(hours=span) - duration(plant.settings.stale_after)]


def doubt_span(asset_class: AssetClass, bundle: Bundle | None) -> float | None:
    """How far back doubts about channels look, in native units: as far as windows do, though a held value may be older; None: all."""
    span = feature_span(asset_class, bundle)
    sets = feature_sets(bundle) if bundle else []
    if span is not None or asset_class.axis.kind == "usage" or not sets:
        return span
    windows = [window for features in sets for window in features.windows]
    if any(window.rows is not None for window in windows):
        return None
    axis = asset_class.axis
    longest = max(axis.span(str(window.duration)) for window in windows)
    return longest + axis.span(str(windows[0].every)) + (asset_class.running.settle if asset_class.running else 0.0)


def newest_position(asset_class: AssetClass, readings: pd.DataFrame, now: datetime) -> float:
    """Where the days of a watch list end: at the newest reading, and not in the future; native units."""
    end = float(asset_class.axis.positions(readings["time"]).max())
    return min(end, now.timestamp() / 3600.0) if asset_class.axis.kind == "time" else end


def equipment_words(readings: pd.DataFrame, asset_class: AssetClass) -> dict[str, Equipment]:
    """The running state at the newest reading of every asset, in a word."""
    states = running_state(readings, asset_class)
    assets = readings["asset"].to_numpy()
    if not len(assets):
        return {}
    newest = np.flatnonzero(np.append(assets[1:] != assets[:-1], True))
    return {str(assets[row]): equipment_word_of(states[row]) for row in newest}


def equipment_word_of(state: int | np.integer) -> Equipment:
    """A running state as the word on an asset."""
    return _WORDS[int(state)]


def feature_sets(bundle: Bundle) -> list[FeatureSet]:
    """The feature sets that a model asks for: the class's own, the one on derived channels, or both; none without a target."""
    if not bundle.manifest.targets:
        return []
    derived = bundle.manifest.derived_features
    return [*([bundle.feature_set] if bundle.definition.class_features else []), *([derived] if derived else [])]


def compute_features(
    plant: Plant,
    asset_class: AssetClass,
    bundle: Bundle,
    readings: pd.DataFrame,
    known: Known,
    *,
    only_last: bool = True,
) -> pd.DataFrame:
    """The newest feature row of every asset in `readings`, or all rows that they give."""
    if not bundle.manifest.targets:
        return no_features()
    definition, model = bundle.definition, plant.catalogue.models.get(asset_class.name)
    sets, assets = feature_sets(bundle), known.assets[asset_class.name]
    events = known.events if any(map(needs_events, sets)) else None
    lives = read_lives(plant.history, asset_class, model, known_at=known.now) if any(map(needs_lives, sets)) else None
    tables = []
    if definition.class_features:
        waveforms = plant.workspace.waveforms / asset_class.name
        until = known.now if asset_class.axis.kind == "time" else None
        table = extract(
            readings,
            bundle.feature_set,
            events,
            lives,
            axis=asset_class.axis,
            running=asset_class.running,
            channels=asset_class.channels,
            assets=assets,
            only_last=only_last,
            known_at=known.now,
            snapshots=read_snapshots(waveforms, bundle.feature_set, Scale(asset_class.axis), until=until),
        )
        tables.append(table)
    if bundle.manifest.derived_features:
        table = derive_features(
            readings,
            _joined(asset_class, bundle, readings, known),
            definition,
            asset_class,
            events=events,
            lives=lives,
            assets=assets,
            only_last=only_last,
            known_at=known.now,
        )
        tables.append(table)
    return tables[0] if len(tables) == 1 else join_derived(*tables)


def _joined(asset_class: AssetClass, bundle: Bundle, readings: pd.DataFrame, known: Known) -> FittedTransforms:
    """The transforms, with levels for machines that they were not fitted on: from the first rows that each of them ever sent."""
    transforms = bundle.transforms
    if not transforms.has_levels:
        return transforms
    new = sorted(set(readings["asset"].astype(str)) - transforms.fitted_on)
    if not new:
        return transforms
    return transforms.joined_by(known.readings.scan(asset_class, assets=new, known_at=known.now), asset_class)


def no_features() -> pd.DataFrame:
    """What a class without a model has."""
    return pd.DataFrame({"asset": pd.Series(dtype=str), "time": pd.Series(dtype="datetime64[us, UTC]")})
