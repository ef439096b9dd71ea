"""Alert and case: the two objects between a score and a piece of work.

An alert is one suspicion (asset, failure mode) with a life cycle; a case gathers the alerts of one asset that have a plausible
common cause. These are advisories for engineers, not operator alarms: the states follow ISA-18.2 because it is well thought out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

UNSPECIFIED = "unspecified"
"""The failure mode of an alert when the model cannot tell."""


class AlertState(StrEnum):
    """Where an alert is in its life. `NORMAL` (no alert) is the absence of an open one."""

    PENDING = "pending"  # seen, but not yet n of m: nobody is disturbed
    UNACKNOWLEDGED = "unacknowledged"
    ACKNOWLEDGED = "acknowledged"
    RETURNED = "returned"  # the score went back by itself: wear does not heal, so it waits for an answer
    SHELVED = "shelved"  # always with a reason and an expiry
    SUPPRESSED = (
        "suppressed"  # by design: while an interval is marked in which nobody is alerted (planned maintenance, a trial)
    )
    OUT_OF_SERVICE = "out of service"  # of the suspicion, not of the machine: until somebody returns it, with a reason
    CLOSED = "closed"


OPEN_STATES = frozenset(AlertState) - {AlertState.PENDING, AlertState.CLOSED}
QUIET_STATES = frozenset({AlertState.SHELVED, AlertState.SUPPRESSED, AlertState.OUT_OF_SERVICE})
"""Open, visible and counted, but silent: nobody is asked while they last."""


@dataclass(frozen=True)
class Alert:
    """One suspicion about one asset. At most one is open per (asset, failure mode).

    probability, remaining: as last assessed. evidence: JSON of the assessment that raised it (contributions, risks, flags).
    recent: the last m assessments at or above the threshold (newest last), which persistence and hysteresis count.
    repeat_of: id of the closed alert that this one follows.
    below_since: since when all limits are kept, which the off-delay counts from.
    escalated_at: when it was passed on because nobody had answered.
    """

    id: str
    asset: str
    asset_class: str
    failure_mode: str
    state: AlertState
    first_seen: datetime
    last_seen: datetime
    raised_at: datetime | None = None
    state_since: datetime | None = None
    probability: float = 0.0
    peak_probability: float = 0.0
    horizon: float = 0.0
    horizon_unit: str = "h"
    remaining: dict[str, Any] = field(default_factory=dict)
    recent: tuple[bool, ...] = ()
    evidence: dict[str, Any] = field(default_factory=dict)
    case_id: str = ""
    owner: str = ""
    shelved_until: datetime | None = None
    shelved_reason: str = ""
    repeat_of: str = ""
    bundle: str = ""
    closed_at: datetime | None = None
    below_since: datetime | None = None
    escalated_at: datetime | None = None
    version: int = 0

    @property
    def deviation(self) -> str:
        """What the watch list said about it when it was raised, in a sentence; empty where it said nothing."""
        said = [one for one in self.evidence.get("deviations", ()) if one["level"] > 0]
        mine = [one for one in said if one["mode"] == self.failure_mode] or said
        return str(mine[0]["sentence"]) if mine else ""


@dataclass(frozen=True)
class Case:
    """The alerts of one asset that belong together, and who looks after them."""

    id: str
    asset: str
    asset_class: str
    title: str
    opened_at: datetime
    state: str = "open"  # open, closed
    owner: str = ""
    closed_at: datetime | None = None
    version: int = 0
