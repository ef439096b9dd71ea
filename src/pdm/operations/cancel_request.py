"""Cancel a work request that has not left yet; its message is withdrawn with it."""

from __future__ import annotations

from dataclasses import replace

from pdm.audit.entry import AuditEntry
from pdm.errors import InputError
from pdm.operations._again import again
from pdm.operations._settle import settle
from pdm.ports import WORK_REQUEST, Plant
from pdm.work.request import RequestState, WorkRequest
from pdm.work.steps import step

_ALL = 1_000_000


def cancel_request(plant: Plant, request_id: str, *, by: str, why: str) -> WorkRequest:
    """Cancel a suggested or approved request; a case with nothing else open closes. Cancelling it again changes nothing.

    Raises:
        NotFound: no such request.
        IllegalTransition: the receiver has it already, or it is done.
        InputError: no name or no reason.
    """
    if not by.strip() or not why.strip():
        raise InputError("cancelling a work request needs a name and a reason", hint="say who cancels, and why")
    return again(lambda: _cancel(plant, request_id, by, why))


def _cancel(plant: Plant, request_id: str, by: str, why: str) -> WorkRequest:
    now = plant.clock.now()
    with plant.unit_of_work() as work:
        request = work.requests.get(request_id)
        if request.state is RequestState.CANCELLED:
            return request
        cancelled = work.requests.save(step(request, "cancel"))
        for message in [*work.outbox.pending(_ALL, WORK_REQUEST), *work.outbox.dead(_ALL, WORK_REQUEST)]:
            if message.key == request.external_ref:
                work.outbox.save(replace(message, sent_at=now, last_error=f"withdrawn by {by}: {why}"))
        details = {"from": request.state.value, "external_ref": request.external_ref}
        work.audit.append(AuditEntry(now, by, "cancel", f"request:{request.id}", why, details))
        settle(work, request.case_id, by=by, now=now)
        work.commit()
        return cancelled
