"""Decide about a proposal to defer: only the person who was asked may, and only while the machine is still well."""

from __future__ import annotations

from dataclasses import replace

from pdm.audit.entry import AuditEntry
from pdm.errors import Conflict, IllegalTransition, InputError
from pdm.operations._again import again
from pdm.operations.find_deferrals import find_deferrals
from pdm.ports import Plant
from pdm.work.deferral import Deferral, State, deferral_id


def decide_deferral(plant: Plant, deferral_id_: str, *, approve: bool, by: str, why: str = "") -> Deferral:
    """Approve or decline. Approving changes no plan: a planner moves the date in the maintenance system.

    Raises:
        NotFound: no such proposal. Conflict: somebody else was asked, or the task may no longer be deferred.
        IllegalTransition: it is decided. InputError: declining without a reason.
    """
    if not by.strip() or (not approve and not why.strip()):
        raise InputError("a decision needs a name, and declining a reason", hint="say who decides, and why")
    return again(lambda: _decide(plant, deferral_id_, approve, by.strip(), why))


def _decide(plant: Plant, key: str, approve: bool, by: str, why: str) -> Deferral:
    now = plant.clock.now()
    allowed = {deferral_id(one.task): one for one in find_deferrals(plant).candidates} if approve else {}
    with plant.unit_of_work() as work:
        proposal = work.deferrals.get(key)
        if proposal.approver.casefold() != by.casefold():
            raise Conflict(f"{proposal.approver} was asked to decide, not {by}", hint="propose it to somebody else")
        if proposal.state != "proposed":
            raise IllegalTransition(f"the proposal is {proposal.state} already", hint="propose the next due date")
        if approve and (key not in allowed or allowed[key].until < proposal.until):
            raise Conflict(
                "the task may no longer be deferred so far: the machine is worse, or the plan has changed",
                hint="decline it, or propose it anew for what is true now",
            )
        state: State = "approved" if approve else "declined"
        decided = work.deferrals.save(replace(proposal, state=state, decided_at=now, why=why))
        details = {
            "until": decided.until.isoformat(),
            "risk": decided.risk,
            "plan": decided.plan,
            "asset": decided.asset,
        }
        verb = "approve deferral" if approve else "decline deferral"
        work.audit.append(AuditEntry(now, by, verb, f"deferral:{key}", why, details))
        work.commit()
        return decided
