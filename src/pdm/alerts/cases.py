"""Cases: the alerts of one asset that are open together are one question to one engineer, not many messages."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from pdm.alerts.alert import OPEN_STATES, UNSPECIFIED, Alert, Case
from pdm.errors import IllegalTransition


def gather(case: Case | None, alert: Alert, *, mode_title: str, now: datetime) -> tuple[Case, Alert]:
    """Put a raised alert into the asset's open case, or open one for it.

    >>> from datetime import UTC, datetime
    >>> from pdm.alerts.alert import AlertState
    >>> now = datetime(2026, 1, 1, tzinfo=UTC)
    >>> alert = Alert("al-1", "P-101", "pump", "bearing_wear", AlertState.UNACKNOWLEDGED, now, now)
    >>> case, alert = gather(None, alert, mode_title="Bearing wear", now=now)
    >>> case.title, alert.case_id == case.id
    ('P-101: bearing wear', True)
    """
    if case is None:
        case = Case(
            id="ca-" + hashlib.sha256(alert.id.encode()).hexdigest()[:16],
            asset=alert.asset,
            asset_class=alert.asset_class,
            title=f"{alert.asset}: {suspected(alert.failure_mode, mode_title)}",
            opened_at=now,
        )
    return case, replace(alert, case_id=case.id)


def suspected(mode: str, title: str) -> str:
    """A failure mode inside a sentence."""
    if mode == UNSPECIFIED:
        return "failure of unknown kind"
    return title[:1].lower() + title[1:] if title else mode.replace("_", " ")


def settled(alerts: Iterable[Alert]) -> bool:
    """Whether a case has no open alert left."""
    return not any(alert.state in OPEN_STATES for alert in alerts)


def close(case: Case, *, now: datetime) -> Case:
    """The case, closed.

    Raises:
        IllegalTransition: it is closed already.
    """
    if case.state != "open":
        raise IllegalTransition(f"case {case.id} is closed already", hint="a new alert on this asset opens a new case")
    return replace(case, state="closed", closed_at=now)
