"""Lay the newest fortnight of every class beside what its model has learnt from; where it is unlike it, say so and take trust away.

A model goes on answering in a world that it does not know, and nothing in its answers says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

import pandas as pd

from pdm.audit.entry import AuditEntry
from pdm.catalogue import AssetClass
from pdm.errors import BundleError
from pdm.monitoring.drift import SPAN, Stability, learn_usual, stability
from pdm.operations._trust import trust_of, write
from pdm.ports import Plant, UnitOfWork
from pdm.readings.baselines import baselines_from
from pdm.readings.events import read_events
from pdm.readings.exclusions import excluded, read_exclusions
from pdm.readings.registry import read_assets
from pdm.readings.running import RunningState, running_state
from pdm.readings.store import ReadingStore
from pdm.registry.bundle import read_manifest
from pdm.registry.keys import public_key
from pdm.registry.manifest import Manifest
from pdm.registry.shelf import BundleShelf
from pdm.work.trust import demoted

BY = "drift watch"
_EARNED = ("draft", "automatic")


@dataclass(frozen=True)
class ChannelDrift:
    """One channel whose newest fortnight is unlike any that the model has learnt from. sentence: the same for people."""

    channel: str
    psi: float
    limit: float
    moved: tuple[str, ...]
    machines: int
    sentence: str


@dataclass(frozen=True)
class DriftReport:
    """One class. version: of the model in charge. known_at: what it has learnt from ends there. until: where the fortnight ends.

    channels: those that drift, the furthest first. looked_at: how many could be compared. why_not: why nothing could, in words.
    demoted: failure modes whose requests have lost a rung of trust by it.
    """

    asset_class: str
    version: str = ""
    known_at: datetime | None = None
    until: datetime | None = None
    looked_at: int = 0
    channels: tuple[ChannelDrift, ...] = ()
    why_not: str = ""
    demoted: tuple[str, ...] = ()


def watch_drift(plant: Plant, asset_class: str | None = None) -> list[DriftReport]:
    """Look at one class, or at all that have a model in charge; what was found is written down when it changes.

    Where drift begins, failure modes whose requests go further than *suggest* fall by one rung, once for each model in charge: that trust
    was earned in another world.

    Raises:
        NotFound: no such class.
    """
    names = sorted(plant.catalogue.models) if asset_class is None else [plant.catalogue.model(asset_class).asset_class]
    return [_note(plant, found) for name in names if (found := _look(plant, name)) is not None]


def _look(plant: Plant, name: str) -> DriftReport | None:
    """What the newest fortnight of a class looks like; None where no model is in charge."""
    shelf, now = BundleShelf(plant.workspace.bundles), plant.clock.now()
    try:
        version = shelf.alias(name, "champion")
        if version is None:
            return None
        manifest = read_manifest(shelf.path(name, version), public_key(plant.workspace))
    except BundleError as error:
        return DriftReport(name, why_not=f"the model in charge cannot be read: {error}")
    known_at = learnt_until(manifest)
    found = DriftReport(name, version, known_at, now)
    if manifest.asset_class.axis.kind == "usage":
        return replace(found, why_not="a class that counts has no fortnights to compare")
    if now - known_at < timedelta(hours=SPAN):
        return replace(found, why_not="the model has learnt from readings that are less than a fortnight old")
    return _compare(plant, found, plant.catalogue.asset_class(name), known_at, now)


def learnt_until(manifest: Manifest) -> datetime:
    """What a model has learnt from ends there; older manifests do not say, and were written soon after."""
    known_at = manifest.facts.get("known_at")
    return datetime.fromisoformat(str(known_at)) if known_at else manifest.created_at


def _compare(
    plant: Plant, found: DriftReport, asset_class: AssetClass, known_at: datetime, now: datetime
) -> DriftReport:
    readings = _sound(plant, asset_class, now)
    end, newest = known_at.timestamp() / 3600.0, now.timestamp() / 3600.0
    position = asset_class.axis.positions(readings["time"])
    rows = pd.DataFrame({"asset": readings["asset"].astype(str), "position": position})
    past, lately = position <= end, (position > newest - SPAN) & (position <= newest)
    looked_at, drifting = 0, []
    for channel in asset_class.channels:
        known = rows.assign(value=readings[channel.name]).dropna(subset=["value"])
        usual = learn_usual(known[past[known.index]], end)
        seen = None if usual is None else stability(known[lately[known.index]], usual)
        if seen is not None:
            looked_at += 1
        if seen is not None and seen.drifts:
            said = _sentence(channel.title, seen)
            drifting.append(ChannelDrift(channel.name, seen.psi, seen.limit, seen.moved, seen.machines, said))
    drifting.sort(key=lambda one: -one.psi / one.limit)
    why_not = (
        ""
        if looked_at
        else "too little has been read to compare: four months before the training, and a fortnight since"
    )
    return replace(found, looked_at=looked_at, channels=tuple(drifting), why_not=why_not)


def _sound(plant: Plant, asset_class: AssetClass, now: datetime) -> pd.DataFrame:
    """Readings of running machines since their normal last began anew, without times that teach nothing: people know of those."""
    tags = read_assets(plant.history, asset_class=asset_class.name)
    readings = ReadingStore(plant.history).scan(asset_class, assets=sorted(tags), known_at=now)
    kept = running_state(readings, asset_class) == RunningState.RUNNING if asset_class.running else True
    kept &= ~excluded(readings, read_exclusions(plant.history, known_at=now), use="learn")
    begun = baselines_from(read_events(plant.history, assets=sorted(tags), known_at=now), asset_class.axis)
    kept &= ~(asset_class.axis.positions(readings["time"]) < readings["asset"].map(begun).to_numpy("float64"))
    return readings[kept].reset_index(drop=True)


def _sentence(title: str, seen: Stability) -> str:
    way = "higher" if seen.shift > 0 else "lower"
    sentence = (
        f"{title}: unlike any fortnight that the model has learnt from (stability index {seen.psi:.2f}, limit {seen.limit:.2f}); "
        f"the middle lies {abs(seen.shift):.1f} of a machine's own spread {way}, {len(seen.moved)} of {seen.machines} machines have moved"
    )
    if len(seen.moved) == 1:
        return f"{sentence}: look at the sensor of {seen.moved[0]}, and at what was done to it"
    if 2 * len(seen.moved) > seen.machines:
        return f"{sentence}: ask for a new product, weather, controllers or transmitters"
    return f"{sentence}{', the furthest ' + ', '.join(seen.moved[:3]) if seen.moved else ''}"


def _note(plant: Plant, found: DriftReport) -> DriftReport:
    """Write down what has changed since the last look at this model, and what it costs in trust."""
    if not found.version or found.why_not:
        return found
    subject, names = f"drift:{found.asset_class}", sorted(one.channel for one in found.channels)
    with plant.unit_of_work() as work:
        told = [entry for entry in work.audit.list(subject=subject) if entry.details.get("version") == found.version]
        if names == (told[0].details["channels"] if told else []):
            return found
        now = plant.clock.now()
        why = "; ".join(one.sentence for one in found.channels) or "all as it was when the model learnt"
        details = {
            "version": found.version,
            "channels": names,
            "figures": [asdict(one) | {"moved": list(one.moved)} for one in found.channels],
        }
        work.audit.append(AuditEntry(now, BY, "drift" if names else "no drift", subject, why, details))
        fallen = () if told else _take_trust(plant, work, found, names, now)
        work.commit()
    return replace(found, demoted=fallen)


def _take_trust(
    plant: Plant, work: UnitOfWork, found: DriftReport, channels: Sequence[str], now: datetime
) -> tuple[str, ...]:
    fallen = []
    for mode in plant.catalogue.model(found.asset_class).failure_modes:
        trust = trust_of(work, plant.catalogue, (found.asset_class, mode.name))
        if trust.rung in _EARNED:
            why = f"drift of {', '.join(channels)} since {found.version} has learnt"
            write(work, trust, demoted(trust, why=why, now=now), by=BY, now=now)
            fallen.append(mode.name)
    return tuple(fallen)
