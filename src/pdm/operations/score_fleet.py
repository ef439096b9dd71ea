"""Ask every champion what it thinks of its assets now, and let alerts, cases and requests follow."""

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
from pdm.learning.transforms.derive import derive_features, join_derived
from pdm.learning.watch import lookback as back_to
from pdm.operations._ages import ages_now
from pdm.operations._turns import scored_in, turn
from pdm.operations.consider_assessments import AlertReport, consider_assessments
from pdm.operations.score_shadow import score_shadow
from pdm.ports import Plant
from pdm.readings.events import read_events
from pdm.readings.lives import read_lives
from pdm.readings.registry import Asset, read_assets
from pdm.readings.running import RunningState, running_state
from pdm.readings.store import ReadingStore
from pdm.readings.tables import HistoryTables
from pdm.registry.bundle import Bundle
from pdm.registry.card import overdue
from pdm.registry.in_charge import InCharge, in_charge
from pdm.registry.keys import public_key
from pdm.registry.shelf import BundleShelf
from pdm.scoring.assess import assess
from pdm.scoring.assessment import Assessment, Equipment
from pdm.scoring.watching import Watched, watched
from pdm.units import duration

_WORDS: dict[int, Equipment] = {
    RunningState.UNKNOWN: "unknown",
    RunningState.STANDBY: "standby",
    RunningState.TRANSIENT: "transient",
    RunningState.RUNNING: "running",
}


@dataclass(frozen=True)
class ScoringReport:
    """What one round of scoring did.

    problems: per class, why the model that should be in charge could not answer. shadows: answers of challengers beside it;
        notes: why one of them could not be asked.
    """

    assessed: int
    without_model: int
    alerts: AlertReport
    assessments: tuple[Assessment, ...]
    done_already: bool = False
    problems: tuple[str, ...] = ()
    shadows: int = 0
    notes: tuple[str, ...] = ()


def score_fleet(
    plant: Plant, *, asset_class: str | None = None, holder: str = "command line", period: timedelta | None = None
) -> ScoringReport:
    """Score all assets (of one class), as known now, and raise what has to be raised.

    A lease keeps two schedulers from scoring at once. With `period`, a round is left out when someone has scored in the same
    period (counted from the UTC epoch) already; scoring the same moment twice changes nothing either way. A champion that cannot be
    trusted stops nobody: the last good one answers, or the assets of its class say `model: error`, and the report tells why.

    Raises:
        LeaseHeld: another process is scoring.
    """
    names = [asset_class] if asset_class else sorted(plant.catalogue.classes)
    with turn(plant, holder):
        if period is not None and scored_in(plant, period, names):
            return ScoringReport(0, 0, AlertReport(), (), done_already=True)
        known = Known(plant.history, plant.clock.now())
        found = [_assess(plant, name, known) for name in names]
        assessments = [assessment for one in found for assessment in one.assessments]
        alerts = consider_assessments(plant, assessments)
        shadows = [_beside(plant, name, known) for name in names]
    without = sum(assessment.model == "no model" for assessment in assessments)
    problems = tuple(f"{one.name}: {problem}" for one in found for problem in one.problems)
    # A challenger that fails is nobody's outage: a note, and no problem of the service's health.
    notes = tuple(f"{name}: {problem}" for name, (_, problem) in zip(names, shadows, strict=True) if problem)
    beside = sum(count for count, _ in shadows)
    return ScoringReport(
        len(assessments), without, alerts, tuple(assessments), problems=problems, shadows=beside, notes=notes
    )


def assess_class(plant: Plant, name: str) -> list[Assessment]:
    """The assessments of one class as of the plant's clock, with nothing stored: what a page or a notebook may ask at any time."""
    return _assess(plant, name, Known(plant.history, plant.clock.now())).assessments


def champion(plant: Plant, name: str) -> Bundle | None:
    """The bundle that answers for a class, verified: the champion, or the last good one; None while nobody was promoted."""
    return _in_charge(plant, name).bundle


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
        return _in_charge(plant, name)

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
        done = self.events[self.events["kind"].isin(["failure", "repair", "installation"])]
        at = done["usage"] if asset_class.axis.kind == "usage" else asset_class.axis.positions(done["time"])
        last = pd.Series(at, index=done.index).groupby(done["asset"].to_numpy()).max()
        return {str(asset): float(position) for asset, position in last.items()}


@dataclass(frozen=True)
class _Class:
    """What came out for one class."""

    name: str
    assessments: list[Assessment]
    problems: tuple[str, ...] = ()


def assess_as_known(plant: Plant, name: str, known: Known) -> list[Assessment]:
    """The assessments of one class as of any moment, from whatever is known then."""
    return _assess(plant, name, known).assessments


def _beside(plant: Plant, name: str, known: Known) -> tuple[int, str]:
    """The challenger's answers at the same moment, kept where they disturb nobody."""
    return score_shadow(plant, name, lambda bundle: _assess(plant, name, known, InCharge(bundle)).assessments)


def _assess(plant: Plant, name: str, known: Known, charge: InCharge | None = None) -> _Class:
    asset_class, assets = plant.catalogue.asset_class(name), known.assets.get(name)
    if not assets:
        return _Class(name, [])
    charge = charge or known.charge(plant, name)
    last, readings = _recent_readings(plant, asset_class, charge.bundle, sorted(assets), known)
    lately = _for_features(asset_class, charge.bundle, readings)
    assessments = assess(
        charge.bundle,
        _features(plant, asset_class, charge.bundle, lately, known) if charge.bundle else _no_features(),
        asset_class=asset_class,
        assets=assets,
        last_readings=last,
        equipment=_equipment(lately, asset_class),
        recent=_lately(plant, asset_class, charge.bundle, lately, known.now),
        now=known.now,
        stale_after=duration(plant.settings.stale_after),
        problems=(*_words_on(charge), *_review(charge, known.now)),
        explain=known.explain,
        watched=_watched(asset_class, charge.bundle, readings, known),
        ages=_ages(plant, asset_class, charge.bundle, known),
    )
    return _Class(name, assessments, charge.problems)


def _in_charge(plant: Plant, name: str) -> InCharge:
    """Who answers for a class; whatever is wrong with keys, aliases and bundles is a problem of this class alone."""
    shelf = BundleShelf(plant.workspace.bundles)
    try:
        if shelf.alias(name, "champion") is None:
            return InCharge(None)
        return in_charge(shelf, name, public_key(plant.workspace), threads=1)
    except BundleError as error:
        return InCharge(None, (str(error),))


def _review(charge: InCharge, now: datetime) -> tuple[str, ...]:
    """What every asset of the class says once the card of its model is past its review date."""
    sentence = overdue(charge.bundle.manifest, now) if charge.bundle else ""
    return (sentence,) if sentence else ()


def _words_on(charge: InCharge) -> tuple[str, ...]:
    """What every asset of the class says when its champion cannot be trusted."""
    if not charge.problems:
        return ()
    if charge.bundle is None:
        return ("the model in charge cannot be trusted, and no former one either",)
    return (f"the model in charge cannot be trusted; the former one, {charge.bundle.version}, answers",)


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
    spans = [lookback(features, asset_class.axis, asset_class.running) for features in _feature_sets(bundle)]
    if bundle.watch:
        spans.append(back_to(bundle.watch.watch))
    known = [span for span in spans if span is not None]
    return max(known, default=48 * asset_class.axis.step) if len(known) == len(spans) else None


def _feature_span(asset_class: AssetClass, bundle: Bundle | None) -> float | None:
    """How far back features and the words on an asset look, in native units; None for the whole life."""
    spans = (
        [lookback(features, asset_class.axis, asset_class.running) for features in _feature_sets(bundle)]
        if bundle
        else []
    )
    known = [span for span in spans if span is not None]
    if asset_class.axis.kind == "usage" or len(known) < len(spans):
        return None
    return max(known, default=48 * asset_class.axis.step)


def _for_features(asset_class: AssetClass, bundle: Bundle | None, readings: pd.DataFrame) -> pd.DataFrame:
    """The readings without the weeks that only a watch list looks back on; windows are counted from each asset's newest reading."""
    span = _feature_span(asset_class, bundle)
    if bundle is None or bundle.watch is None or span is None or readings.empty:
        return readings
    assets, time = readings["asset"].to_numpy(), readings["time"]
    newest = time[np.append(assets[1:] != assets[:-1], True)]
    needed: pd.DataFrame = readings[(time > newest.min() - timedelta(hours=span)).to_numpy()]
    return needed


def _lately(
    plant: Plant, asset_class: AssetClass, bundle: Bundle | None, readings: pd.DataFrame, now: datetime
) -> pd.DataFrame:
    """The readings that features are made from: a doubt about a channel must not last for the weeks that a watch list looks back."""
    span = _feature_span(asset_class, bundle)
    if span is None:
        return readings
    return readings[readings["time"] > now - timedelta(hours=span) - duration(plant.settings.stale_after)]


def _watched(
    asset_class: AssetClass, bundle: Bundle | None, readings: pd.DataFrame, known: Known
) -> dict[str, Watched] | None:
    """What the watch list of the class says; None where it keeps none.

    What a machine showed before its last repair says nothing about it now.
    """
    if bundle is None or bundle.watch is None or readings.empty:
        return None
    end = float(asset_class.axis.positions(readings["time"]).max())
    if asset_class.axis.kind == "time":
        end = min(end, known.now.timestamp() / 3600.0)
    return watched(bundle.watch, readings, asset_class, end=end, restored=known.restored(asset_class))


def _ages(
    plant: Plant, asset_class: AssetClass, bundle: Bundle | None, known: Known
) -> dict[str, dict[str, float]] | None:
    """How old every item is, where age alone answers."""
    if bundle is None or bundle.age is None:
        return None
    return ages_now(plant.history, asset_class, bundle.definition, now=known.now)


def _feature_sets(bundle: Bundle) -> list[FeatureSet]:
    """The feature sets that a model asks for: the class's own, the one on derived channels, or both; none without a target."""
    if not bundle.manifest.targets:
        return []
    derived = bundle.manifest.derived_features
    return [*([bundle.feature_set] if bundle.definition.class_features else []), *([derived] if derived else [])]


def _features(
    plant: Plant, asset_class: AssetClass, bundle: Bundle, readings: pd.DataFrame, known: Known
) -> pd.DataFrame:
    if not bundle.manifest.targets:
        return _no_features()
    definition, model = bundle.definition, plant.catalogue.models.get(asset_class.name)
    sets, assets = _feature_sets(bundle), known.assets[asset_class.name]
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
            only_last=True,
            known_at=known.now,
            snapshots=read_snapshots(waveforms, bundle.feature_set, Scale(asset_class.axis), until=until),
        )
        tables.append(table)
    if bundle.manifest.derived_features:
        table = derive_features(
            readings,
            bundle.transforms,
            definition,
            asset_class,
            events=events,
            lives=lives,
            assets=assets,
            only_last=True,
            known_at=known.now,
        )
        tables.append(table)
    return tables[0] if len(tables) == 1 else join_derived(*tables)


def _no_features() -> pd.DataFrame:
    return pd.DataFrame({"asset": pd.Series(dtype=str), "time": pd.Series(dtype="datetime64[us, UTC]")})


def _equipment(readings: pd.DataFrame, asset_class: AssetClass) -> dict[str, Equipment]:
    """The running state at the newest reading of every asset."""
    states = running_state(readings, asset_class)
    assets = readings["asset"].to_numpy()
    if not len(assets):
        return {}
    newest = np.flatnonzero(np.append(assets[1:] != assets[:-1], True))
    return {str(assets[row]): _WORDS[int(states[row])] for row in newest}
