"""Who did what when: one link of the append-only chain."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class AuditEntry:
    """One thing that happened. `hash` covers everything before it, so that a changed past is noticed.

    who: a person's name, or the name of a part of the platform (`scoring`). subject: `alert:<id>`, `model:pump`, `readings:P-101`.
    """

    at: datetime
    who: str
    verb: str
    subject: str
    why: str = ""
    details: dict[str, Any] = field(default_factory=dict)
    seq: int = 0
    previous: str = ""
    hash: str = ""
