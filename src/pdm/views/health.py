"""Is the platform itself well: versions, models in charge, age of data, who scores, and how long the audit chain is."""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import version

from pdm.catalogue import AssetClass
from pdm.errors import StoreError
from pdm.ports import WORK_REQUEST, Message, Plant, UnitOfWork
from pdm.readings.registry import read_assets
from pdm.registry.shelf import BundleShelf
from pdm.units import duration
from pdm.views import words
from pdm.views.asset import newest_readings
from pdm.views.drift import drifting
from pdm.views.fleet import DAY
from pdm.views.rung import standing_of
from pdm.work.heartbeat import StagePulse, pulse

SCORING_LEASE = "score_fleet"


@dataclass(frozen=True)
class ClassHealth:
    """One asset class. champion: version in charge, empty while there is none; stale: assets without fresh readings.

    rung, owner, review_by: of the champion; overdue: that its review is due, in a sentence.
    """

    asset_class: str
    title: str
    assets: int
    champion: str
    newest: datetime | None
    newest_words: str
    stale: int
    rung: str = ""
    owner: str = ""
    review_by: datetime | None = None
    overdue: str = ""


@dataclass(frozen=True)
class DeadMessage:
    """A work request that was given up, until somebody replays it."""

    request: str
    asset: str
    title: str
    attempts: int
    since: str
    error: str


@dataclass(frozen=True)
class Health:
    """ok: nothing is stopped. problems: what is, in sentences. drift: models asked about another world than they know, in sentences."""

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
    stages: tuple[StagePulse, ...] = ()
    dead: tuple[DeadMessage, ...] = ()
    drift: tuple[str, ...] = ()


def health(plant: Plant) -> Health:
    """The state of the platform, from its stores alone."""
    now = plant.clock.now()
    with plant.unit_of_work() as work:
        latest = work.assessments.latest()
        newest_entry = work.audit.list(limit=1)
        holder = work.leases.holder(SCORING_LEASE, now) or ""
        beats = work.beats.list()
        dead = tuple(_dead(work, message, now) for message in work.outbox.dead(1000, WORK_REQUEST))
        waiting = len(work.outbox.pending(1000, WORK_REQUEST))
        drift = drifting(plant, work)
        open_alerts = sum(alert.closed_at is None and alert.raised_at is not None for alert in work.alerts.list())
    classes, unreadable = _classes(plant, now)
    scored_at = max((item.as_of for item in latest), default=None)
    stages = pulse(beats, every=duration(plant.settings.heartbeat_every), now=now)
    problems = (
        *unreadable,
        *(stage.sentence for stage in stages if stage.sentence),
        *_problems(plant, classes, scored_at, now),
    )
    if dead:
        problems += (f"{words.plural(len(dead), 'work request')} could not be handed over and waits for a replay",)
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
        stages=stages,
        dead=dead,
        drift=drift,
    )


def _classes(plant: Plant, now: datetime) -> tuple[tuple[ClassHealth, ...], tuple[str, ...]]:
    """The classes that have assets; and why the history cannot tell. This page must come up when nothing else does."""
    stale_after = duration(plant.settings.stale_after)
    try:
        counts = Counter(asset.asset_class for asset in read_assets(plant.history).values())
        known = [plant.catalogue.asset_class(name) for name in sorted(counts) if name in plant.catalogue.classes]
        return tuple(_class_health(plant, found, counts[found.name], now, stale_after) for found in known), ()
    except StoreError as error:
        return (), (f"the history of readings cannot be read: {error}",)


def _dead(work: UnitOfWork, message: Message, now: datetime) -> DeadMessage:
    request = work.requests.by_ref(message.key)
    return DeadMessage(
        request=request.id if request else message.key,
        asset=str(message.body.get("asset", "")),
        title=str(message.body.get("title", message.key)),
        attempts=message.attempts,
        since=words.ago(message.dead_at, now),
        error=message.last_error,
    )


def _class_health(
    plant: Plant, asset_class: AssetClass, assets: int, now: datetime, stale_after: timedelta
) -> ClassHealth:
    times = newest_readings(plant, asset_class)
    newest = max(times.values(), default=None)
    standing = standing_of(plant, asset_class.name)
    fresh = sum(now - moment <= stale_after for moment in times.values())
    return ClassHealth(
        asset_class=asset_class.name,
        title=asset_class.title,
        assets=assets,
        champion=BundleShelf(plant.workspace.bundles).alias(asset_class.name, "champion") or "",
        newest=newest,
        newest_words=words.ago(newest, now),
        stale=max(assets - fresh, 0),
        rung=standing.rung,
        owner=standing.owner,
        review_by=standing.review_by,
        overdue=standing.overdue,
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
        if item.overdue:
            problems.append(f"{item.title}: {item.overdue}")
    overdue = max(2 * duration(plant.settings.score_every), timedelta(hours=1))
    if scored_at is not None and plant.settings.scheduler != "none" and now - scored_at > min(overdue, DAY):
        problems.append(f"the fleet was last scored {words.ago(scored_at, now)}")
    return tuple(problems)
