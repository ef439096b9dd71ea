"""What people say about an alert, a case or a notice: append-only, so that the next shift reads what the last one knew."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Comment:
    """One remark. subject: `alert:<id>`, `case:<id>` or `notice:<id>`, as in the audit."""

    id: str
    subject: str
    at: datetime
    by: str
    text: str
