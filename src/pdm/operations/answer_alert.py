"""What people do with an alert: acknowledge, claim, assign, release, shelve, take out of service, close. Every step is audited."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from pdm.alerts.alert import OPEN_STATES, UNSPECIFIED, Alert, AlertState
from pdm.alerts.lifecycle import out_of_service, return_to_service, shelve, step
from pdm.audit.entry import AuditEntry
from pdm.errors import IllegalTransition, InputError, NotFound
from pdm.operations._again import again
from pdm.operations._settle import settle
from pdm.ports import Plant, UnitOfWork
from pdm.readings.registry import read_assets

Change = Callable[[Alert, datetime], Alert]


def acknowledge_alert(plant: Plant, alert_id: str, *, by: str, why: str = "") -> Alert:
    """Say that somebody has seen it. Acknowledging a returned alert answers it and closes it: that takes a reason.

    Raises:
        NotFound: no such alert.
        IllegalTransition: not possible from its state, which the message names.
    """

    def change(alert: Alert, now: datetime) -> Alert:
        if alert.state is AlertState.RETURNED:
            _reason(why, f"why alert {alert.id} went back")
        return step(alert, "acknowledge", now=now)

    return _answer(plant, alert_id, "acknowledge", change, by=by, why=why)


def claim_alert(plant: Plant, alert_id: str, *, by: str, why: str = "") -> Alert:
    """Take an alert as one's own.

    Raises:
        IllegalTransition: somebody else has it, or it is pending or closed.
    """

    def change(alert: Alert, now: datetime) -> Alert:
        if alert.owner not in ("", by):
            raise IllegalTransition(f"alert {alert.id} is {alert.owner}'s", hint="it has to be released first")
        return replace(step(alert, "claim", now=now), owner=by)

    return _answer(plant, alert_id, "claim", change, by=by, why=why)


def assign_alert(plant: Plant, alert_id: str, *, to: str, by: str, why: str = "") -> Alert:
    """Give an alert to somebody, whoever had it; both names stand in the audit.

    Raises:
        InputError: nobody is named.
        IllegalTransition: it is pending or closed.
    """
    if not to.strip():
        raise InputError(f"alert {alert_id} is to be assigned, but to nobody", hint="name a person, or release it")

    def change(alert: Alert, now: datetime) -> Alert:
        return replace(step(alert, "assign", now=now), owner=to.strip())

    return _answer(plant, alert_id, "assign", change, by=by, why=why, assigned_to=to.strip())


def release_alert(plant: Plant, alert_id: str, *, by: str, why: str = "") -> Alert:
    """Give an alert back to everybody; anyone may, because owners go on holiday.

    Raises:
        IllegalTransition: nobody has it, or it is pending or closed.
    """

    def change(alert: Alert, now: datetime) -> Alert:
        released = replace(step(alert, "release", now=now), owner="")
        if not alert.owner:
            raise IllegalTransition(f"alert {alert.id} is nobody's", hint="there is nothing to release")
        return released

    return _answer(plant, alert_id, "release", change, by=by, why=why)


def shelve_alert(plant: Plant, alert_id: str, *, by: str, why: str, until: datetime) -> Alert:
    """Put an alert aside until a moment in the next 92 days; it then comes back unacknowledged by itself.

    Raises:
        InputError: no reason, or an expiry that is past or too far away.
        IllegalTransition: not possible from its state.
    """

    def change(alert: Alert, now: datetime) -> Alert:
        return shelve(alert, until=until, reason=why, now=now)

    return _answer(plant, alert_id, "shelve", change, by=by, why=why, until=until.isoformat())


def unshelve_alert(plant: Plant, alert_id: str, *, by: str, why: str = "") -> Alert:
    """Bring a shelved alert back before its time.

    Raises:
        IllegalTransition: it is not shelved.
    """
    return _answer(plant, alert_id, "unshelve", lambda alert, now: step(alert, "unshelve", now=now), by=by, why=why)


def take_out_of_service(plant: Plant, asset: str, failure_mode: str, *, by: str, why: str) -> Alert:
    """Silence one suspicion of an asset until it is returned: its open alert, or whatever would be raised.

    This is a state of the alert, not of the machine: it is recorded, listed and counted like any other open alert.

    Raises:
        InputError: no name, no reason, or a failure mode that the class does not have.
        NotFound: no such asset.
        IllegalTransition: it is out of service already.
    """
    _named(by, "take out of service")
    _reason(why, f"why {failure_mode} of {asset} is taken out of service")
    record = read_assets(plant.history).get(asset)
    if record is None:
        raise NotFound(f"no asset {asset!r}", hint="`plantpdm assets` lists them")
    modes = [mode.name for mode in plant.catalogue.model(record.asset_class).failure_modes]
    if failure_mode not in (*modes, UNSPECIFIED):
        raise InputError(f"{record.asset_class} has no failure mode {failure_mode!r}", hint=", ".join(modes))

    def decide() -> Alert:
        now = plant.clock.now()
        with plant.unit_of_work() as work:
            before = work.alerts.open_for(asset, failure_mode)
            nth = len(work.alerts.list(asset=asset))
            after = work.alerts.save(out_of_service(before, asset, record.asset_class, failure_mode, now=now, nth=nth))
            steps = {"from": before.state.value if before else "normal", "to": after.state.value}
            work.audit.append(AuditEntry(now, by, "take out of service", f"alert:{after.id}", why, steps))
            work.commit()
            return after

    return again(decide)


def return_alert_to_service(plant: Plant, alert_id: str, *, by: str, why: str) -> Alert:
    """Let a suspicion disturb people again; one that was never raised is closed, and the next high score starts anew.

    Raises:
        InputError: no reason.
        IllegalTransition: it is not out of service.
    """

    def change(alert: Alert, now: datetime) -> Alert:
        _reason(why, f"why alert {alert.id} returns to service")
        return return_to_service(alert, now=now)

    return _answer(plant, alert_id, "return to service", change, by=by, why=why)


def close_alert(plant: Plant, alert_id: str, *, by: str, why: str) -> Alert:
    """End an alert without a verdict, with a reason; its case closes when nothing else is open in it.

    A verdict teaches the model, a closing by hand does not: prefer `record_verdict` when anybody has looked.

    Raises:
        InputError: no reason.
        IllegalTransition: it is pending or closed.
    """

    def change(alert: Alert, now: datetime) -> Alert:
        _reason(why, f"why alert {alert.id} is closed")
        return step(alert, "close", now=now)

    return _answer(plant, alert_id, "close", change, by=by, why=why)


def _answer(plant: Plant, alert_id: str, verb: str, change: Change, *, by: str, why: str, **details: str) -> Alert:
    _named(by, verb)
    return again(lambda: _take(plant, alert_id, verb, change, by, why, details))


def _take(plant: Plant, alert_id: str, verb: str, change: Change, by: str, why: str, details: dict[str, str]) -> Alert:
    now = plant.clock.now()
    with plant.unit_of_work() as work:
        before = work.alerts.get(alert_id)
        after = work.alerts.save(change(before, now))
        steps = {"from": before.state.value, "to": after.state.value}
        work.audit.append(AuditEntry(now, by, verb, f"alert:{alert_id}", why, steps | details))
        if after.owner != before.owner:
            _look_after(work, after)
        if after.state is AlertState.CLOSED and after.case_id:
            settle(work, after.case_id, by=by, now=now)
        work.commit()
        return after


def _look_after(work: UnitOfWork, alert: Alert) -> None:
    """A case is looked after by whoever has one of its open alerts; without anybody it is in the queue."""
    if not alert.case_id:
        return
    case = work.cases.get(alert.case_id)
    others = work.alerts.list(case_id=case.id, states=sorted(OPEN_STATES))
    owner = alert.owner or next((other.owner for other in others if other.owner and other.id != alert.id), "")
    if case.state == "open" and case.owner != owner:
        work.cases.save(replace(case, owner=owner))


def _named(by: str, verb: str) -> None:
    if not by.strip():
        raise InputError(f"to {verb} an alert needs a name", hint="say who you are")


def _reason(why: str, what: str) -> None:
    if not why.strip():
        raise InputError(f"nobody has said {what}", hint="give a reason")
