"""Ask every champion what it thinks of its assets now, and let alerts, cases and requests follow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import numpy as np
import pandas as pd

from pdm.catalogue import AssetClass
from pdm.errors import LeaseHeld
from pdm.extraction import extract, lookback
from pdm.operations.consider_assessments import AlertReport, consider_assessments
from pdm.ports import Plant
from pdm.readings.events import read_events
from pdm.readings.lives import read_lives
from pdm.readings.registry import Asset, read_assets
from pdm.readings.running import RunningState, running_state
from pdm.readings.store import ReadingStore
from pdm.registry.bundle import Bundle, load_bundle
from pdm.registry.keys import public_key
from pdm.registry.shelf import BundleShelf
from pdm.scoring.assess import assess
from pdm.scoring.assessment import Assessment, Equipment
from pdm.units import duration

LEASE = "score_fleet"
LEASE_TIME = timedelta(minutes=10)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_WORDS: dict[int, Equipment] = {
    RunningState.UNKNOWN: "unknown",
    RunningState.STANDBY: "standby",
    RunningState.TRANSIENT: "transient",
    RunningState.RUNNING: "running",
}


@dataclass(frozen=True)
class ScoringReport:
    """What one round of scoring did."""

    assessed: int
    without_model: int
    alerts: AlertReport
    assessments: tuple[Assessment, ...]
    done_already: bool = False


def score_fleet(
    plant: Plant, *, asset_class: str | None = None, holder: str = "command line", period: timedelta | None = None
) -> ScoringReport:
    """Score all assets (of one class), as known now, and raise what has to be raised.

    A lease keeps two schedulers from scoring at once. With `period`, a round is left out when someone has scored in the same
    period (counted from the UTC epoch) already; scoring the same moment twice changes nothing either way.

    Raises:
        LeaseHeld: another process is scoring.
        BundleError: a champion cannot be trusted; classes before it in the alphabet have been scored.
    """
    names = [asset_class] if asset_class else sorted(plant.catalogue.classes)
    with _lease(plant, holder):
        if period is not None and _scored_in(plant, period, names):
            return ScoringReport(0, 0, AlertReport(), (), done_already=True)
        assessments = [assessment for name in names for assessment in assess_class(plant, name)]
        alerts = consider_assessments(plant, assessments)
    without = sum(assessment.model == "no model" for assessment in assessments)
    return ScoringReport(len(assessments), without, alerts, tuple(assessments))


def assess_class(plant: Plant, name: str) -> list[Assessment]:
    """The assessments of one class as of the plant's clock, with nothing stored: what a page or a notebook may ask at any time."""
    now = plant.clock.now()
    asset_class = plant.catalogue.asset_class(name)
    assets = read_assets(plant.history, asset_class=name, known_at=now)
    if not assets:
        return []
    bundle = champion(plant, name)
    last = ReadingStore(plant.history).last(asset_class, known_at=now)
    readings = _recent_readings(plant, asset_class, bundle, last)
    features = _features(plant, asset_class, bundle, readings, assets) if bundle else _no_features()
    return assess(
        bundle,
        features,
        asset_class=asset_class,
        assets=assets,
        last_readings=last,
        equipment=_equipment(readings, asset_class),
        recent=readings,
        now=now,
        stale_after=duration(plant.settings.stale_after),
    )


def champion(plant: Plant, name: str) -> Bundle | None:
    """The bundle in charge of a class, verified; None while nobody was promoted."""
    shelf = BundleShelf(plant.workspace.bundles)
    version = shelf.alias(name, "champion")
    if version is None:
        return None
    return load_bundle(shelf.path(name, version), public_key(plant.workspace), threads=1)


def _recent_readings(plant: Plant, asset_class: AssetClass, bundle: Bundle | None, last: pd.DataFrame) -> pd.DataFrame:
    """As many readings as one feature row of every asset needs; an asset that fell silent long ago gets no row.

    A window ends at the asset's newest reading, so it is counted from there: a window cut short would give another value than training saw.
    """
    store, now = ReadingStore(plant.history), plant.clock.now()
    needed = needed_history(asset_class, bundle)
    if needed is None or asset_class.axis.kind == "usage" or last.empty:
        return store.scan(asset_class, known_at=now)
    span = timedelta(hours=needed)
    alive = last[last["time"] >= now - duration(plant.settings.stale_after) - span]
    if alive.empty:
        return store.scan(asset_class, start=now, known_at=now)
    start = min(alive["time"].min().to_pydatetime(), now) - span
    return store.scan(asset_class, assets=alive["asset"].tolist(), start=start, known_at=now)


def needed_history(asset_class: AssetClass, bundle: Bundle | None) -> float | None:
    """How far scoring looks back, in native units; None for the whole life. Without a model: what the words on an asset need."""
    if bundle is None:
        return 48 * asset_class.axis.step
    return lookback(bundle.feature_set, asset_class.axis, asset_class.running)


def _features(
    plant: Plant, asset_class: AssetClass, bundle: Bundle, readings: pd.DataFrame, assets: dict[str, Asset]
) -> pd.DataFrame:
    now = plant.clock.now()
    model = plant.catalogue.models.get(asset_class.name)
    return extract(
        readings,
        bundle.feature_set,
        read_events(plant.history, assets=list(assets), known_at=now),
        read_lives(plant.history, asset_class, model, known_at=now),
        axis=asset_class.axis,
        running=asset_class.running,
        channels=asset_class.channels,
        assets=assets,
        only_last=True,
        known_at=now,
    )


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


def _scored_in(plant: Plant, period: timedelta, names: Sequence[str]) -> bool:
    """Whether every class that was ever scored has been scored in this period."""
    with plant.unit_of_work() as work:
        newest: dict[str, datetime] = {}
        for assessment in work.assessments.latest():
            name = assessment.asset_class
            newest[name] = max(newest.get(name, assessment.as_of), assessment.as_of)
    slot = (plant.clock.now() - _EPOCH) // period
    scored = [moment for name, moment in newest.items() if name in names]
    return bool(scored) and all((moment - _EPOCH) // period == slot for moment in scored)


@contextmanager
def _lease(plant: Plant, holder: str) -> Iterator[None]:
    holder = f"{holder} {uuid4().hex[:8]}"
    with plant.unit_of_work() as work:
        now = plant.clock.now()
        if not work.leases.acquire(LEASE, holder, now, LEASE_TIME):
            other = work.leases.holder(LEASE, now)
            raise LeaseHeld(f"{other} is scoring at the moment", hint="try again when it has finished")
        work.commit()
    try:
        yield
    finally:
        with plant.unit_of_work() as work:
            work.leases.release(LEASE, holder)
            work.commit()
