"""Whose a case is: claim, assign and release it as a whole. Its open alerts go along, so that alerts and case never disagree."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from pdm.alerts.alert import OPEN_STATES, Alert, Case
from pdm.alerts.lifecycle import step
from pdm.audit.entry import AuditEntry
from pdm.errors import IllegalTransition, InputError
from pdm.operations._again import again
from pdm.ports import Plant

Rule = Callable[[Case, list[Alert]], str]
"""Case and its open alerts -> whose all of it is from now on; it refuses what may not be."""


def claim_case(plant: Plant, case_id: str, *, by: str, why: str = "") -> Case:
    """Take a case, with all that is open in it, as one's own.

    Raises:
        NotFound: no such case.
        IllegalTransition: it is closed, or somebody else has it or one of its alerts.
    """

    def rule(case: Case, alerts: list[Alert]) -> str:
        others = sorted({owner for owner in (case.owner, *(one.owner for one in alerts)) if owner not in ("", by)})
        if others:
            raise IllegalTransition(
                f"case {case.id} is {' and '.join(others)}'s", hint="it has to be released or assigned first"
            )
        return by

    return _answer(plant, case_id, "claim", rule, by=by, why=why)


def assign_case(plant: Plant, case_id: str, *, to: str, by: str, why: str = "") -> Case:
    """Give a case to somebody, whoever had it; both names stand in the audit.

    Raises:
        InputError: nobody is named.
        NotFound, IllegalTransition: no such case; it is closed.
    """
    if not to.strip():
        raise InputError(f"case {case_id} is to be assigned, but to nobody", hint="name a person, or release it")
    return _answer(plant, case_id, "assign", lambda _case, _alerts: to.strip(), by=by, why=why)


def release_case(plant: Plant, case_id: str, *, by: str, why: str = "") -> Case:
    """Put a case back into the queue; anyone may, because owners go on holiday.

    Raises:
        NotFound, IllegalTransition: no such case; it is closed, or nobody has it.
    """

    def rule(case: Case, alerts: list[Alert]) -> str:
        if not case.owner and not any(alert.owner for alert in alerts):
            raise IllegalTransition(f"case {case.id} is nobody's", hint="there is nothing to release")
        return ""

    return _answer(plant, case_id, "release", rule, by=by, why=why)


def _answer(plant: Plant, case_id: str, verb: str, rule: Rule, *, by: str, why: str) -> Case:
    if not by.strip():
        raise InputError(f"to {verb} a case needs a name", hint="say who you are")
    return again(lambda: _take(plant, case_id, verb, rule, by.strip(), why, plant.clock.now()))


def _take(plant: Plant, case_id: str, verb: str, rule: Rule, by: str, why: str, now: datetime) -> Case:
    with plant.unit_of_work() as work:
        case = work.cases.get(case_id)
        if case.state != "open":
            raise IllegalTransition(
                f"case {case_id} is closed: nobody can {verb} it", hint="a new alert on this asset opens a new case"
            )
        alerts = work.alerts.list(case_id=case_id, states=sorted(OPEN_STATES))
        owner = rule(case, alerts)
        saved = work.cases.save(replace(case, owner=owner))
        details = {"from": case.owner, "to": owner}
        work.audit.append(AuditEntry(now, by, verb, f"case:{case_id}", why, details))
        for alert in alerts:
            if alert.owner != owner:
                work.alerts.save(replace(step(alert, verb, now=now), owner=owner))
                details = {"case": case_id, "from": alert.owner, "to": owner}
                work.audit.append(AuditEntry(now, by, verb, f"alert:{alert.id}", why, details))
        work.commit()
        return saved
