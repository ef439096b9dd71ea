"""The life of a work request on our side of the bridge: every legal step as a table."""

from __future__ import annotations

from dataclasses import replace

from pdm.errors import IllegalTransition
from pdm.work.request import RequestState, WorkRequest

SUGGESTED, APPROVED, SENT = RequestState.SUGGESTED, RequestState.APPROVED, RequestState.SENT
ACCEPTED, REJECTED = RequestState.ACCEPTED, RequestState.REJECTED
DONE, CANCELLED = RequestState.DONE, RequestState.CANCELLED

TRANSITIONS: dict[tuple[RequestState, str], RequestState] = {
    (SUGGESTED, "approve"): APPROVED,
    (SUGGESTED, "cancel"): CANCELLED,
    (APPROVED, "cancel"): CANCELLED,
    (APPROVED, "send"): SENT,
    (APPROVED, "accept"): ACCEPTED,
    (SENT, "accept"): ACCEPTED,
    (APPROVED, "reject"): REJECTED,
    (SENT, "reject"): REJECTED,
    (ACCEPTED, "reject"): REJECTED,  # the receiver's planner said no
    (ACCEPTED, "withdraw"): CANCELLED,  # it was cancelled over there
    (SUGGESTED, "finish"): DONE,
    (APPROVED, "finish"): DONE,
    (SENT, "finish"): DONE,
    (ACCEPTED, "finish"): DONE,
}


def allowed(state: RequestState) -> tuple[str, ...]:
    """The steps from `state`.

    >>> allowed(RequestState.SUGGESTED)
    ('approve', 'cancel', 'finish')
    """
    return tuple(name for source, name in TRANSITIONS if source is state)


def step(request: WorkRequest, name: str) -> WorkRequest:
    """Take one step.

    Raises:
        IllegalTransition: the table has no such step from the request's state.
    """
    target = TRANSITIONS.get((request.state, name))
    if target is None:
        hint = f"possible from here: {', '.join(allowed(request.state)) or 'nothing'}"
        if request.state in (SENT, ACCEPTED) and name == "cancel":
            hint = "the receiver has it: cancel it there, and record a verdict here"
        raise IllegalTransition(f"work request {request.id} is {request.state}: it cannot {name}", hint=hint)
    return replace(request, state=target)
