"""Is the platform itself well: versions, models in charge, age of data, who scores, and how long the audit chain is."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import version

from pdm.catalogue import AssetClass
from pdm.ports import WORK_REQUEST, Plant
from pdm.readings.registry import read_assets
from pdm.registry.shelf import BundleShelf
from pdm.units import duration
from pdm.views import words
from pdm.views.asset import newest_readings
from pdm.views.fleet import DAY

SCORING_LEASE = "score_fleet"


@dataclass(frozen=True)
class ClassHealth:
    """One asset class. champion: version in charge, empty while there is none; stale: assets without fresh readings."""

    asset_class: str
    title: str
    assets: int
    champion: str
    newest: datetime | None
    newest_words: str
    stale: int


@dataclass(frozen=True)
class Health:
    """ok: nothing is stopped. problems: what is, in sentences."""

    ok: bool
    problems: tuple[str, ...]
    versions: Mapping[str, str]
    classes: tuple[ClassHealth, ...]
    scored_at: datetime | None
    scored_words: str
    open_alerts: int
    audit_entries: int
    lease_holder: str
    outbox_waiting: int
    now: datetime


def health(plant: Plant) -> Health:
    """The state of the platform, from its stores alone."""
    now = plant.clock.now()
    assets = read_assets(plant.history)
    stale_after = duration(plant.settings.stale_after)
    with plant.unit_of_work() as work:
        latest = work.assessments.latest()
        newest_entry = work.audit.list(limit=1)
        holder = work.leases.holder(SCORING_LEASE, now) or ""
        waiting = len(work.outbox.pending(1000, WORK_REQUEST))
        open_alerts = sum(alert.closed_at is None and alert.raised_at is not None for alert in work.alerts.list())
    counts: dict[str, int] = {}
    for asset in assets.values():
        counts[asset.asset_class] = counts.get(asset.asset_class, 0) + 1
    known = [plant.catalogue.asset_class(name) for name in sorted(counts) if name in plant.catalogue.classes]
    classes = tuple(_class_health(plant, found, counts[found.name], now, stale_after) for found in known)
    scored_at = max((item.as_of for item in latest), default=None)
    problems = _problems(plant, classes, scored_at, now)
    return Health(
        ok=not problems,
        problems=problems,
        versions={"plantpdm": version("plantpdm"), "python": platform.python_version()},
        classes=classes,
        scored_at=scored_at,
        scored_words=words.ago(scored_at, now),
        open_alerts=open_alerts,
        audit_entries=newest_entry[0].seq if newest_entry else 0,
        lease_holder=holder,
        outbox_waiting=waiting,
        now=now,
    )


def _class_health(
    plant: Plant, asset_class: AssetClass, assets: int, now: datetime, stale_after: timedelta
) -> ClassHealth:
    times = newest_readings(plant, asset_class)
    newest = max(times.values(), default=None)
    fresh = sum(now - moment <= stale_after for moment in times.values())
    return ClassHealth(
        asset_class=asset_class.name,
        title=asset_class.title,
        assets=assets,
        champion=BundleShelf(plant.workspace.bundles).alias(asset_class.name, "champion") or "",
        newest=newest,
        newest_words=words.ago(newest, now),
        stale=max(assets - fresh, 0),
    )


def _problems(
    plant: Plant, classes: tuple[ClassHealth, ...], scored_at: datetime | None, now: datetime
) -> tuple[str, ...]:
    problems = []
    for item in classes:
        if item.newest is None:
            problems.append(f"{item.title}: {words.plural(item.assets, 'asset')} and no readings yet")
        elif item.stale == item.assets:
            problems.append(f"{item.title}: no fresh readings, the newest came {item.newest_words}")
        if not item.champion and item.asset_class in plant.catalogue.models:
            problems.append(f"{item.title}: no model has been promoted")
    overdue = max(2 * duration(plant.settings.score_every), timedelta(hours=1))
    if scored_at is not None and plant.settings.scheduler != "none" and now - scored_at > min(overdue, DAY):
        problems.append(f"the fleet was last scored {words.ago(scored_at, now)}")
    return tuple(problems)
