"""Raise a work request by hand, from a case."""

from __future__ import annotations

from pdm.alerts.alert import OPEN_STATES, Alert, Case
from pdm.audit.entry import AuditEntry
from pdm.errors import Conflict, IllegalTransition, InputError, NotFound
from pdm.operations._again import again
from pdm.operations._drafting import draft
from pdm.ports import Plant, UnitOfWork
from pdm.readings.registry import Asset, read_assets
from pdm.work.draft import external_ref
from pdm.work.request import OPEN_REQUESTS, WorkRequest


def raise_request(plant: Plant, case_id: str, *, by: str, failure_mode: str | None = None) -> WorkRequest:
    """Draft a request from an open case, for its most probable alert or the one of `failure_mode`; it waits for approval.

    Raising it again gives the same request, by whomever and however often.

    Raises:
        NotFound: no such case, or it has no open alert of this mode.
        IllegalTransition: the case is closed.
        Conflict: its request was cancelled, rejected or done.
    """
    if not by.strip():
        raise InputError("a work request needs a name", hint="say who asks for it")
    return again(lambda: _raise(plant, case_id, by, failure_mode))


def _raise(plant: Plant, case_id: str, by: str, failure_mode: str | None) -> WorkRequest:
    now = plant.clock.now()
    with plant.unit_of_work() as work:
        case = work.cases.get(case_id)
        if case.state != "open":
            raise IllegalTransition(f"case {case_id} is closed", hint="a new alert on this asset opens a new case")
        alert = _alert(work, case, failure_mode)
        existing = work.requests.by_ref(external_ref(case.id, alert.failure_mode))
        if existing is not None:
            return _usable(existing)
        asset = read_assets(plant.history, known_at=now).get(case.asset) or Asset(case.asset, case.asset_class)
        request = work.requests.save(draft(plant, case, alert, asset, plant.catalogue.model(case.asset_class), now=now))
        work.cases.save(case)  # so that a verdict given meanwhile is noticed: work never joins a closed case
        details = {"external_ref": request.external_ref, "case": case.id, "priority": request.priority}
        work.audit.append(AuditEntry(now, by, "raise", f"request:{request.id}", request.title, details))
        work.commit()
        return request


def _alert(work: UnitOfWork, case: Case, failure_mode: str | None) -> Alert:
    alerts = [
        alert
        for alert in work.alerts.list(case_id=case.id, states=sorted(OPEN_STATES))
        if failure_mode in (None, alert.failure_mode)
    ]
    if not alerts:
        kind = f" of {failure_mode}" if failure_mode else ""
        raise NotFound(f"case {case.id} has no open alert{kind}", hint="record a verdict, or wait for the next alert")
    return max(alerts, key=lambda alert: alert.probability)


def _usable(request: WorkRequest) -> WorkRequest:
    if request.state not in OPEN_REQUESTS:
        raise Conflict(
            f"the work request of this case is {request.state}", hint="record a verdict; a new alert opens a new case"
        )
    return request
