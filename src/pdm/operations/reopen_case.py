"""Open a closed case again, because the repair did not bring the machine back: its suspicions are raised anew by a person.

What was closed stays closed, with its verdict and its labels: a new case follows it, and its alerts name those that they repeat.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from pdm.alerts.alert import Alert, AlertState, Case
from pdm.alerts.cases import gather
from pdm.alerts.consider import evidence
from pdm.alerts.lifecycle import alert_id, step
from pdm.audit.entry import AuditEntry
from pdm.errors import IllegalTransition, InputError
from pdm.operations._again import again
from pdm.operations._telling import tell
from pdm.ports import Plant, UnitOfWork
from pdm.scoring.assessment import Assessment
from pdm.work.draft import mode_of


def reopen_case(plant: Plant, case_id: str, *, by: str, why: str) -> Case:
    """The case that follows a closed one: the same suspicions, on what the newest assessment says, waiting in the queue.

    No request is drafted: raise one from it when it is clear what is to be done.

    Raises:
        InputError: nobody's name, or no reason.
        NotFound: no such case.
        IllegalTransition: it is open, it ended without a verdict, or the asset has an open case already, its own follower among them.
    """
    if not by.strip() or not why.strip():
        raise InputError(
            f"to open case {case_id} again needs a name and a reason", hint="say who you are and what you see"
        )
    return again(lambda: _reopen(plant, case_id, by.strip(), why.strip(), plant.clock.now()))


def _reopen(plant: Plant, case_id: str, by: str, why: str, now: datetime) -> Case:
    with plant.unit_of_work() as work:
        before = work.cases.get(case_id)
        _refuse(work, before)
        newest = next(iter(work.assessments.latest(before.asset)), None)
        follower: Case | None = None
        entries: list[AuditEntry] = []
        alerts: list[Alert] = []
        nth = len(work.alerts.list(asset=before.asset))
        for closed in _suspicions(work.alerts.list(case_id=case_id)):
            alert = _raised(closed, work.alerts.open_for(closed.asset, closed.failure_mode), newest, now, nth)
            title = mode_of(plant.catalogue.model(before.asset_class), closed.failure_mode).title
            follower, alert = gather(follower, alert, mode_title=title, now=now)
            alerts.append(alert)
            said = {"asset": alert.asset, "failure_mode": alert.failure_mode, "probability": alert.probability}
            entries.append(AuditEntry(now, by, "raise", f"alert:{alert.id}", why, said | {"repeats": closed.id}))
        if follower is None:
            raise IllegalTransition(f"case {case_id} has no alert that was raised", hint="report the failure instead")
        entries.append(AuditEntry(now, by, "reopen", f"case:{case_id}", why, {"as": follower.id}))
        entries.append(AuditEntry(now, by, "open", f"case:{follower.id}", why, {"follows": case_id}))
        saved = work.cases.save(follower)
        for alert in alerts:
            work.alerts.save(alert)
        for entry in entries:
            work.audit.append(entry)
        tell(plant, work, entries)
        work.commit()
        return saved


def _refuse(work: UnitOfWork, case: Case) -> None:
    if case.state == "open":
        raise IllegalTransition(
            f"case {case.id} is open", hint="it needs no opening: say what was found, or raise a request"
        )
    if not work.verdicts.for_case(case.id):
        raise IllegalTransition(
            f"case {case.id} ended without a verdict: no repair is known that could have failed",
            hint="a new alert on this asset opens a new case; `plantpdm failure report` tells of a failure",
        )
    following = work.cases.open_for(case.asset)
    if following is not None:
        raise IllegalTransition(f"{case.asset} has an open case already: {following.id}", hint="go on there")


def _suspicions(alerts: Iterable[Alert]) -> list[Alert]:
    """The last alert of each failure mode that disturbed anybody, the most probable first: it gives the case its title."""
    last: dict[str, Alert] = {}
    for alert in sorted(alerts, key=lambda one: one.first_seen):
        if alert.raised_at is not None:
            last[alert.failure_mode] = alert
    return sorted(last.values(), key=lambda one: (-one.probability, one.failure_mode))


def _raised(closed: Alert, begun: Alert | None, newest: Assessment | None, now: datetime, nth: int) -> Alert:
    """The suspicion once more: the pending alert of it where scores have begun one, else a new one.

    Raises:
        IllegalTransition: somebody took this suspicion out of service.
    """
    seen = newest.as_of if newest is not None else now
    alert = begun or Alert(
        id=alert_id(closed.asset, closed.failure_mode, now, nth=nth),
        asset=closed.asset,
        asset_class=closed.asset_class,
        failure_mode=closed.failure_mode,
        state=AlertState.PENDING,
        first_seen=seen,
        last_seen=seen,
        probability=closed.probability,
        horizon=closed.horizon,
        horizon_unit=closed.horizon_unit,
    )
    if newest is not None:
        risk = next((one for one in newest.risks if one.mode == closed.failure_mode), None)
        if risk is not None:
            alert = replace(alert, probability=risk.probability, horizon=risk.horizon, horizon_unit=risk.unit)
        alert = replace(alert, evidence=evidence(newest), bundle=newest.bundle)
    alert = replace(
        alert, raised_at=now, repeat_of=closed.id, peak_probability=max(alert.peak_probability, alert.probability)
    )
    return step(alert, "raise", now=now)
