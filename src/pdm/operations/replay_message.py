"""Give a message that was given up another life: somebody has mended what was in its way."""

from __future__ import annotations

from dataclasses import replace

from pdm.audit.entry import AuditEntry
from pdm.errors import Conflict, InputError
from pdm.operations._again import again
from pdm.ports import WORK_REQUEST, Message, Plant
from pdm.work.request import RequestState

_ALL = 1_000_000


def replay_message(plant: Plant, request_id: str, *, by: str) -> Message:
    """Make the message of a request due now, with all its attempts before it. One that waits is due at once.

    Its key stays the same, so the receiver recognises it when it has the request already.

    Raises:
        NotFound: no such request.
        Conflict: nothing of it waits: it has left, was withdrawn, or was never approved.
    """
    if not by.strip():
        raise InputError("a replay needs a name", hint="say who replays it")
    return again(lambda: _replay(plant, request_id, by))


def _replay(plant: Plant, request_id: str, by: str) -> Message:
    now = plant.clock.now()
    with plant.unit_of_work() as work:
        request = work.requests.get(request_id)
        waiting = [*work.outbox.dead(_ALL, WORK_REQUEST), *work.outbox.pending(_ALL, WORK_REQUEST)]
        message = next((one for one in waiting if one.key == request.external_ref), None)
        if message is None or request.state not in (RequestState.APPROVED, RequestState.SENT):
            raise Conflict(
                f"nothing of work request {request_id} waits: it is {request.state}",
                hint="`plantpdm requests outbox` lists what does",
            )
        due = replace(message, attempts=0, failure="", next_attempt_at=None, dead_at=None)
        work.outbox.save(due)
        details = {"attempts": message.attempts, "last_error": message.last_error}
        work.audit.append(AuditEntry(now, by, "replay", f"request:{request_id}", "", details))
        work.commit()
        return due
