"""The inbox: every alert that waits for people, the most urgent first, and what was closed lately."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pdm.alerts.alert import OPEN_STATES, Alert, AlertState
from pdm.catalogue import Axis
from pdm.ports import Plant
from pdm.readings.registry import Asset, read_assets
from pdm.views import words
from pdm.views.alert import alert_state

_CLOSED_SHOWN = 20
_ORDER = {
    AlertState.UNACKNOWLEDGED: 0,
    AlertState.RETURNED: 1,
    AlertState.ACKNOWLEDGED: 2,
    AlertState.SHELVED: 3,
    AlertState.CLOSED: 4,
}


@dataclass(frozen=True)
class InboxRow:
    """One alert in words."""

    alert: Alert
    description: str
    criticality: int
    mode: str
    risk: str
    rung: str
    since: str
    state: str


@dataclass(frozen=True)
class Inbox:
    """Open alerts by state and probability; closed ones newest first."""

    open: tuple[InboxRow, ...]
    closed: tuple[InboxRow, ...]


def inbox(plant: Plant) -> Inbox:
    """Every open alert of the plant, and the last twenty closed ones that anyone had seen."""
    now = plant.clock.now()
    assets = read_assets(plant.history)
    with plant.unit_of_work() as work:
        alerts = [alert for alert in work.alerts.list() if alert.raised_at is not None]
    waiting = sorted(
        (alert for alert in alerts if alert.state in OPEN_STATES),
        key=lambda alert: (_ORDER[alert.state], -alert.probability, alert.asset),
    )
    closed = sorted(
        (alert for alert in alerts if alert.state is AlertState.CLOSED),
        key=lambda alert: alert.closed_at or alert.last_seen,
        reverse=True,
    )
    return Inbox(
        tuple(_row(plant, alert, assets, now) for alert in waiting),
        tuple(_row(plant, alert, assets, now) for alert in closed[:_CLOSED_SHOWN]),
    )


def _row(plant: Plant, alert: Alert, assets: Mapping[str, Asset], now: datetime) -> InboxRow:
    asset = assets.get(alert.asset)
    found = plant.catalogue.classes.get(alert.asset_class)
    axis = found.axis if found else Axis()
    horizon = f"{words.percent(alert.probability)} within {words.horizon(alert.horizon, axis)}"
    return InboxRow(
        alert=alert,
        description=asset.description if asset else "",
        criticality=asset.criticality if asset else 3,
        mode=words.mode_title(alert.failure_mode, plant.catalogue.models.get(alert.asset_class)),
        rung=str(alert.evidence.get("rung", "")),
        risk=horizon if alert.horizon else _without_horizon(alert),
        since=words.ago(alert.raised_at, now),
        state=alert_state(alert, plant.settings.time_zone),
    )


def _without_horizon(alert: Alert) -> str:
    return alert.deviation if alert.deviation and not alert.remaining else "short remaining life"
