"""Ask the receiver how far its work has come: planners answer in their own system, and their no is feedback."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pdm.audit.entry import AuditEntry
from pdm.errors import InputError, PdmError
from pdm.operations._again import again
from pdm.operations.deliver_outbox import AWAY_AFTER
from pdm.ports import Plant, ReceiverStatus, UnitOfWork
from pdm.work.request import RequestState
from pdm.work.steps import step

VERB = "hear back"
_STEPS = {RequestState.REJECTED: "reject", RequestState.CANCELLED: "withdraw"}


@dataclass(frozen=True)
class PollReport:
    """How one round of asking went.

    changed: requests of which something new was heard. verdict_due: done over there, so that somebody should say here what was
    found. errors: requests that could not be asked about; they are asked about again next time.
    """

    asked: int = 0
    changed: int = 0
    rejected: int = 0
    verdict_due: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()


def poll_receiver(plant: Plant) -> PollReport:
    """Ask about every request that the receiver has accepted, and write down what is new.

    Rejected or cancelled over there: so it is here, with the reason in the audit; its case stays open for a verdict. Done over
    there: the request stays open until a verdict closes it, because a repair of which nobody says what was found teaches nothing.
    The same answer again changes nothing.
    """
    with plant.unit_of_work() as work:
        requests = [one for one in work.requests.list(states=[RequestState.ACCEPTED]) if one.receiver_number]
    changed = rejected = in_a_row = asked = 0
    due: list[str] = []
    errors: list[str] = []
    for request in requests:
        if in_a_row >= AWAY_AFTER:
            break
        asked += 1
        try:
            status = plant.receiver.status(request.receiver_number)
        except (PdmError, OSError) as error:
            errors.append(f"{request.receiver_number}: {error}")
            in_a_row = 0 if isinstance(error, InputError) else in_a_row + 1
            continue
        in_a_row = 0
        news, state = again(lambda request=request, status=status: _hear(plant, request.id, status))  # type: ignore[misc]  # mypy cannot infer lambdas with defaults
        changed += news
        rejected += news and state in _STEPS
        if status.state is RequestState.DONE and state is RequestState.ACCEPTED:
            due.append(request.id)
    return PollReport(asked, changed, rejected, tuple(due), tuple(errors))


def _hear(plant: Plant, request_id: str, status: ReceiverStatus) -> tuple[bool, RequestState]:
    """Write down what was heard, when it is new; and the state of the request after that."""
    heard = _details(plant, status)
    with plant.unit_of_work() as work:
        request = work.requests.get(request_id)
        if request.state is not RequestState.ACCEPTED or not (status.word or status.reason):
            return False, request.state
        if _last_heard(work, request_id) == heard:
            return False, request.state
        verb = _STEPS.get(status.state) if status.state else None
        saved = work.requests.save(step(request, verb)) if verb else request
        details = {**heard, "number": request.receiver_number}
        work.audit.append(
            AuditEntry(plant.clock.now(), "receiver", VERB, f"request:{request_id}", status.reason, details)
        )
        work.commit()
        return True, saved.state


def _details(plant: Plant, status: ReceiverStatus) -> dict[str, Any]:
    return {
        "receiver": plant.receiver.name,
        "says": status.word,
        "means": status.state.value if status.state else "",
        "reason": status.reason,
        "start": _text(status.start),
        "end": _text(status.end),
    }


def _last_heard(work: UnitOfWork, request_id: str) -> dict[str, Any]:
    entries = work.audit.list(subject=f"request:{request_id}")
    newest = next((entry.details for entry in entries if entry.verb == VERB), {})
    return {name: value for name, value in newest.items() if name != "number"}


def _text(moment: datetime | None) -> str:
    return "" if moment is None else moment.isoformat()
