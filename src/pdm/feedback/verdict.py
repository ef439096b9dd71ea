"""What turned out to be true: as found and what was done, kept apart. *Averted* and *false* are derived, never typed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Outcome = Literal["confirmed", "averted", "early", "false", "undecided", "sensor fault", "process change"]


@dataclass(frozen=True)
class Verdict:
    """What people found and did about one case.

    inspected: whether the suspected item was opened or measured; without it nothing can be called false.
    found: what was wrong: `damage`, `nothing`, `sensor fault` or `process change`.
    severity: as found: `critical` (functional failure), `degraded`, `incipient`, or empty.
    action: `repaired`, `replaced`, `monitored` or `nothing`.
    restores: the repair made the item as good as new, so a new life begins.
    """

    id: str
    case_id: str
    asset: str
    by: str
    at: datetime  # when it was found
    recorded_at: datetime
    inspected: bool
    found: Literal["damage", "nothing", "sensor fault", "process change"]
    severity: str = ""
    failure_mode: str = ""
    maintainable_item: str = ""
    mechanism: str = ""
    cause: str = ""
    action: Literal["repaired", "replaced", "monitored", "nothing"] = "nothing"
    restores: bool = False
    actual_hours: float | None = None
    comment: str = ""
