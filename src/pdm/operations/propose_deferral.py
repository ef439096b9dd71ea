"""Propose to do one preventive task later, to a named person who decides."""

from __future__ import annotations

from pdm.audit.entry import AuditEntry
from pdm.errors import Conflict, InputError
from pdm.operations._again import again
from pdm.operations.find_deferrals import find_deferrals
from pdm.ports import Plant
from pdm.work.deferral import Candidate, Deferral, deferral_id


def propose_deferral(plant: Plant, plan: str, asset: str, *, approver: str, by: str) -> Deferral:
    """Propose it. Proposing the same task again gives the proposal that is there.

    Raises:
        InputError: no names, or the approver is the one who proposes. Conflict: the task may not be deferred; says why.
    """
    if not by.strip() or not approver.strip():
        raise InputError("a proposal needs two names", hint="say who proposes, and who is asked to approve")
    if by.strip().casefold() == approver.strip().casefold():
        raise InputError(f"{by} cannot approve an own proposal", hint="name somebody else as approver")
    return again(lambda: _propose(plant, plan, asset, approver.strip(), by.strip()))


def _propose(plant: Plant, plan: str, asset: str, approver: str, by: str) -> Deferral:
    now = plant.clock.now()
    found = find_deferrals(plant)
    one = next((item for item in found.candidates if (item.task.plan, item.task.asset) == (plan, asset)), None)
    if one is None:
        reasons = [why for task, why in found.left_out if (task.plan, task.asset) == (plan, asset)]
        why = reasons[0] if reasons else "no such plan is due on it"
        raise Conflict(
            f"plan {plan} on {asset} may not be deferred: {why}", hint="the page of what can wait says what may"
        )
    with plant.unit_of_work() as work:
        known = next((item for item in work.deferrals.list() if item.id == deferral_id(one.task)), None)
        if known is not None:
            return known
        proposal = work.deferrals.save(_proposal(one, approver, by, plant))
        details = {"until": proposal.until.isoformat(), "risk": proposal.risk, "approver": approver}
        work.audit.append(AuditEntry(now, by, "propose deferral", f"deferral:{proposal.id}", one.task.text, details))
        work.commit()
        return proposal


def _proposal(one: Candidate, approver: str, by: str, plant: Plant) -> Deferral:
    task, now = one.task, plant.clock.now()
    return Deferral(
        id=deferral_id(task),
        source=task.source,
        plan=task.plan,
        asset=task.asset,
        text=task.text,
        due=task.due or now,
        until=one.until,
        risk=one.risk,
        state="proposed",
        approver=approver,
        proposed_by=by,
        proposed_at=now,
    )
