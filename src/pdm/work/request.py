"""The work request: what a planner receives, in the canonical fields that every CMMS adapter maps."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class RequestState(StrEnum):
    """Where a request is. The CMMS owns the schedule; these are the states on our side of the bridge."""

    SUGGESTED = "suggested"  # drafted by the platform, waits for a reviewer
    APPROVED = "approved"  # goes to the outbox
    SENT = "sent"
    ACCEPTED = "accepted"  # the receiver gave it a number
    REJECTED = "rejected"
    DONE = "done"  # closed by a verdict
    CANCELLED = "cancelled"


OPEN_REQUESTS = frozenset({RequestState.SUGGESTED, RequestState.APPROVED, RequestState.SENT, RequestState.ACCEPTED})


@dataclass(frozen=True)
class WorkRequest:
    """One request for work on one asset, from one case.

    external_ref: idempotency key; the same case and mode always give the same one, so a repetition finds the first.
    priority: 1 (highest) to 4, from the site's own matrix.
    required_start, required_end: the window in which the work should happen; latest_safe: after it the risk is no longer accepted.
    body: JSON evidence for the reader (risks, remaining life, contributions, costs).
    """

    id: str
    external_ref: str
    case_id: str
    asset: str
    asset_class: str
    failure_mode: str
    title: str  # at most 40 characters, the shortest that a receiver allows
    text: str
    state: RequestState
    priority: int
    created_at: datetime
    required_start: datetime | None = None
    required_end: datetime | None = None
    latest_safe: datetime | None = None
    location: str = ""
    maintainable_item: str = ""
    detection: str = "condition monitoring"
    crafts: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    hours: float = 0.0
    stop_needed: bool = True
    receiver_number: str = ""
    reported_by: str = "plantpdm"
    body: dict[str, Any] = field(default_factory=dict)
    version: int = 0
