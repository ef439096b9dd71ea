"""The queue: every open case that nobody looks after, the most urgent first."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from pdm.alerts.alert import OPEN_STATES, QUIET_STATES, Alert, AlertState, Case
from pdm.ports import Plant
from pdm.readings.registry import read_assets


@dataclass(frozen=True)
class QueuedCase:
    """One open case. alerts: those open in it, the worst first; none when only its work is still open."""

    case: Case
    criticality: int
    alerts: tuple[Alert, ...]
    escalated: bool

    @property
    def worst(self) -> Alert | None:
        """Its most probable open alert, one that disturbs somebody before one that is silenced."""
        return self.alerts[0] if self.alerts else None


def case_queue(plant: Plant) -> list[QueuedCase]:
    """Open cases without an owner, the most urgent first."""
    return open_cases(plant, owners=("",))


def open_cases(plant: Plant, *, owners: Collection[str] | None = None) -> list[QueuedCase]:
    """Open cases (of these owners): escalated ones first, then what is not silenced, by probability and criticality."""
    assets = read_assets(plant.history)
    with plant.unit_of_work() as work:
        waiting = [case for case in work.cases.list(state="open") if owners is None or case.owner in owners]
        alerts: dict[str, list[Alert]] = {}
        for alert in work.alerts.list(states=sorted(OPEN_STATES)):
            alerts.setdefault(alert.case_id, []).append(alert)
    rows = [
        _row(case, alerts.get(case.id, []), assets[case.asset].criticality if case.asset in assets else 3)
        for case in waiting
    ]
    return sorted(rows, key=_urgency)


def _row(case: Case, alerts: list[Alert], criticality: int) -> QueuedCase:
    ranked = sorted(alerts, key=lambda one: (one.state in QUIET_STATES, -one.probability, one.failure_mode))
    return QueuedCase(case, criticality, tuple(ranked), any(one.escalated_at is not None for one in alerts))


def _urgency(row: QueuedCase) -> tuple[bool, bool, float, int, str]:
    silent = row.worst is None or row.worst.state in QUIET_STATES or row.worst.state is AlertState.CLOSED
    return not row.escalated, silent, -(row.worst.probability if row.worst else 0.0), row.criticality, row.case.asset
