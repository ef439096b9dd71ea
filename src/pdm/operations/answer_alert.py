"""What people do with an alert: acknowledge, claim, release, shelve, unshelve, close. Every step is audited."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from pdm.alerts.alert import Alert, AlertState
from pdm.alerts.lifecycle import shelve, step
from pdm.audit.entry import AuditEntry
from pdm.errors import IllegalTransition, InputError
from pdm.operations._again import again
from pdm.operations._settle import settle
from pdm.ports import Plant

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
    if not by.strip():
        raise InputError(f"to {verb} an alert needs a name", hint="say who you are")
    return again(lambda: _take(plant, alert_id, verb, change, by, why, details))


def _take(plant: Plant, alert_id: str, verb: str, change: Change, by: str, why: str, details: dict[str, str]) -> Alert:
    now = plant.clock.now()
    with plant.unit_of_work() as work:
        before = work.alerts.get(alert_id)
        after = work.alerts.save(change(before, now))
        steps = {"from": before.state.value, "to": after.state.value}
        work.audit.append(AuditEntry(now, by, verb, f"alert:{alert_id}", why, steps | details))
        if after.state is AlertState.CLOSED and after.case_id:
            settle(work, after.case_id, by=by, now=now)
        work.commit()
        return after


def _reason(why: str, what: str) -> None:
    if not why.strip():
        raise InputError(f"nobody has said {what}", hint="give a reason")
