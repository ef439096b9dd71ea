"""Approve a work request: it goes to the outbox in the same transaction."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from pdm.audit.entry import AuditEntry
from pdm.errors import InputError
from pdm.operations._again import again
from pdm.ports import WORK_REQUEST, Message, Plant, UnitOfWork
from pdm.work.canonical import canonical_body
from pdm.work.request import RequestState, WorkRequest
from pdm.work.steps import step

_APPROVED_ALREADY = frozenset({RequestState.APPROVED, RequestState.SENT, RequestState.ACCEPTED})


def approve_request(plant: Plant, request_id: str, *, by: str, why: str = "") -> WorkRequest:
    """Approve a suggested request. Approving it again changes nothing and gives the same request.

    Raises:
        NotFound: no such request.
        IllegalTransition: it was cancelled, rejected or done.
    """
    if not by.strip():
        raise InputError("an approval needs a name", hint="say who approves")
    return again(lambda: _approve(plant, request_id, by, why))


def _approve(plant: Plant, request_id: str, by: str, why: str) -> WorkRequest:
    now = plant.clock.now()
    with plant.unit_of_work() as work:
        request = work.requests.get(request_id)
        if request.state in _APPROVED_ALREADY:
            return request
        work.audit.append(queue(work, request, by=by, why=why, now=now))
        work.commit()
        return work.requests.get(request_id)


def queue(
    work: UnitOfWork, request: WorkRequest, *, by: str, why: str, now: datetime, review: str = "reviewed"
) -> AuditEntry:
    """Approve inside a unit of work that is open: request and outbox row; the audit entry is handed back to be appended.

    review: what the receiver is told about it: `reviewed` here by a person, `draft`: review it there, `automatic`: no review asked.
    """
    told = replace(request, body=request.body | {"review": review})
    approved = work.requests.save(step(told, "approve"))
    work.outbox.add(
        Message(
            id=f"message-{approved.external_ref}",
            topic=WORK_REQUEST,
            key=approved.external_ref,
            body=canonical_body(approved),
            created_at=now,
        )
    )
    return AuditEntry(now, by, "approve", f"request:{request.id}", why, {"external_ref": request.external_ref})
