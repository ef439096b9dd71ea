"""The queue: every open case that nobody looks after, the most urgent first."""

from __future__ import annotations

from dataclasses import dataclass

from pdm.alerts.alert import OPEN_STATES, QUIET_STATES, Alert, AlertState, Case
from pdm.ports import Plant
from pdm.readings.registry import read_assets


@dataclass(frozen=True)
class QueuedCase:
    """One case without an owner. worst: its most probable open alert; None when only its work is still open."""

    case: Case
    criticality: int
    worst: Alert | None
    escalated: bool


def case_queue(plant: Plant) -> list[QueuedCase]:
    """Open cases without an owner: escalated ones first, then what is not silenced, by probability and criticality."""
    assets = read_assets(plant.history)
    with plant.unit_of_work() as work:
        waiting = [case for case in work.cases.list(state="open") if not case.owner]
        alerts: dict[str, list[Alert]] = {}
        for alert in work.alerts.list(states=sorted(OPEN_STATES)):
            alerts.setdefault(alert.case_id, []).append(alert)
    rows = [
        _row(case, alerts.get(case.id, []), assets[case.asset].criticality if case.asset in assets else 3)
        for case in waiting
    ]
    return sorted(rows, key=_urgency)


def _row(case: Case, alerts: list[Alert], criticality: int) -> QueuedCase:
    worst = max(alerts, key=lambda alert: (alert.state not in QUIET_STATES, alert.probability), default=None)
    return QueuedCase(case, criticality, worst, any(alert.escalated_at is not None for alert in alerts))


def _urgency(row: QueuedCase) -> tuple[bool, bool, float, int, str]:
    silent = row.worst is None or row.worst.state in QUIET_STATES or row.worst.state is AlertState.CLOSED
    return not row.escalated, silent, -(row.worst.probability if row.worst else 0.0), row.criticality, row.case.asset
